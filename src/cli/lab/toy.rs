//! `gatelab lab toy`: estimators on a toy loss of a few gates, against the enumerated gradient.

use clap::{Args, ValueEnum};
use serde::Serialize;

use super::network::{known, own_objectives};
use super::table::{METRICS, Table, metrics, scientific};
use super::{Failure, Figures, Output, ids};
use crate::cli::train::overrides;
use gatelab_engine::lab::{ObjectiveKind, Toy, ToySpec, one_gate};

/// Which loss.
#[derive(Clone, Copy, ValueEnum)]
enum Objective {
    /// Σ|b − target|^power / n.
    Power,
    /// Σ(t² + (1 − 2t)b) / n: equals the square for b = 0 and b = 1.
    Line,
    /// Σ(f₀ + (f₁ − f₀)b + κb(b − 1)) / n.
    Values,
    /// Cross-entropy of a softmax whose scores are sums over the open gates.
    Softmax,
}

/// The loss and its gates, for `toy` and `train-toy`.
#[derive(Args)]
pub(super) struct Loss {
    /// The loss.
    #[arg(long, value_enum, default_value = "power")]
    objective: Objective,
    /// Target t of `power` and `line`.
    #[arg(long, default_value_t = 0.45)]
    target: f64,
    /// Exponent of `power`.
    #[arg(long, default_value_t = 2.0)]
    power: f64,
    /// f₀ of `values`.
    #[arg(long, default_value_t = 0.25)]
    closed: f64,
    /// f₁ of `values`.
    #[arg(long, default_value_t = 0.75)]
    open: f64,
    /// Bend κ of `values`.
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    bend: f64,
    /// Classes of `softmax`.
    #[arg(long, default_value_t = 10)]
    classes: usize,
    /// Number of gates.
    #[arg(long, default_value_t = 1)]
    gates: usize,
    /// Firing probability of all gates, or a list with one for each gate.
    #[arg(long, value_delimiter = ',', default_value = "0.5")]
    p: Vec<f64>,
    /// Seed of the draws and of the weights of `softmax`.
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// A knob of an estimator, such as temperature=0.5; can be given many times.
    #[arg(long = "set", value_name = "KEY=VALUE")]
    set: Vec<String>,
}

impl Loss {
    pub(super) fn spec(&self, estimators: Vec<String>) -> Result<ToySpec, Failure> {
        let objective = match self.objective {
            Objective::Power => ObjectiveKind::Power { target: self.target, power: self.power },
            Objective::Line => ObjectiveKind::Line { target: self.target },
            Objective::Values => ObjectiveKind::Values { closed: self.closed, open: self.open, bend: self.bend },
            Objective::Softmax => ObjectiveKind::Softmax { classes: self.classes, seed: self.seed },
        };
        let p = match self.p.as_slice() {
            [one] => vec![*one; self.gates],
            many if many.len() == self.gates || self.gates == 1 => many.to_vec(),
            many => return Err(format!("--p lists {} probabilities for {} gates", many.len(), self.gates).into()),
        };
        Ok(ToySpec { objective, p, estimators, knobs: overrides(&self.set)?, seed: self.seed })
    }
}

/// Arguments of `lab toy`.
#[derive(Args)]
pub(super) struct ToyArguments {
    #[command(flatten)]
    loss: Loss,
    /// Estimators, or `all`.
    #[arg(long, value_delimiter = ',', default_value = "all")]
    estimators: Vec<String>,
    /// Draws of each estimator.
    #[arg(long, default_value_t = 20_000)]
    samples: usize,
    #[command(flatten)]
    output: Output,
}

/// The JSON of `lab toy`.
#[derive(Serialize)]
struct Report {
    toy: ToySpec,
    /// Reference gradient for Bernoulli gates [n].
    gradient: Vec<f64>,
    /// Whether it is exact; an average of local expectations otherwise.
    gradient_is_exact: bool,
    /// Standard error of its length, relative to that length.
    gradient_error: f64,
    estimators: Vec<Figures>,
}

impl ToyArguments {
    pub(super) fn run(&self) -> Result<(), Failure> {
        let spec = self.loss.spec(ids(&self.estimators))?;
        let mut toy = Toy::new(&spec)?;
        toy.sample(self.samples);
        let one = spec.p.len() == 1;
        let mut figures = Vec::new();
        for row in toy.rows() {
            let exact = if one { one_gate::analyse(&spec, &row.estimator)?.exact } else { None };
            figures.push(Figures::new(row, exact));
        }
        let reference = toy.bernoulli();
        let report = Report {
            gradient: reference.gradient().to_vec(),
            gradient_is_exact: reference.is_exact(),
            gradient_error: reference.relative_error(),
            estimators: figures,
            toy: spec,
        };
        self.output.write(&report, &text(&report, one))
    }
}

fn text(report: &Report, one: bool) -> String {
    let mut headings = vec!["estimator"];
    headings.extend(if one { ["mean", "variance"] } else { ["mean, gate 1", "variance, gate 1"] });
    if one {
        headings.extend(["exact mean", "exact variance"]);
    }
    headings.extend(METRICS);
    let mut table = Table::new(&headings);
    for figures in &report.estimators {
        let row = &figures.row;
        let first = |numbers: &[f64]| numbers.first().map_or("–".into(), |x| scientific(*x));
        let mut cells = vec![row.estimator.clone(), first(&row.mean), first(&row.variance)];
        if one {
            let exact = figures.exact;
            cells.push(exact.map_or("–".into(), |e| scientific(e.mean)));
            cells.push(exact.map_or("–".into(), |e| scientific(e.variance)));
        }
        cells.extend(metrics(row));
        table.row(cells);
    }
    let shown: Vec<String> = report.gradient.iter().take(8).map(|g| scientific(*g)).collect();
    let more = if report.gradient.len() > 8 { ", …" } else { "" };
    let how = known(report.gradient_error);
    let own = own_objectives(report.estimators.iter().map(|f| &f.row));
    format!("reference gradient for Bernoulli gates ({how}): {}{more}\n\n{}{own}", shown.join(", "), table.text())
}
