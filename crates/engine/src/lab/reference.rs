//! The gradient that estimates are compared with: exact where possible, else an average with a known error.

use super::exact::{self, enumerate, enumerate_laws, sample};
use super::moments::{Estimate, GROUPS, Moments, squared_mean};
use super::objective::Objective;
use crate::estimator::GateDistribution;
use gatelab_kernels::{Purpose, RandomSource, Rng};

/// Draws that a reference is averaged over where the states are too many to enumerate.
const REFERENCE_DRAWS: usize = 4096;
/// Most values of one gate whose distribution is a list of exact values; longer lists are quadrature nodes.
const MOST_EXACT_VALUES: usize = 2;

/// A reference gradient; its entries are gates, or (example, gate) pairs.
#[derive(Clone, Debug)]
pub enum ReferenceGradient {
    /// Known to rounding (integrals over continuous gate values: to about 1e-9).
    Exact(Vec<f64>),
    /// Integrated over continuous gate values of a loss with a kink: the quadrature's error is not known, up to some per cent.
    Approximate(Vec<f64>),
    /// Averaged over draws, with the standard error that leaves.
    Averaged(Box<Moments>),
}

impl ReferenceGradient {
    /// The gradient, or its best estimate `[entries]`.
    pub fn gradient(&self) -> &[f64] {
        match self {
            Self::Exact(gradient) | Self::Approximate(gradient) => gradient,
            Self::Averaged(moments) => moments.mean(),
        }
    }

    /// Whether the gradient has neither a sampling error nor an unknown integration error.
    pub fn is_exact(&self) -> bool {
        matches!(self, Self::Exact(_))
    }

    /// Whether its error is known: false for integrals over a loss with a kink.
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Approximate(_))
    }

    /// Standard error of its length relative to that length; 0 if it is not sampled, NaN before the second draw.
    pub fn relative_error(&self) -> f64 {
        match self {
            Self::Exact(_) | Self::Approximate(_) => 0.0,
            Self::Averaged(moments) if moments.count() < 2 => f64::NAN,
            Self::Averaged(moments) => {
                let length: f64 = moments.mean().iter().map(|x| x * x).sum::<f64>().sqrt();
                (moments.total_variance() / moments.count() as f64).sqrt() / length
            }
        }
    }

    /// Means of its groups of draws `[groups × entries]`, the same vector in each if it is not sampled; `None` until every group
    /// has a draw.
    pub(super) fn group_means(&self) -> Option<Vec<Vec<f64>>> {
        match self {
            Self::Exact(gradient) | Self::Approximate(gradient) => Some(vec![gradient.clone(); GROUPS]),
            Self::Averaged(moments) => moments.group_means(),
        }
    }

    /// `|g|²`, without the bias that sampling noise would add.
    pub(super) fn squared_length(&self) -> Option<f64> {
        match self {
            Self::Exact(gradient) | Self::Approximate(gradient) => Some(gradient.iter().map(|x| x * x).sum()),
            Self::Averaged(moments) => Some(squared_mean(&moments.group_means()?).value),
        }
    }

    /// Relative distance of this gradient from another, `|g − other|/|other|`, without the bias of sampling noise; `None`
    /// until both have enough draws.
    pub fn distance_from(&self, other: &Self) -> Option<Estimate> {
        let difference = differences(&self.group_means()?, &other.group_means()?);
        Some(relative(squared_mean(&difference), other.squared_length()?))
    }

    /// The gradient `[n]` of `E f` over independent gates with these distributions. `logits` `[n]` belong to them; `seed` names
    /// the draws of the average ([`Purpose::Reference`]).
    ///
    /// Exact where all states can be enumerated, and where the loss is a sum over gates, whose local expectations do not
    /// depend on the other gates. An average of 4096 local expectations otherwise.
    pub fn new(objective: &dyn Objective, logits: &[f64], laws: &[GateDistribution], seed: u64) -> Self {
        let bernoulli = laws.iter().zip(logits).all(|(law, &a)| exact::is_bernoulli(law, a));
        if bernoulli && let Some(exact) = enumerate(objective, logits) {
            return Self::Exact(exact.gradient);
        }
        let is_exact = objective.is_smooth() || laws.iter().all(|law| law.len() <= MOST_EXACT_VALUES);
        let known = |gradient| if is_exact { Self::Exact(gradient) } else { Self::Approximate(gradient) };
        if let Some(gradient) = enumerate_laws(objective, laws) {
            return known(gradient);
        }
        let n = laws.len();
        let mut rng = Rng::new(seed, Purpose::Reference, 0);
        let (mut gates, mut uniform, mut local) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        let mut moments = Moments::new(n);
        for draw in 0..REFERENCE_DRAWS {
            rng.uniform(&mut uniform);
            for ((gate, law), &u) in gates.iter_mut().zip(laws).zip(&uniform) {
                *gate = sample(law, u);
            }
            objective.local_expectations(&gates, laws, &mut local);
            moments.add(&local);
            if draw + 1 == GROUPS && moments.total_variance() == 0.0 {
                return known(local);
            }
        }
        Self::Averaged(Box::new(moments))
    }
}

/// Differences of vectors, pair by pair.
pub(super) fn differences(of: &[Vec<f64>], from: &[Vec<f64>]) -> Vec<Vec<f64>> {
    of.iter().zip(from).map(|(x, y)| x.iter().zip(y).map(|(x, y)| x - y).collect()).collect()
}

/// The root of a square relative to a length, `√square / √squared_length`, with its error on the same scale. A square that
/// sampling noise made negative gives 0; NaN stays NaN.
pub(super) fn relative(square: Estimate, squared_length: f64) -> Estimate {
    let length = if squared_length > 0.0 { squared_length } else { f64::MIN_POSITIVE }.sqrt();
    let value = if square.value < 0.0 { 0.0 } else { square.value.sqrt() };
    // √(v² + e) − v: far from 0 the linearised error of a root; near 0, where that diverges, the largest value in the error.
    let error = (value * value + square.error).sqrt() - value;
    Estimate { value: value / length, error: if error < 0.0 { 0.0 } else { error } / length }
}
