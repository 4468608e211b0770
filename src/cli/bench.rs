//! `gatelab bench`: training steps a second, in interleaved rounds, medians with their ranges.

use std::path::PathBuf;
use std::time::Instant;

use serde::Serialize;

use crate::data::Dataset;
use crate::training::Trainer;
use crate::training::config::{Preset, RunConfig, Value};

use super::Failure;
use super::source::Source;
use super::train::write_whole;

/// Arguments of `bench`.
#[derive(clap::Args)]
pub(super) struct Bench {
    #[command(flatten)]
    source: Source,
    /// Rounds; every case runs once in each.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Seconds of each case in a round.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// Write all figures as JSON.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What is measured: one that needs every expert, and one that skips those of closed gates.
const ESTIMATORS: [&str; 2] = ["st", "reinforce"];
const PRESETS: [(&str, Preset); 3] =
    [("classroom", Preset::Classroom), ("paper-200", Preset::Paper200), ("paper-2000", Preset::Paper2000)];
const BATCHES: [u32; 2] = [32, 128];
/// Steps before the clock runs: caches warm, and gates at their target rate.
const WARM_UP: u64 = 40;

/// A case and its measurements.
#[derive(Serialize)]
struct Case {
    preset: &'static str,
    estimator: &'static str,
    batch: u32,
    /// Examples a second, one figure per round.
    examples_per_second: Vec<f64>,
    #[serde(skip)]
    trainer: Trainer<f32>,
}

impl Case {
    fn new(name: &'static str, preset: Preset, estimator: &'static str, batch: u32) -> Result<Self, Failure> {
        let mut config = RunConfig { preset, estimator: estimator.into(), ..RunConfig::default() };
        config.overrides.insert("batch".into(), Value::Number(f64::from(batch)));
        let trainer = Trainer::new(config)?;
        Ok(Self { preset: name, estimator, batch, examples_per_second: Vec::new(), trainer })
    }

    fn round(&mut self, data: &Dataset, seconds: f64) -> Result<(), Failure> {
        while self.trainer.step_count() < WARM_UP {
            self.trainer.step(data)?;
        }
        let started = Instant::now();
        let mut examples = 0_u32;
        while started.elapsed().as_secs_f64() < seconds {
            self.trainer.step(data)?;
            examples += self.batch;
        }
        self.examples_per_second.push(f64::from(examples) / started.elapsed().as_secs_f64());
        Ok(())
    }

    fn line(&self) -> String {
        let mut rates = self.examples_per_second.clone();
        rates.sort_by(f64::total_cmp);
        let at = |i: usize| rates.get(i).copied().unwrap_or_default();
        format!(
            "| {:<10} | {:<10} | {:>5} | {:>10.0} | {:>8.0} – {:<8.0} |",
            self.preset,
            self.estimator,
            self.batch,
            at(rates.len() / 2),
            at(0),
            at(rates.len().saturating_sub(1))
        )
    }
}

impl Bench {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let data = self.source.load()?;
        let mut cases = Vec::new();
        for (name, preset) in PRESETS {
            for estimator in ESTIMATORS {
                for batch in BATCHES {
                    cases.push(Case::new(name, preset, estimator, batch)?);
                }
            }
        }
        // Round by round, so that a machine that slows down for a while slows every case.
        for round in 1..=self.rounds {
            for case in &mut cases {
                case.round(&data, self.seconds)?;
            }
            eprintln!("round {round} of {}", self.rounds);
        }
        println!("| preset     | estimator  | batch | digits / s | lowest – highest    |");
        println!("|------------|------------|-------|------------|---------------------|");
        cases.iter().for_each(|case| println!("{}", case.line()));
        if let Some(file) = &self.json {
            write_whole(file, &serde_json::to_vec_pretty(&cases)?)?;
        }
        Ok(())
    }
}
