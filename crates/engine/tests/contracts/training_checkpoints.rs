//! Checkpoints: a thawed run goes on bit for bit, and damaged bytes are refused, never misread.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails here has found something")]

use crate::common::runs::{config, config_with, digest, set, start, switch, train};
use crate::common::script::scattered;
use gatelab_engine::estimator::registry;
use gatelab_engine::schema::Range;
use gatelab_engine::schema::{Change, Value};
use gatelab_engine::training::Trainer;
use gatelab_engine::training::checkpoint::{self, CheckpointError};
use gatelab_kernels::Digest;

/// Freezes, thaws, and lets both go on.
fn assert_goes_on(trainer: &mut Trainer<f32>, more: u64, what: &str) {
    let bytes = checkpoint::write(trainer, 3, Some(0xABCD)).unwrap();
    let mut restored = checkpoint::read(&bytes).unwrap_or_else(|error| panic!("{what}: {error}"));
    assert_eq!((restored.run, restored.data), (3, Some(0xABCD)));
    let thawed = &mut restored.trainer;
    assert_eq!(thawed.step_count(), trainer.step_count(), "{what}");
    assert_eq!(thawed.config(), trainer.config(), "{what}");
    assert_eq!(digest(thawed), digest(trainer), "{what}");
    assert_eq!(thawed.rates(), trainer.rates(), "{what}");
    assert_eq!(checkpoint::write(thawed, 3, Some(0xABCD)).unwrap(), bytes, "the same bytes again: {what}");
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
        checkpoint::write(&mut frozen, 0, None).unwrap();
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
        let bytes = checkpoint::write(&mut trainer, 0, None).unwrap();
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
    checkpoint::write(&mut trainer, 9, None).unwrap()
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

/// Replaces text in the header, and puts length and checksum right, as a later or a hostile program would.
fn forged(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    let length = u32::from_le_bytes(bytes[16..20].try_into().unwrap()) as usize;
    let json = String::from_utf8(bytes[20..20 + length].to_vec()).unwrap();
    assert!(json.contains(from), "{from} in {json}");
    let json = json.replacen(from, to, 1);
    let mut out = bytes[..16].to_vec();
    out.extend((json.len() as u32).to_le_bytes());
    out.extend(json.as_bytes());
    out.extend(&bytes[20 + length..bytes.len() - 8]);
    sealed(out)
}

/// Appends the checksum: words of eight bytes, little-endian, then the bytes left over.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut digest = Digest::default();
    let words = bytes.chunks_exact(8);
    let rest = words.remainder();
    words.for_each(|word| digest.word(u64::from_le_bytes(word.try_into().unwrap())));
    digest.bytes(rest);
    bytes.extend(digest.value().to_le_bytes());
    bytes
}

#[test]
fn other_versions_and_refused_configurations_are_named() {
    let bytes = small();
    assert!(checkpoint::read(&forged(&bytes, "\"seed\":7", "\"seed\":8")).is_ok(), "a forgery can be read");
    let refused = |from: &str, to: &str| checkpoint::read(&forged(&bytes, from, to)).err().unwrap();
    // The first version in the header is the layout's, the second the configuration's.
    let error = refused("{\"version\":4", "{\"version\":99");
    assert!(matches!(error, CheckpointError::Version { found: 99, .. }), "{error}");
    assert!(error.to_string().contains("99") && error.to_string().contains("version 4"), "{error}");
    // Also where its header holds other things.
    let older = forged(&forged(&bytes, "\"in_force\":0,", ""), "{\"version\":4", "{\"version\":1");
    assert!(matches!(checkpoint::read(&older), Err(CheckpointError::Version { found: 1, .. })));
    let error = refused("\"config\":{\"version\":1", "\"config\":{\"version\":42");
    assert!(matches!(error, CheckpointError::Config(_)) && error.to_string().contains("42"), "{error}");
    let error = refused("\"reinforce-optimal\"", "\"nonsense\"");
    assert!(matches!(error, CheckpointError::Config(_)) && error.to_string().contains("nonsense"), "{error}");
    for (from, to) in [
        ("\"gates\":2.0", "\"gates\":3.0"),
        ("\"gates\":2.0", "\"gates\":8000.0"),
        ("\"reinforce-optimal\"", "\"st\""),
        ("\"memory\":[2,2]", "\"memory\":[2]"),
        ("\"memory\":[2,2]", "\"memory\":[2,3]"),
        ("\"memory\":[2,2]", "\"memory\":[4000000000,2]"),
        ("\"memory\":[2,2]", "\"memory\":[18446744073709551615,2]"),
        ("\"units\":1.0", "\"units\":2.0"),
    ] {
        let error = refused(from, to);
        assert!(error.to_string().len() > 20, "{error}");
    }
}

/// A step count beyond any run, with a right checksum, is refused or can be stepped: it doesn't panic.
#[test]
fn forged_step_counts_do_not_panic() {
    let bytes = small();
    for step in [u64::MAX, u64::MAX - 1, 1 << 60, 1 << 53, 10_000_000] {
        let mut forged = bytes[..bytes.len() - 8].to_vec();
        forged[8..16].copy_from_slice(&step.to_le_bytes());
        if let Ok(mut restored) = checkpoint::read(&sealed(forged)) {
            for _ in 0..2 {
                let _ = restored.trainer.step(&crate::common::runs::DATA);
            }
            assert!(restored.trainer.epoch().is_finite());
        }
    }
}

#[test]
fn other_bytes_are_refused() {
    for bytes in [&b""[..], b"C", b"C\0\0\0", b"{\"version\":1}", &[0xFF; 64], &[0; 4096]] {
        assert!(checkpoint::read(bytes).is_err());
    }
    // A header longer than the bytes, and one that isn't JSON.
    let mut long = b"C\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0".to_vec();
    long.extend(u32::MAX.to_le_bytes());
    assert!(checkpoint::read(&long).is_err());
    long.truncate(16);
    long.extend(4_u32.to_le_bytes());
    long.extend(b"{{{{");
    assert!(checkpoint::read(&sealed(long)).is_err());
}
