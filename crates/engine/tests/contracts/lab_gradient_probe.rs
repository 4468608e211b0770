//! The gradient probe on small networks that learned stroke digits: exact against averaged references, unbiased estimators inside
//! their error bars and biased ones outside, snapshots written and read.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails here has found something")]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use gatelab_engine::data::{Dataset, Split, strokes};
use gatelab_engine::estimator::{Bias, registry};
use gatelab_engine::lab::{GradientProbe, ReferenceGradient, Snapshot, SnapshotError, snapshot};
use gatelab_engine::schema::{DataChoice, RunConfig, Value};
use gatelab_engine::training::Trainer;

fn digits() -> &'static Dataset {
    static DIGITS: OnceLock<Dataset> = OnceLock::new();
    DIGITS.get_or_init(|| {
        let mut set = strokes::dataset();
        strokes::grow(&mut set, Split::Train, 2000).unwrap();
        strokes::grow(&mut set, Split::Valid, 100).unwrap();
        set
    })
}

fn trainer(estimator: &str, gates: f64, steps: u64, more: &[(&str, Value)]) -> Trainer<f32> {
    let mut overrides: BTreeMap<String, Value> = more.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
    for (key, value) in [("gates", gates), ("units", 3.0), ("gater-hidden", 8.0), ("target", 0.3), ("start-rate", 0.3)]
    {
        overrides.insert(key.to_owned(), Value::Number(value));
    }
    let config =
        RunConfig { estimator: estimator.to_owned(), data: DataChoice::Strokes, overrides, ..RunConfig::default() };
    let mut trainer = Trainer::new(config).unwrap();
    for _ in 0..steps {
        trainer.step(digits()).unwrap();
    }
    trainer
}

fn frozen(estimator: &str, gates: f64, count: usize) -> Snapshot {
    let bytes = snapshot::write(&mut trainer(estimator, gates, 30, &[]), digits(), count).unwrap();
    snapshot::read(&bytes).unwrap()
}

fn measure(snapshot: &Snapshot, ids: &[&str], draws: u64) -> GradientProbe {
    let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let mut probe = GradientProbe::new(snapshot, &ids, 5).unwrap();
    while probe.samples() < draws && probe.advance() {}
    probe
}

#[test]
fn few_gates_are_enumerated_and_many_are_averaged_to_the_same() {
    let snapshot = frozen("st-sigmoid", 10.0, 4);
    let probe = measure(&snapshot, &["reinforce"], 1);
    let ReferenceGradient::Exact(exact) = probe.bernoulli() else { panic!("ten gates are few") };
    // Local expectations, which are what many gates are averaged over, agree with the enumeration.
    let probe = measure(&snapshot, &["leg"], 4000);
    let row = &probe.rows()[0];
    let bias = row.metrics.relative_bias_squared.unwrap();
    assert!(bias.value.abs() < 4.0 * bias.error, "{bias:?}");
    assert!(row.metrics.cosine_of_mean > 0.999, "{}", row.metrics.cosine_of_mean);
    assert_eq!(exact.len(), 40);
    let many = measure(&frozen("st-sigmoid", 20.0, 4), &["reinforce"], 40);
    assert!(matches!(many.bernoulli(), ReferenceGradient::Averaged(_)) && many.bernoulli().relative_error() < 0.2);
}

/// Every estimator of the registry, each compared with the gradient of the objective it samples.
#[test]
fn unbiased_estimators_lie_within_their_error_bars_and_straight_through_does_not() {
    let snapshot = frozen("st-sigmoid", 6.0, 8);
    let ids: Vec<&str> = registry::ids();
    let probe = measure(&snapshot, &ids, 1500);
    for row in probe.rows() {
        let record = registry::record(&row.estimator).unwrap();
        let bias = row.metrics.relative_bias_squared.unwrap();
        assert!(bias.error.is_finite() && row.metrics.multiply_adds > 0.0, "{}", row.estimator);
        if record.bias != Bias::Biased {
            // In a few dozen rows, four standard errors still occur by chance.
            assert!(bias.value.abs() < 4.0 * bias.error + 1e-6, "{}: {bias:?}", row.estimator);
        }
        if record.bias == Bias::Unbiased {
            assert!(row.distance_to_bernoulli.is_none(), "{} samples Bernoulli gates", row.estimator);
        }
        if row.estimator == "st" || row.estimator == "st-sigmoid" {
            assert!(bias.value > 5.0 * bias.error, "{}: {bias:?}", row.estimator);
        }
    }
}

#[test]
fn probing_leaves_the_run_alone_and_repeats_itself() {
    let mut run = trainer("reinforce-mean", 8.0, 25, &[]);
    let before = run.parameters().digest().hex();
    let bytes = snapshot::write(&mut run, digits(), 5).unwrap();
    let snapshot = snapshot::read(&bytes).unwrap();
    assert_eq!(snapshot.trainer.step_count(), 25);
    assert!((snapshot.epoch - run.epoch()).abs() < 1e-12);
    assert_eq!(snapshot.state, run.estimator_state());
    let first = measure(&snapshot, &["reinforce-mean", "st"], 30).rows();
    assert_eq!(first, measure(&snapshot, &["reinforce-mean", "st"], 30).rows());
    assert_eq!(before, run.parameters().digest().hex());
    run.step(digits()).unwrap();
}

#[test]
fn damaged_snapshots_are_refused() {
    let bytes = snapshot::write(&mut trainer("st", 4.0, 2, &[]), digits(), 3).unwrap();
    assert!(snapshot::read(&bytes).is_ok());
    for cut in [0, 3, 19, 20, 500, bytes.len() - 1] {
        assert!(snapshot::read(&bytes[..cut]).is_err(), "cut to {cut}");
    }
    let mut wrong = bytes.clone();
    wrong[0] = b'X';
    assert!(snapshot::read(&wrong).is_err());
    let mut label = bytes;
    let at = label.len() - 3 * 785;
    label[at] = 77;
    assert!(matches!(snapshot::read(&label), Err(SnapshotError::Label { classes: 10, found: 77 })));
}

/// A snapshot without digits is refused when it is written, in words that say what is missing.
#[test]
fn a_snapshot_needs_digits() {
    let error = snapshot::write(&mut trainer("st", 4.0, 2, &[]), digits(), 0).unwrap_err();
    assert!(matches!(error, SnapshotError::NoDigits), "{error}");
}
