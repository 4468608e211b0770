//! Checkpoints: a thawed run goes on bit for bit, and damaged bytes are refused, never misread.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails here has found something")]

use crate::common::files::{Raw, forged, opened, retensored};
use crate::common::runs::{config, config_with, digest, set, start, switch, train};
use crate::common::script::scattered;
use gatelab_engine::estimator::registry;
use gatelab_engine::schema::Range;
use gatelab_engine::schema::{Change, Value};
use gatelab_engine::training::Trainer;
use gatelab_engine::training::checkpoint::{self, CheckpointError};
use safetensors::tensor::Dtype;

/// Freezes, thaws, and lets both go on.
fn assert_goes_on(trainer: &mut Trainer<f32>, more: u64, what: &str) {
    let bytes = checkpoint::write(trainer, Some(0xABCD)).unwrap();
    let mut restored = checkpoint::read(&bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!(restored.data, Some(0xABCD));
    let thawed = &mut restored.trainer;
    assert_eq!(thawed.step_count(), trainer.step_count(), "{what}");
    assert_eq!(thawed.config(), trainer.config(), "{what}");
    assert_eq!(digest(thawed), digest(trainer), "{what}");
    assert_eq!(thawed.rates(), trainer.rates(), "{what}");
    assert_eq!(checkpoint::write(thawed, Some(0xABCD)).unwrap(), bytes, "the same bytes again: {what}");
    let until = trainer.step_count() + more;
    let (a, b) = (train(trainer, until), train(thawed, until));
    assert_eq!(a, b, "{what}");
    assert_eq!(digest(thawed), digest(trainer), "{what}");
}

#[test]
fn every_estimator_goes_on_from_any_step() {
    for (i, id) in registry::ids().into_iter().enumerate() {
        for seed in 0..3 {
            let mut trainer = start(config_with(id, &[("momentum", 0.4)]));
            train(&mut trainer, (40.0 * scattered(seed, i as u64)) as u64);
            assert_goes_on(&mut trainer, 12, id);
        }
        assert_goes_on(&mut start(config(id, 2)), 5, "at the start");
    }
}

/// What an estimator keeps is no less if it is set to the choices that aren't its first ones, or changed on the way.
#[test]
fn every_choice_of_every_estimator_goes_on() {
    for record in registry::RECORDS {
        for key in record.knobs {
            let Range::Choice(names) = key.range else { continue };
            for name in names {
                let mut config = config(record.id, 11);
                config.overrides.insert(key.name.to_owned(), Value::Choice((*name).to_owned()));
                let mut trainer = start(config);
                train(&mut trainer, 9);
                assert_goes_on(&mut trainer, 12, &format!("{}, {} = {name}", record.id, key.name));
            }
        }
    }
}

#[test]
fn changes_made_before_survive_and_those_ahead_still_come() {
    let mut config = config("st", 7);
    config.changes = vec![
        Change { step: 3, action: switch("reinforce-optimal") },
        Change { step: 8, action: set("lr", 0.3) },
        Change { step: 15, action: switch("noisy-rectifier") },
        Change { step: 15, action: set("lambda", 0.002) },
        Change { step: 22, action: switch("reinforce-mean") },
    ];
    // Every step, those at which a change is due included.
    for step in 0..25 {
        let mut trainer = start(config.clone());
        train(&mut trainer, step);
        assert_goes_on(&mut trainer, 10, &format!("at step {step}"));
    }
}

/// Freezing is not a change: the run that was frozen is the run that wasn't.
#[test]
fn freezing_does_not_disturb_a_run() {
    let mut config = config("reinforce-mean", 7);
    config.changes =
        vec![Change { step: 5, action: switch("rectifier") }, Change { step: 9, action: set("lambda", 0.01) }];
    let (mut left_alone, mut frozen) = (start(config.clone()), start(config));
    for step in 1..15 {
        checkpoint::write(&frozen, None).unwrap();
        train(&mut frozen, step);
        train(&mut left_alone, step);
        assert_eq!(digest(&frozen), digest(&left_alone), "step {step}");
    }
    assert_eq!(frozen.config(), left_alone.config());
}

/// The adaptive λ has digits that a decimal text loses; it comes back bit for bit.
#[test]
fn lambda_comes_back_bit_for_bit() {
    let mut trainer = start(config_with("rectifier", &[("start-rate", 0.9), ("lr", 1e-6)]));
    let before = trainer.lambda();
    for step in 1..60 {
        train(&mut trainer, step);
        let bytes = checkpoint::write(&trainer, None).unwrap();
        let thawed = checkpoint::read(&bytes).unwrap().trainer;
        assert_eq!(thawed.lambda().to_bits(), trainer.lambda().to_bits(), "λ = {:e}", trainer.lambda());
    }
    assert!(trainer.lambda() > 100.0 * before, "it has moved at every step");
}

/// Small enough to damage it everywhere.
fn small() -> Vec<u8> {
    let mut trainer = start(config_with(
        "reinforce-optimal",
        &[("gates", 2.0), ("units", 1.0), ("gater-hidden", 1.0), ("batch", 2.0)],
    ));
    train(&mut trainer, 5);
    checkpoint::write(&trainer, None).unwrap()
}

#[test]
fn cut_off_bytes_are_refused() {
    let bytes = small();
    let lengths = (0..400).chain((400..bytes.len()).step_by(97)).chain(bytes.len() - 20..bytes.len());
    for length in lengths {
        let message = checkpoint::read(&bytes[..length]).err().map(|error| error.to_string());
        let message = message.unwrap_or_else(|| panic!("{length} of {} bytes were taken", bytes.len()));
        assert!(message.contains("expected") && message.contains("found"), "{message}");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(checkpoint::read(&longer).is_err());
    longer.extend([0; 8]);
    assert!(checkpoint::read(&longer).is_err());
    assert!(checkpoint::read(&bytes).is_ok());
}

#[test]
fn a_flipped_bit_anywhere_is_refused() {
    let bytes = small();
    for at in (0..700).chain((700..bytes.len()).step_by(61)).chain(bytes.len() - 16..bytes.len()) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(checkpoint::read(&damaged).is_err(), "byte {at}");
    }
}

#[test]
fn other_versions_and_refused_configurations_are_named() {
    let bytes = small();
    assert!(checkpoint::read(&forged(&bytes, "\"seed\":7", "\"seed\":8")).is_ok(), "a forgery can be read");
    let refused = |from: &str, to: &str| checkpoint::read(&forged(&bytes, from, to)).err().unwrap();
    // The first version in the header is the layout's, the second the configuration's.
    let error = refused("{\"version\":5", "{\"version\":99");
    assert!(matches!(error, CheckpointError::Version { found: 99, .. }), "{error}");
    assert!(error.to_string().contains("99") && error.to_string().contains("version 5"), "{error}");
    // Also where its header holds other things.
    let older = forged(&forged(&bytes, "\"changes_in_force\":0,", ""), "{\"version\":5", "{\"version\":1");
    assert!(matches!(checkpoint::read(&older), Err(CheckpointError::Version { found: 1, .. })));
    let error = refused("\"config\":{\"version\":2", "\"config\":{\"version\":42");
    assert!(matches!(error, CheckpointError::Config(_)) && error.to_string().contains("42"), "{error}");
    let error = refused("\"reinforce-optimal\"", "\"nonsense\"");
    assert!(matches!(error, CheckpointError::Config(_)) && error.to_string().contains("nonsense"), "{error}");
    for (from, to) in [
        ("\"gates\":2.0", "\"gates\":3.0"),
        ("\"gates\":2.0", "\"gates\":8000.0"),
        ("\"reinforce-optimal\"", "\"st\""),
        ("\"units\":1.0", "\"units\":2.0"),
        ("\"train_examples\":2600", "\"train_examples\":1"),
        ("\"train_examples\":2600", "\"train_examples\":18446744073709551615"),
        ("\"lambda_bits\":", "\"lambda_bits\":9218868437227405312,\"was\":"),
    ] {
        let error = refused(from, to);
        assert!(error.to_string().contains("expected") || error.to_string().contains("refused"), "{error}");
    }
}

/// Files of the layouts before this one begin with a `C`.
#[test]
fn a_file_of_an_older_layout_is_refused_by_name() {
    let mut old = b"C\0\0\0\x09\0\0\0".to_vec();
    old.extend([0; 100]);
    let error = checkpoint::read(&old).err().unwrap();
    assert!(matches!(error, CheckpointError::Version { found: 4, known: 5 }), "{error}");
    assert!(error.to_string().contains("expected a checkpoint of version 5"), "{error}");
}

/// Of every tensor: wrong length, wrong type, a number that is not finite, absent, and one too many.
#[test]
fn a_tensor_that_does_not_fit_is_refused() {
    for id in registry::ids() {
        let mut trainer =
            start(config_with(id, &[("gates", 3.0), ("units", 2.0), ("gater-hidden", 2.0), ("batch", 4.0)]));
        train(&mut trainer, 3);
        let bytes = checkpoint::write(&trainer, None).unwrap();
        let names: Vec<String> = opened(&bytes).1.into_iter().map(|(name, ..)| name).collect();
        for name in &names {
            let refused = |what: &str, change: &dyn Fn(&mut Raw)| {
                let forged = retensored(&bytes, |tensors| tensors.iter_mut().filter(|t| t.0 == *name).for_each(change));
                let error = checkpoint::read(&forged).err().unwrap_or_else(|| panic!("{id}: {name}, {what}"));
                assert!(error.to_string().contains("found"), "{id}: {name}, {what}: {error}");
            };
            refused("longer", &|(_, _, shape, data)| {
                let rows = data.len() / shape[0].max(1);
                shape[0] += 1;
                data.extend(vec![0; if rows == 0 { 4 } else { rows }]);
            });
            refused("of integers", &|(_, dtype, ..)| *dtype = Dtype::I32);
            refused("with a NaN", &|(_, _, _, data)| data[..4].copy_from_slice(&f32::NAN.to_le_bytes()));
            refused("infinite", &|(_, _, _, data)| data[..4].copy_from_slice(&f32::INFINITY.to_le_bytes()));
            refused("under another name", &|(name, ..)| name.push('2'));
            let absent = retensored(&bytes, |tensors| tensors.retain(|(found, ..)| found != name));
            assert!(checkpoint::read(&absent).is_err(), "{id}: without {name}");
        }
        let more = retensored(&bytes, |tensors| tensors.push(("more".into(), Dtype::F32, vec![1], vec![0; 4])));
        assert!(checkpoint::read(&more).err().unwrap().to_string().contains("more"), "{id}");
    }
}

/// A step count beyond any run, with a right checksum, is refused or can be stepped: it doesn't panic.
#[test]
fn forged_step_counts_do_not_panic() {
    let bytes = small();
    for step in [u64::MAX, u64::MAX - 1, 1 << 60, 1 << 53, 10_000_000] {
        if let Ok(mut restored) = checkpoint::read(&forged(&bytes, "\"step\":5", &format!("\"step\":{step}"))) {
            for _ in 0..2 {
                let _ = restored.trainer.step(&crate::common::runs::DATA);
            }
            assert!(restored.trainer.epoch().is_finite());
        }
    }
}

#[test]
fn other_bytes_are_refused() {
    let mut long = u64::MAX.to_le_bytes().to_vec();
    long.extend(b"{{{{");
    let mut not_json = 4_u64.to_le_bytes().to_vec();
    not_json.extend(b"{{{{");
    let foreign = safetensors::serialize(Vec::<(String, safetensors::tensor::TensorView<'_>)>::new(), None).unwrap();
    for bytes in [&b""[..], b"C", b"C\0\0\0", b"{\"version\":1}", &[0xFF; 64], &[0; 4096], &long, &not_json, &foreign] {
        assert!(checkpoint::read(bytes).is_err());
    }
}

/// The length of an epoch is known before the first step, so that schedules stand where the run is.
#[test]
fn a_restored_run_knows_its_epoch_before_the_first_step() {
    let mut trainer = start(config_with("concrete", &[("anneal-epochs", 1.0)]));
    train(&mut trainer, 120);
    let restored = checkpoint::read(&checkpoint::write(&trainer, None).unwrap()).unwrap().trainer;
    assert!(restored.epoch() > 0.5 && restored.epoch().to_bits() == trainer.epoch().to_bits(), "{}", restored.epoch());
    let live = |trainer: &Trainer<f32>| trainer.live()[1];
    assert_eq!(live(&restored).to_bits(), live(&trainer).to_bits(), "the temperature stands where the run is");
}

/// Where Python has the package, it reads names, shapes, numbers and configuration.
#[test]
fn python_reads_a_checkpoint() {
    const SCRIPT: &str = r#"
import json, sys
from safetensors import safe_open
from safetensors.numpy import load_file
tensors = load_file(sys.argv[1])
weight = tensors["experts.weight"]
with safe_open(sys.argv[1], "np") as file:
    run = json.loads(file.metadata()["gatelab"])
print(*weight.shape, weight.dtype, weight[406, 3].tobytes().hex(), run["step"], run["config"]["estimator"])
"#;
    let python = |arguments: &[&str]| std::process::Command::new("python3").args(arguments).output();
    if !python(&["-c", "import safetensors.numpy"]).is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: python3 has no package safetensors with numpy");
        return;
    }
    let mut trainer = start(config_with("reinforce-mean", &[("gates", 20.0)]));
    train(&mut trainer, 5);
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("python.safetensors");
    std::fs::write(&path, checkpoint::write(&trainer, None).unwrap()).unwrap();
    let output = python(&["-c", SCRIPT, path.to_str().unwrap()]).unwrap();
    // The bytes in the order of the file, as one hexadecimal number.
    let weight = trainer.parameters().experts.weight[(406, 3)].to_bits().swap_bytes();
    let expected = format!("784 40 float32 {weight:08x} 5 reinforce-mean");
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(said.trim(), expected, "{}", String::from_utf8_lossy(&output.stderr));
}
