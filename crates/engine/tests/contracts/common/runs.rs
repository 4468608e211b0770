//! Small runs on stroke digits.

use std::sync::LazyLock;

use gatelab_engine::data::{Dataset, DatasetKind, Split, strokes};
use gatelab_engine::schema::{Action, DataChoice, RunConfig, Value};
use gatelab_engine::training::{StepReport, Trainer};

/// Sizes of the splits: a first shard of 2,000 training digits and a second one.
pub(crate) const SIZES: [usize; 3] = [2_600, 700, 100];

/// Stroke digits, all here.
pub(crate) static DATA: LazyLock<Dataset> = LazyLock::new(|| partly(SIZES[0]));

/// The same set of which only this many training digits have arrived.
pub(crate) fn partly(train: usize) -> Dataset {
    let mut data = Dataset::planned(DatasetKind::Strokes, SIZES);
    append(&mut data, Split::Train, train);
    append(&mut data, Split::Valid, SIZES[1]);
    append(&mut data, Split::Test, SIZES[2]);
    data
}

/// Appends the next digits of a split up to this many.
pub(crate) fn append(data: &mut Dataset, split: Split, until: usize) {
    let here = data.split(split).len();
    let (labels, pixels) = strokes::generate(strokes::SEED, split, here..until);
    data.split_mut(split).append(&labels, &pixels).unwrap();
}

/// A network of a few gates, so that a step takes a fraction of a millisecond.
pub(crate) fn config(estimator: &str, seed: u64) -> RunConfig {
    let small = [("gates", 10.0), ("units", 2.0), ("gater-hidden", 6.0), ("batch", 16.0)];
    let overrides = small.map(|(key, value)| (key.to_owned(), Value::Number(value))).into();
    RunConfig { estimator: estimator.into(), seed, data: DataChoice::Strokes, overrides, ..RunConfig::default() }
}

/// The same with more settings.
pub(crate) fn config_with(estimator: &str, more: &[(&str, f64)]) -> RunConfig {
    let mut config = config(estimator, 7);
    config.overrides.extend(more.iter().map(|(key, value)| ((*key).to_owned(), Value::Number(*value))));
    config
}

/// A run at its start.
pub(crate) fn start(config: RunConfig) -> Trainer<f32> {
    Trainer::new(config).unwrap_or_else(|error| panic!("{error}"))
}

/// Does steps until this many are done.
pub(crate) fn train(trainer: &mut Trainer<f32>, until: u64) -> Vec<StepReport> {
    (trainer.step_count()..until).map(|_| trainer.step(&DATA).unwrap_or_else(|error| panic!("{error}"))).collect()
}

/// Fingerprint of the parameters and λ.
pub(crate) fn digest(trainer: &Trainer<f32>) -> (u64, u64) {
    (trainer.parameters().digest().value(), trainer.lambda().to_bits())
}

/// A live setting takes a number.
pub(crate) fn set(key: &str, value: f64) -> Action {
    Action::Set(key.to_owned(), Value::Number(value))
}

/// Another estimator.
pub(crate) fn switch(id: &str) -> Action {
    Action::Estimator(id.to_owned())
}
