//! The bits of 200 steps with every estimator: an oracle for changes that are not meant to change any number.
#![allow(clippy::unwrap_used, reason = "a test that fails by panicking is a test")]

use std::fmt::Write as _;

use gatelab_engine::data::{Dataset, Split, strokes};
use gatelab_engine::estimator::registry;
use gatelab_engine::schema::{DataChoice, Preset, RunConfig, Value};
use gatelab_engine::training::Trainer;

/// A line per run: case, estimator, and its digest three times. The first two are as they were frozen before the crates were drawn
/// apart, in the order of memory and in row-major order, by the digest of that time; the third is [`Parameters::digest`]
/// (XXH3, row-major). All three are of the same parameters, except for `relax`, whose network has started from the run's
/// seed since. An estimator without a line is not compared.
///
/// [`Parameters::digest`]: gatelab_engine::network::Parameters::digest
const GOLDEN: &str = include_str!("../golden/step-200.txt");

fn line(case: &str, config: RunConfig, data: &Dataset) -> String {
    let estimator = config.estimator.clone();
    let mut trainer = Trainer::<f32>::new(config).unwrap();
    for _ in 0..200 {
        trainer.step(data).unwrap();
    }
    format!("{case} {estimator} {}", trainer.parameters().digest().hex())
}

#[test]
fn every_estimator_gives_the_golden_bits_at_step_200() {
    let mut data = strokes::dataset();
    strokes::grow(&mut data, Split::Train, 10_000).unwrap();
    let mut found = String::new();
    for record in registry::RECORDS.iter().filter(|record| GOLDEN.contains(&format!(" {} ", record.id))) {
        let config = |preset| RunConfig {
            preset,
            estimator: record.id.to_owned(),
            data: DataChoice::Strokes,
            ..RunConfig::default()
        };
        writeln!(found, "{}", line("classroom", config(Preset::default()), &data)).unwrap();
        writeln!(found, "{}", line("paper-200", config(Preset::find("paper-200").unwrap()), &data)).unwrap();
        if record.needs.only_losses() {
            let mut delayed = config(Preset::default());
            delayed.overrides.insert("told".into(), Value::Choice("delayed-reward".into()));
            delayed.overrides.insert("delay".into(), Value::Number(3.0));
            writeln!(found, "{}", line("delayed-reward", delayed, &data)).unwrap();
        }
    }
    let golden = GOLDEN.lines().map(|line| {
        let fields: Vec<&str> = line.split(' ').collect();
        format!("{} {} {}", fields[0], fields[1], fields[4])
    });
    assert!(golden.eq(found.lines().map(str::to_owned)), "found:\n{found}");
}
