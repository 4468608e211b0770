//! `gatelab lab network`: the microscope on a network of the page's presets or of a checkpoint.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::table::{METRICS, Table, metrics};
use super::{Failure, Figures, Output, ids};
use crate::cli::source::Source;
use crate::cli::train::{overrides, preset_parser, read_file};
use gatelab_engine::data::Dataset;
use gatelab_engine::lab::{Microscope, Row, Specimen, specimen};
use gatelab_engine::schema::{Preset, RunConfig};
use gatelab_engine::training::{Trainer, checkpoint};

/// Arguments of `lab network`.
#[derive(Args)]
pub(super) struct Network {
    /// Network sizes.
    #[arg(long, default_value = "classroom", value_parser = preset_parser())]
    preset: Preset,
    /// A trained network instead; its configuration replaces preset, seed and settings.
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,
    /// Steps of training before it is frozen.
    #[arg(long, default_value_t = 500)]
    steps: u64,
    /// What trains it.
    #[arg(long, value_name = "ID", default_value = "st-sigmoid")]
    trained_with: String,
    /// Estimators to look at, or `all`.
    #[arg(long, value_delimiter = ',', default_value = "all")]
    estimators: Vec<String>,
    /// Draws of each.
    #[arg(long, default_value_t = 800)]
    samples: u64,
    /// Digits in the fixed minibatch.
    #[arg(long, default_value_t = 32)]
    digits: usize,
    /// Seed of the network and of all draws.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Another value for a setting, such as gates=16; may be given many times.
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
    /// Steps the network had been trained.
    steps: u64,
    digits: usize,
    /// Gradient for plain coins, [digits × gates].
    gradient: Vec<f64>,
    /// Standard error of its length, relative; 0 where it is enumerated.
    gradient_error: f64,
    estimators: Vec<Figures>,
}

impl Network {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let specimen = self.specimen(&self.source.load()?)?;
        let ids = ids(&self.estimators);
        let mut scope = Microscope::new(&specimen, &ids, self.seed)?;
        while scope.samples() < self.samples && scope.advance() {}
        let mut figures = Vec::new();
        for (k, mut row) in scope.rows().into_iter().enumerate() {
            (row.mean, row.variance) = scope.entries(k);
            figures.push(Figures::new(row, None));
        }
        let report = Report {
            config: specimen.trainer.config().clone(),
            steps: specimen.trainer.step_count(),
            digits: specimen.labels.len(),
            gradient: scope.bernoulli().gradient().to_vec(),
            gradient_error: scope.bernoulli().relative_error(),
            estimators: figures,
        };
        self.output.give(&report, &text(&report))
    }

    fn specimen(&self, data: &Dataset) -> Result<Specimen, Failure> {
        let mut trainer = self.trainer(data)?;
        Ok(specimen::thaw(&specimen::freeze(&mut trainer, data, self.digits)?)?)
    }

    /// The checkpoint's run, or one trained here.
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
        "after {} steps, {} digits; gradient for plain coins ± {:.2} %\n\n{}{}",
        report.steps,
        report.digits,
        100.0 * report.gradient_error,
        table.text(),
        own_objectives(report.estimators.iter().map(|f| &f.row)),
    )
}

/// A line for each estimator that trains other gates than plain coins.
pub(super) fn own_objectives<'a>(rows: impl Iterator<Item = &'a Row>) -> String {
    rows.filter_map(|row| {
        let distance = row.distance_to_bernoulli?;
        Some(format!(
            "\n{}: measured against its own objective, whose gradient is {:.0} % away from that of plain coins",
            row.estimator,
            100.0 * distance.value
        ))
    })
    .collect()
}
