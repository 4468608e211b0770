//! `gatelab lab cost`: the cost of an estimate, counted and timed, in units of one forward pass with every gate open.

use std::time::Instant;

use clap::Args;
use serde::Serialize;

use super::table::Table;
use super::{Failure, Output, ids};
use crate::cli::train::preset_parser;
use gatelab_engine::estimator::{Estimator, registry};
use gatelab_engine::lab::NetworkPass;
use gatelab_engine::network::{GaterLoss, Parameters, Pass};
use gatelab_engine::schema::{Preset, RunConfig};
use gatelab_engine::training::settings::ConfigError;
use gatelab_engine::training::settings::Settings;
use gatelab_kernels::{Matrix, Purpose, RandomSource, Rng, logit};

/// Arguments of `lab cost`.
#[derive(Args)]
pub(super) struct Cost {
    /// Network sizes.
    #[arg(long, default_value = "paper-2000", value_parser = preset_parser())]
    preset: Preset,
    /// Estimators, or `all`.
    #[arg(long, value_delimiter = ',', default_value = "all")]
    estimators: Vec<String>,
    /// Examples in the minibatch.
    #[arg(long, default_value_t = 32)]
    batch: usize,
    /// Rounds; each runs every estimator and the dense pass once.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    #[command(flatten)]
    output: Output,
}

/// One estimator's measurements.
#[derive(Serialize)]
struct Case {
    estimator: String,
    /// Multiply-adds from input to logit gradient, per example.
    multiply_adds: f64,
    /// The same in dense forward passes.
    counted: f64,
    /// Time from input to logit gradient in dense forward passes: median over rounds of the ratio within a round.
    timed: f64,
    /// Smallest and largest ratio.
    timed_range: [f64; 2],
    #[serde(skip)]
    ratios: Vec<f64>,
}

/// The JSON of `lab cost`.
#[derive(Serialize)]
struct Report {
    preset: Preset,
    batch: usize,
    /// Multiply-adds of the dense forward pass, per example.
    dense: f64,
    /// Its median time for the minibatch, milliseconds.
    dense_milliseconds: f64,
    cases: Vec<Case>,
}

/// A network with initial weights and one in ten gates open, and a minibatch of noise. The work of a pass does not depend on
/// what the network has learned.
struct Bench {
    network: NetworkPass,
    rng: Rng,
    gradient: Matrix<f32>,
}

impl Bench {
    fn new(settings: &Settings, batch: usize) -> Self {
        let mut rng = Rng::new(1, Purpose::Measurement, 0);
        let mut pass = Pass::new(settings.shape, batch);
        let mut pixels = Matrix::zeros(pass.input.dim());
        rng.uniform(pixels.values_mut());
        // As in a digit, four pixels in five are background.
        pixels.iter_mut().for_each(|x: &mut f32| *x = (5.0 * (*x - 0.8)).max(0.0));
        pass.input.assign(pixels.view());
        let gradient = Matrix::zeros(pass.logits.dim());
        let parameters = Parameters::init(&settings.shape, 1, logit(0.1));
        Self { network: NetworkPass::new(parameters, pass, GaterLoss::CrossEntropy), rng, gradient }
    }

    fn estimate(&mut self, estimator: &mut dyn Estimator<f32>) {
        self.network.gater();
        self.network.estimate(estimator, &mut self.rng, &mut self.gradient);
    }

    /// Multiply-adds per example since the last call.
    fn take_macs(&mut self) -> f64 {
        self.network.take_macs() as f64 / self.gradient.nrows().max(1) as f64
    }
}

fn seconds(work: impl FnOnce()) -> f64 {
    let started = Instant::now();
    work();
    started.elapsed().as_secs_f64()
}

fn median(numbers: &mut [f64]) -> f64 {
    numbers.sort_by(f64::total_cmp);
    numbers.get(numbers.len() / 2).copied().unwrap_or_default()
}

impl Cost {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let preset = self.preset;
        let mut estimators = Vec::new();
        for id in ids(&self.estimators) {
            let settings = Settings::of(&RunConfig { preset, estimator: id.clone(), ..RunConfig::default() })?;
            let mut estimator = registry::make::<f32>(&id).ok_or(ConfigError::Estimator { found: id })?;
            estimator.configure(&settings.knobs);
            estimators.push(estimator);
        }
        let settings = Settings::of(&RunConfig { preset, ..RunConfig::default() })?;
        let mut bench = Bench::new(&settings, self.batch.max(1));
        bench.network.dense();
        let dense = bench.take_macs();
        let mut cases: Vec<Case> =
            estimators.iter_mut().map(|estimator| case(&mut bench, estimator.as_mut(), dense)).collect();
        let mut times = Vec::new();
        for _ in 0..self.rounds.max(1) {
            let pass = seconds(|| bench.network.dense());
            times.push(1000.0 * pass);
            for (estimator, case) in estimators.iter_mut().zip(&mut cases) {
                case.ratios.push(seconds(|| bench.estimate(estimator.as_mut())) / pass);
            }
        }
        for case in &mut cases {
            case.timed = median(&mut case.ratios);
            case.timed_range =
                [case.ratios.first().copied().unwrap_or_default(), case.ratios.last().copied().unwrap_or_default()];
        }
        let report = Report { preset, batch: self.batch, dense, dense_milliseconds: median(&mut times), cases };
        self.output.write(&report, &text(&report))
    }
}

/// The first run warms up and counts.
fn case(bench: &mut Bench, estimator: &mut dyn Estimator<f32>, dense: f64) -> Case {
    bench.take_macs();
    bench.estimate(estimator);
    let multiply_adds = bench.take_macs();
    Case {
        estimator: estimator.record().id.to_owned(),
        multiply_adds,
        counted: multiply_adds / dense,
        timed: 0.0,
        timed_range: [0.0; 2],
        ratios: Vec::new(),
    }
}

fn text(report: &Report) -> String {
    let mut table =
        Table::new(&["estimator", "mult-adds per example", "dense passes, counted", "timed", "lowest – highest"]);
    for case in &report.cases {
        table.row(vec![
            case.estimator.clone(),
            format!("{:.0}", case.multiply_adds),
            format!("{:.3}", case.counted),
            format!("{:.2}", case.timed),
            format!("{:.2} – {:.2}", case.timed_range[0], case.timed_range[1]),
        ]);
    }
    format!(
        "one dense forward pass: {:.0} multiply-adds per example, {:.2} ms for {}\n\n{}",
        report.dense,
        report.dense_milliseconds,
        report.batch,
        table.text()
    )
}
