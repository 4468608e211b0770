//! Bias, noise, direction and cost of an estimator, measured against a reference gradient.

use serde::{Deserialize, Serialize};

use super::finite;
use super::moments::{Estimate, Moments, squared_mean};
use super::reference::{ReferenceGradient, differences, relative};
use crate::estimator::Record;

/// Measurements of one estimator. ĝ is a draw of its gradient, g the reference gradient, both [entries]; S draws.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Metrics {
    /// Draws S.
    pub samples: u64,
    /// `|E ĝ − g|/|g|`, without the bias trace(Var ĝ)/S of the squared mean; `None` before every group has a draw.
    pub relative_bias: Option<Estimate>,
    /// Its square, before the root. It can be below 0 for an unbiased estimator, so its distance from 0 in standard errors
    /// is the test of bias.
    pub relative_bias_squared: Option<Estimate>,
    /// trace(Var ĝ)/|g|²; 0 where |g|² is 0 or not known yet.
    #[serde(with = "finite")]
    pub noise_to_signal: f64,
    /// trace(Var ĝ).
    #[serde(with = "finite")]
    pub total_variance: f64,
    /// Mean cosine between a single draw ĝ and g.
    #[serde(with = "finite")]
    pub cosine_of_one: f64,
    /// Cosine between the mean of the draws and g.
    #[serde(with = "finite")]
    pub cosine_of_mean: f64,
    /// Shares of entries with the sign of g, with the opposite sign, and equal to 0; they add up to 1.
    pub signs: [f64; 3],
    /// Multiply-adds per draw and example.
    #[serde(with = "finite")]
    pub multiply_adds: f64,
    /// Noise at equal cost: `noise_to_signal` divided by the number of draws that the multiply-adds of one dense pass pay for.
    #[serde(with = "finite")]
    pub noise_at_equal_cost: f64,
}

impl Metrics {
    /// From the draws and the reference gradient; `cost` is multiply-adds per draw and example, `dense` those of one pass with
    /// every gate open.
    pub fn of(moments: &Moments, reference: &ReferenceGradient, cost: f64, dense: f64) -> Self {
        let gradient = reference.gradient();
        let squared = reference.squared_length().unwrap_or(0.0);
        let length = gradient.iter().map(|x| x * x).sum::<f64>().sqrt();
        let mean = moments.mean();
        let mean_length = mean.iter().map(|x| x * x).sum::<f64>().sqrt();
        let along: f64 = mean.iter().zip(gradient).map(|(x, y)| x * y).sum();
        let groups = moments.group_means().zip(reference.group_means());
        let bias = groups.map(|(m, r)| squared_mean(&differences(&m, &r)));
        // A gradient of length 0, or one whose length is still lost in noise, is no scale to divide by.
        let ratio = |x: f64| if squared <= 0.0 { 0.0 } else { x / squared };
        let noise_to_signal = ratio(moments.total_variance());
        let lengths = mean_length * length;
        Self {
            samples: moments.count(),
            relative_bias: bias.map(|square| relative(square, squared)),
            relative_bias_squared: bias.map(|b| Estimate { value: ratio(b.value), error: ratio(b.error) }),
            noise_to_signal,
            total_variance: moments.total_variance(),
            cosine_of_one: moments.mean_cosine(gradient),
            cosine_of_mean: if lengths == 0.0 { 0.0 } else { along / lengths },
            signs: moments.signs(gradient),
            multiply_adds: cost,
            noise_at_equal_cost: noise_to_signal * cost / dense.max(1.0),
        }
    }
}

/// One estimator's measurements, as a row of a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Id of the estimator.
    pub estimator: String,
    /// Measured against the gradient of the objective that it samples.
    #[serde(flatten)]
    pub metrics: Metrics,
    /// How well that gradient is known: false if it is an integral over a loss with a kink, whose error is not known.
    pub reference_is_known: bool,
    /// If its gates are not Bernoulli(σ(a)): relative distance of its objective's gradient from that of Bernoulli gates.
    pub distance_to_bernoulli: Option<Estimate>,
    /// Mean of each entry, where requested, else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "finite")]
    pub mean: Vec<f64>,
    /// Variance of each entry, where requested, else empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty", with = "finite")]
    pub variance: Vec<f64>,
}

impl Row {
    pub(super) fn new(record: &'static Record, metrics: Metrics, reference_is_known: bool) -> Self {
        Self {
            estimator: record.id.to_owned(),
            metrics,
            reference_is_known,
            distance_to_bernoulli: None,
            mean: Vec::new(),
            variance: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A draw that is not a number must show: neither as "no bias" nor as a report that cannot be read.
    #[test]
    fn numbers_that_are_not_finite_stay_visible_and_can_be_sent() {
        let mut moments = Moments::new(2);
        (0..32).for_each(|k| moments.add(&[if k == 5 { f64::NAN } else { 1.0 }, 2.0]));
        let metrics = Metrics::of(&moments, &ReferenceGradient::Exact(vec![1.0, 2.0]), 1.0, 1.0);
        let bias = metrics.relative_bias.unwrap();
        assert!(bias.value.is_nan() && bias.error.is_nan(), "{bias:?}");
        assert!(metrics.noise_to_signal.is_nan() && metrics.cosine_of_one.is_nan() && metrics.cosine_of_mean.is_nan());
        let reference = ReferenceGradient::Exact(vec![f64::NAN, 1.0]);
        let metrics = Metrics::of(&moments, &reference, 1.0, 1.0);
        assert!(metrics.noise_to_signal.is_nan() && metrics.relative_bias.unwrap().value.is_nan());
        let record = crate::estimator::registry::record("st").unwrap();
        let row = Row { mean: vec![f64::NAN, 1.0], ..Row::new(record, metrics, true) };
        let read: Row = serde_json::from_str(&serde_json::to_string(&row).unwrap()).unwrap();
        assert!(
            read.metrics.noise_to_signal.is_nan()
                && read.mean[0].is_nan()
                && read.mean[1].to_bits() == 1.0_f64.to_bits()
        );
    }
}
