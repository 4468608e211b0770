//! The microscope on small networks that learned stroke digits: exact against averaged references, unbiased estimators inside
//! their error bars and biased ones outside, frozen networks there and back.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that fails here has found something")]

use std::collections::BTreeMap;
use std::sync::OnceLock;

use gatelab_engine::data::{Dataset, Split, strokes};
use gatelab_engine::estimator::{Bias, registry};
use gatelab_engine::lab::{Microscope, Reference, Specimen, specimen};
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

fn frozen(estimator: &str, gates: f64, count: usize) -> Specimen {
    let bytes = specimen::freeze(&mut trainer(estimator, gates, 30, &[]), digits(), count).unwrap();
    specimen::thaw(&bytes).unwrap()
}

fn look(specimen: &Specimen, ids: &[&str], draws: u64) -> Microscope {
    let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let mut scope = Microscope::new(specimen, &ids, 5).unwrap();
    while scope.samples() < draws && scope.advance() {}
    scope
}

#[test]
fn few_gates_are_enumerated_and_many_are_averaged_to_the_same() {
    let specimen = frozen("st-sigmoid", 10.0, 4);
    let scope = look(&specimen, &["reinforce"], 1);
    let Reference::Exact(exact) = scope.bernoulli() else { panic!("ten gates are few") };
    // Local expectations, which are what many gates are averaged over, agree with the enumeration.
    let scope = look(&specimen, &["leg"], 4000);
    let row = &scope.rows()[0];
    let bias = row.metrics.relative_bias_squared.unwrap();
    assert!(bias.value.abs() < 4.0 * bias.error, "{bias:?}");
    assert!(row.metrics.cosine_of_mean > 0.999, "{}", row.metrics.cosine_of_mean);
    assert_eq!(exact.len(), 40);
    let many = look(&frozen("st-sigmoid", 20.0, 4), &["reinforce"], 40);
    assert!(matches!(many.bernoulli(), Reference::Averaged(_)) && many.bernoulli().relative_error() < 0.2);
}

/// Every estimator of the registry, each against the gradient of the objective it samples.
#[test]
fn unbiased_estimators_lie_within_their_error_bars_and_straight_through_does_not() {
    let specimen = frozen("st-sigmoid", 6.0, 8);
    let ids: Vec<&str> = registry::ids();
    let scope = look(&specimen, &ids, 1500);
    for row in scope.rows() {
        let record = registry::record(&row.estimator).unwrap();
        let bias = row.metrics.relative_bias_squared.unwrap();
        assert!(bias.error.is_finite() && row.metrics.multiply_adds > 0.0, "{}", row.estimator);
        if record.bias != Bias::Biased {
            // A few dozen rows are looked at: four errors are still chance.
            assert!(bias.value.abs() < 4.0 * bias.error + 1e-6, "{}: {bias:?}", row.estimator);
        }
        if record.bias == Bias::Unbiased {
            assert!(row.distance_to_bernoulli.is_none(), "{} samples plain coins", row.estimator);
        }
        if row.estimator == "st" || row.estimator == "st-sigmoid" {
            assert!(bias.value > 5.0 * bias.error, "{}: {bias:?}", row.estimator);
        }
    }
}

#[test]
fn looking_changes_nothing_and_looking_again_shows_the_same() {
    let mut run = trainer("reinforce-mean", 8.0, 25, &[]);
    let before = run.parameters().digest().hex();
    let bytes = specimen::freeze(&mut run, digits(), 5).unwrap();
    let specimen = specimen::thaw(&bytes).unwrap();
    assert_eq!(specimen.trainer.step_count(), 25);
    assert!((specimen.epoch - run.epoch()).abs() < 1e-12);
    assert_eq!(specimen.memory, run.estimator_memory());
    let first = look(&specimen, &["reinforce-mean", "st"], 30).rows();
    assert_eq!(first, look(&specimen, &["reinforce-mean", "st"], 30).rows());
    assert_eq!(before, run.parameters().digest().hex());
    run.step(digits()).unwrap();
}

#[test]
fn damaged_specimens_are_refused() {
    let bytes = specimen::freeze(&mut trainer("st", 4.0, 2, &[]), digits(), 3).unwrap();
    assert!(specimen::thaw(&bytes).is_ok());
    for cut in [0, 3, 19, 20, 500, bytes.len() - 1] {
        assert!(specimen::thaw(&bytes[..cut]).is_err(), "cut to {cut}");
    }
    let mut wrong = bytes.clone();
    wrong[0] = b'X';
    assert!(specimen::thaw(&wrong).is_err());
    let mut label = bytes;
    let at = label.len() - 3 * 785;
    label[at] = 77;
    assert!(specimen::thaw(&label).is_err());
}
