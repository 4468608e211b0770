//! `gatelab lab network`: the gradient probe on a network of a preset, trained here, or of a checkpoint.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::table::{METRICS, Table, metrics};
use super::{Failure, Figures, Output, ids};
use crate::cli::source::Source;
use crate::cli::train::{overrides, preset_parser, read_file};
use gatelab_engine::data::Dataset;
use gatelab_engine::lab::{GradientProbe, Row, Snapshot, snapshot};
use gatelab_engine::schema::{Preset, RunConfig};
use gatelab_engine::training::{Trainer, checkpoint};

/// Arguments of `lab network`.
#[derive(Args)]
pub(super) struct Network {
    /// Network sizes.
    #[arg(long, default_value = "classroom", value_parser = preset_parser())]
    preset: Preset,
    /// Checkpoint of a trained network; its configuration replaces preset, seed and settings.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Steps of training before the network is frozen.
    #[arg(long, default_value_t = 500)]
    steps: u64,
    /// Estimator that trains the network.
    #[arg(long, value_name = "ID", default_value = "st-sigmoid")]
    trained_with: String,
    /// Estimators to measure, or `all`.
    #[arg(long, value_delimiter = ',', default_value = "all")]
    estimators: Vec<String>,
    /// Draws of each estimator.
    #[arg(long, default_value_t = 800)]
    samples: u64,
    /// Digits in the fixed minibatch.
    #[arg(long, default_value_t = 32)]
    digits: usize,
    /// Seed of the network and of all draws.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// A setting, such as gates=16; can be given many times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    output: Output,
}

/// The JSON of `lab network`.
#[derive(Serialize)]
struct Report {
    config: RunConfig,
    /// Steps of training.
    steps: u64,
    digits: usize,
    /// Reference gradient for Bernoulli gates, [digits × gates].
    gradient: Vec<f64>,
    /// Standard error of its length, relative to that length; 0 if it is enumerated.
    gradient_error: f64,
    estimators: Vec<Figures>,
}

impl Network {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let snapshot = self.snapshot(&self.source.load()?)?;
        let ids = ids(&self.estimators);
        let mut probe = GradientProbe::new(&snapshot, &ids, self.seed)?;
        while probe.samples() < self.samples && probe.advance() {}
        let mut figures = Vec::new();
        for (k, mut row) in probe.rows().into_iter().enumerate() {
            (row.mean, row.variance) = probe.entries(k);
            figures.push(Figures::new(row, None));
        }
        let report = Report {
            config: snapshot.trainer.config().clone(),
            steps: snapshot.trainer.step_count(),
            digits: snapshot.labels.len(),
            gradient: probe.bernoulli().gradient().to_vec(),
            gradient_error: probe.bernoulli().relative_error(),
            estimators: figures,
        };
        self.output.write(&report, &text(&report))
    }

    fn snapshot(&self, data: &Dataset) -> Result<Snapshot, Failure> {
        let mut trainer = self.trainer(data)?;
        Ok(snapshot::read(&snapshot::write(&mut trainer, data, self.digits)?)?)
    }

    /// The run of the checkpoint, or a run that is trained now.
    fn trainer(&self, data: &Dataset) -> Result<Trainer<f32>, Failure> {
        if let Some(file) = &self.checkpoint {
            return Ok(checkpoint::read(&read_file(file)?)?.trainer);
        }
        let mut trainer = Trainer::new(RunConfig {
            preset: self.preset,
            estimator: self.trained_with.clone(),
            seed: self.seed,
            data: Source::choice(data),
            overrides: overrides(&self.set)?,
            ..RunConfig::default()
        })?;
        while trainer.step_count() < self.steps {
            trainer.step(data)?;
        }
        Ok(trainer)
    }
}

fn text(report: &Report) -> String {
    let mut headings = vec!["estimator"];
    headings.extend(METRICS);
    let mut table = Table::new(&headings);
    for figures in &report.estimators {
        let mut cells = vec![figures.row.estimator.clone()];
        cells.extend(metrics(&figures.row));
        table.row(cells);
    }
    format!(
        "after {} steps, {} digits; reference gradient for Bernoulli gates: {}\n\n{}{}",
        report.steps,
        report.digits,
        known(report.gradient_error),
        table.text(),
        own_objectives(report.estimators.iter().map(|f| &f.row)),
    )
}

/// How well a reference gradient is known, from the relative standard error of its length.
pub(super) fn known(error: f64) -> String {
    if error == 0.0 { "exact".to_owned() } else { format!("average, ± {:.2} %", 100.0 * error) }
}

/// A line for each estimator whose gates are not Bernoulli(σ(a)).
pub(super) fn own_objectives<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    rows.filter_map(|row| {
        let distance = row.distance_to_bernoulli?;
        let approximate = if row.reference_is_known { "" } else { "approximate " };
        Some(format!(
            "\n{}: measured against the {approximate}gradient of its own objective, which is {:.0} % away from that of \
             Bernoulli gates",
            row.estimator,
            100.0 * distance.value
        ))
    })
    .collect()
}
