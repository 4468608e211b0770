//! Bias, noise and direction of an estimator against a reference gradient.

use serde::{Deserialize, Serialize};

use super::moments::{GROUPS, Moments, WithError, squared_mean};
use crate::estimator::Record;

/// The gradient that estimates are compared with.
#[derive(Clone, Debug)]
pub enum Reference {
    /// Known without error.
    Exact(Vec<f64>),
    /// Averaged over draws, with the error that leaves.
    Averaged(Box<Moments>),
}

impl Reference {
    /// The best guess.
    pub fn gradient(&self) -> &[f64] {
        match self {
            Self::Exact(gradient) => gradient,
            Self::Averaged(moments) => moments.mean(),
        }
    }

    /// Standard error of its length relative to that length, 0 if exact; NaN before there are enough draws.
    pub fn relative_error(&self) -> f64 {
        match self {
            Self::Exact(_) => 0.0,
            Self::Averaged(moments) if moments.count() < 2 => f64::NAN,
            Self::Averaged(moments) => {
                let length: f64 = moments.mean().iter().map(|x| x * x).sum::<f64>().sqrt();
                (moments.total_variance() / moments.count() as f64).sqrt() / length
            }
        }
    }

    fn group(&self) -> Option<Vec<Vec<f64>>> {
        match self {
            Self::Exact(gradient) => Some(vec![gradient.clone(); GROUPS]),
            Self::Averaged(moments) => moments.group_means(),
        }
    }

    /// `|g|²`, free of the noise of an average.
    fn squared_length(&self) -> Option<f64> {
        match self {
            Self::Exact(gradient) => Some(gradient.iter().map(|x| x * x).sum()),
            Self::Averaged(moments) => Some(squared_mean(&moments.group_means()?).value),
        }
    }

    /// Relative distance of this gradient from another, `|g − other|/|other|`, noise taken out.
    pub fn distance_from(&self, other: &Self) -> Option<WithError> {
        let difference = differences(&self.group()?, &other.group()?);
        Some(relative(squared_mean(&difference), other.squared_length()?))
    }
}

fn differences(of: &[Vec<f64>], from: &[Vec<f64>]) -> Vec<Vec<f64>> {
    of.iter().zip(from).map(|(x, y)| x.iter().zip(y).map(|(x, y)| x - y).collect()).collect()
}

/// The root of a square that noise may have made negative, relative to a length; the error on the same scale.
fn relative(square: WithError, squared_length: f64) -> WithError {
    let length = squared_length.max(f64::MIN_POSITIVE).sqrt();
    let value = square.value.max(0.0).sqrt();
    // Far from 0 the error of a root; near 0, where a root has no error, what the square could still hide.
    let error = ((value * value + square.error).sqrt() - value).max(0.0);
    WithError { value: value / length, error: error / length }
}

/// What can be said of an estimator so far.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Draws S.
    pub samples: u64,
    /// `|E ĝ − g|/|g|`, with the noise's share trace(Var)/S taken out of the square; `None` before every group has a draw.
    pub relative_bias: Option<WithError>,
    /// Its square, which may come out below 0 for an unbiased estimator: an estimator is unbiased within its error if this is.
    pub relative_bias_squared: Option<WithError>,
    /// trace(Var ĝ)/|g|².
    pub noise_to_signal: f64,
    /// trace(Var ĝ).
    pub total_variance: f64,
    /// Mean cosine between one draw and g.
    pub cosine_of_one: f64,
    /// Cosine between the mean and g.
    pub cosine_of_mean: f64,
    /// Share of entries with the sign of g, of the opposite sign, and silent (exactly 0).
    pub signs: [f64; 3],
    /// Multiply-adds per draw and example.
    pub multiply_adds: f64,
    /// `noise_to_signal` if the work of one dense pass bought as many draws as it could: noise at equal cost.
    pub noise_at_equal_cost: f64,
}

impl Metrics {
    /// From draws and reference; `cost` is multiply-adds a draw, `dense` those of one pass with every gate open.
    pub fn of(moments: &Moments, reference: &Reference, cost: f64, dense: f64) -> Self {
        let truth = reference.gradient();
        let squared = reference.squared_length().unwrap_or(0.0);
        let length = truth.iter().map(|x| x * x).sum::<f64>().sqrt();
        let mean = moments.mean();
        let mean_length = mean.iter().map(|x| x * x).sum::<f64>().sqrt();
        let along: f64 = mean.iter().zip(truth).map(|(x, y)| x * y).sum();
        let bias = moments.group_means().zip(reference.group()).map(|(m, r)| squared_mean(&differences(&m, &r)));
        // A gradient of nothing (or one still lost in noise) has no scale to compare with.
        let ratio = |x: f64| if squared > 0.0 { x / squared } else { 0.0 };
        let noise_to_signal = ratio(moments.total_variance());
        Self {
            samples: moments.count(),
            relative_bias: bias.map(|square| relative(square, squared)),
            relative_bias_squared: bias.map(|b| WithError { value: ratio(b.value), error: ratio(b.error) }),
            noise_to_signal,
            total_variance: moments.total_variance(),
            cosine_of_one: moments.mean_cosine(truth),
            cosine_of_mean: if mean_length * length > 0.0 { along / (mean_length * length) } else { 0.0 },
            signs: moments.signs(truth),
            multiply_adds: cost,
            noise_at_equal_cost: noise_to_signal * cost / dense.max(1.0),
        }
    }
}

/// One estimator's line in a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its id.
    pub estimator: String,
    /// Measured against the gradient of the objective it samples.
    #[serde(flatten)]
    pub metrics: Metrics,
    /// If that is not the one of plain coins: how far its gradient is from theirs, relative.
    pub distance_to_bernoulli: Option<WithError>,
    /// Mean of each entry, where asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mean: Vec<f64>,
    /// Variance of each entry, where asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variance: Vec<f64>,
}

impl Row {
    pub(super) fn new(record: &'static Record, metrics: Metrics) -> Self {
        Self {
            estimator: record.id.to_owned(),
            metrics,
            distance_to_bernoulli: None,
            mean: Vec::new(),
            variance: Vec::new(),
        }
    }
}
