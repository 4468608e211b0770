//! `gatelab lab train-toy`: trains the gates of a toy with one estimator at a time.

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::table::Table;
use super::toy::Loss;
use super::{Failure, Output, ids};
use gatelab_engine::lab::{Method, ToySpec, ToyTraining, TrainingPoint};

#[derive(Clone, Copy, ValueEnum)]
enum MethodName {
    Sgd,
    Adam,
}

/// Arguments of `lab train-toy`.
#[derive(Args)]
pub(super) struct TrainToy {
    #[command(flatten)]
    loss: Loss,
    /// Estimators, one run for each, or `all`.
    #[arg(long, value_delimiter = ',', default_value = "reinforce,st-sigmoid")]
    estimators: Vec<String>,
    /// How the logits are updated.
    #[arg(long, value_enum, default_value = "sgd")]
    method: MethodName,
    /// Learning rate on each gate's gradient.
    #[arg(long, default_value_t = 1.0)]
    lr: f64,
    /// Draws per step.
    #[arg(long, default_value_t = 1)]
    batch: usize,
    /// Steps.
    #[arg(long, default_value_t = 2000)]
    steps: u64,
    /// Number of points to report.
    #[arg(long, default_value_t = 10)]
    points: u64,
    #[command(flatten)]
    output: Output,
}

/// One estimator's run.
#[derive(Serialize)]
struct Run {
    estimator: String,
    points: Vec<TrainingPoint>,
    /// Firing probability of each gate at the end.
    p: Vec<f64>,
}

/// The JSON of `lab train-toy`.
#[derive(Serialize)]
struct Report {
    toy: ToySpec,
    runs: Vec<Run>,
}

impl TrainToy {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let ids = ids(&self.estimators);
        let mut runs = Vec::new();
        for id in &ids {
            runs.push(self.train(self.loss.spec(vec![id.clone()])?)?);
        }
        let report = Report { toy: self.loss.spec(ids)?, runs };
        self.output.write(&report, &text(&report))
    }

    fn train(&self, spec: ToySpec) -> Result<Run, Failure> {
        let method = match self.method {
            MethodName::Sgd => Method::Sgd,
            MethodName::Adam => Method::Adam,
        };
        let mut training = ToyTraining::new(&spec, method, self.lr, self.batch)?;
        let mut points = vec![training.point()];
        let every = self.steps.div_ceil(self.points.max(1)).max(1);
        for step in 1..=self.steps {
            training.step();
            if step.is_multiple_of(every) || step == self.steps {
                points.push(training.point());
            }
        }
        let estimator = spec.estimators.into_iter().next().unwrap_or_default();
        Ok(Run { estimator, points, p: training.probabilities() })
    }
}

fn text(report: &Report) -> String {
    let mut headings = vec!["step".to_owned()];
    for run in &report.runs {
        headings.push(format!("{}: E f", run.estimator));
        headings.push("mean p".to_owned());
    }
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let mut table = Table::new(&headings);
    let longest = report.runs.iter().map(|run| run.points.len()).max().unwrap_or(0);
    for k in 0..longest {
        let step = report.runs.iter().find_map(|run| run.points.get(k)).map_or(0, |point| point.step);
        let mut cells = vec![step.to_string()];
        for point in report.runs.iter().filter_map(|run| run.points.get(k)) {
            cells.push(format!("{:.6}", point.expected));
            cells.push(format!("{:.4}", point.mean_p));
        }
        table.row(cells);
    }
    table.text()
}
