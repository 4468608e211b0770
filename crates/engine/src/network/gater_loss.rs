//! The loss that the gater's estimator sees: the cross-entropy, or a reward.

use gatelab_kernels::{Matrix, Real};
use serde::{Deserialize, Serialize};

/// The loss that estimators see. Experts and output layer learn from the cross-entropy in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GaterLoss {
    /// `−ln P(label)`, nats.
    #[default]
    CrossEntropy,
    /// 0 for the right class, 1 for a wrong one. It has no derivative with respect to the gates.
    Reward,
    /// The minibatch mean of [`GaterLoss::Reward`], the same number for every example; it may arrive some steps late. As each
    /// example's loss it has a gradient 1/B as large as that of [`GaterLoss::Reward`]: raise the gater rate.
    DelayedReward,
}

impl GaterLoss {
    /// Whether it has a derivative with respect to the gates.
    pub fn is_differentiable(self) -> bool {
        self == Self::CrossEntropy
    }

    /// Each example's loss from log-probabilities [B × K]; `out` has length B.
    pub(super) fn losses<R: Real>(self, log_probs: &Matrix<R>, labels: &[u8], out: &mut [R]) {
        for ((row, &label), out) in log_probs.rows().zip(labels).zip(&mut *out) {
            *out = match self {
                Self::CrossEntropy => -row[usize::from(label)],
                Self::Reward | Self::DelayedReward => zero_one(row, label),
            };
        }
        if self == Self::DelayedReward {
            let mean = out.iter().copied().sum::<R>() / R::from_f64(out.len().max(1) as f64);
            out.fill(mean);
        }
    }

    /// Weight of a single example's loss in the loss that its gates are given.
    pub(super) fn share<R: Real>(self, batch: usize) -> R {
        if self == Self::DelayedReward { R::one() / R::from_f64(batch.max(1) as f64) } else { R::one() }
    }
}

/// 1 if another class has a higher score than the label (or an equal one and a lower index), else 0.
pub(super) fn zero_one<R: Real>(scores: &[R], label: u8) -> R {
    let label = usize::from(label);
    let own = scores[label];
    let beaten = scores.iter().enumerate().any(|(k, &s)| s > own || (s == own && k < label));
    if beaten { R::one() } else { R::zero() }
}
