//! What the gater is told about a gate draw: how surprised the network was, or only whether it was right.

use gatelab_kernels::Matrix;
use serde::{Deserialize, Serialize};

use gatelab_kernels::Real;

/// The loss that estimators see. Experts and output layer learn from the cross-entropy in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// `−ln P(label)`, nats.
    #[default]
    CrossEntropy,
    /// 0 for the right class, 1 for a wrong one: a reward, without a slope.
    Reward,
    /// The mean of that over the minibatch, the same for every example; it may come some steps late. Seen as each example's
    /// loss, its gradient is 1/B of that of the mean itself: a gater needs patience, or a higher rate.
    DelayedReward,
}

impl Told {
    /// From log-probabilities [B × K] to what the gater hears of each example.
    pub(super) fn of<R: Real>(self, scores: &Matrix<R>, labels: &[u8], out: &mut [R]) {
        for ((row, &label), out) in scores.rows().zip(labels).zip(&mut *out) {
            *out = match self {
                Self::CrossEntropy => -row[usize::from(label)],
                Self::Reward | Self::DelayedReward => wrong(row, label),
            };
        }
        if self == Self::DelayedReward {
            let mean = out.iter().copied().sum::<R>() / R::from_f64(out.len().max(1) as f64);
            out.fill(mean);
        }
    }
}

/// 1 if another class has a higher score than the label (or as high a one, and comes first), else 0.
pub(super) fn wrong<R: Real>(scores: &[R], label: u8) -> R {
    let label = usize::from(label);
    let own = scores[label];
    let beaten = scores.iter().enumerate().any(|(k, &s)| s > own || (s == own && k < label));
    if beaten { R::one() } else { R::zero() }
}
