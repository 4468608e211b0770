//! The penalties that hold the firing rate at its target (paper, appendix A.1).
//!
//! Both act on the gates' *activation*, which each estimator defines: a probability for Bernoulli gates, the value for
//! rectifiers.

mod cross_entropy;
mod l1;

use gatelab_kernels::{Matrix, Real};

use crate::estimator::{Activation, Record};

pub use cross_entropy::{cross_entropy, cross_entropy_grad};
pub use l1::LambdaController;

/// The sparsity control of a run.
#[derive(Clone, Debug)]
pub enum SparsityPenalty {
    /// Eq. 14: cross-entropy between the target and each gate's mean activation over the minibatch, summed over gates.
    CrossEntropy {
        /// Weight λ.
        lambda: f64,
        /// Target s.
        target: f64,
    },
    /// Eq. 15: λ times the sum of absolute activations over minibatch and gates, λ following the firing rate.
    L1(LambdaController),
}

impl SparsityPenalty {
    /// The control that fits an estimator's activation.
    pub fn new(record: &Record, lambda: f64, target: f64) -> Self {
        match record.activation {
            Activation::Probability | Activation::RootProbability => Self::CrossEntropy { lambda, target },
            Activation::Value => Self::L1(LambdaController::new(lambda, target)),
        }
    }

    /// The weight in force.
    pub fn lambda(&self) -> f64 {
        match self {
            Self::CrossEntropy { lambda, .. } => *lambda,
            Self::L1(controller) => controller.lambda(),
        }
    }

    /// Sets the weight; an adaptive one continues from this value.
    pub fn set_lambda(&mut self, value: f64) {
        match self {
            Self::CrossEntropy { lambda, .. } => *lambda = value,
            Self::L1(controller) => controller.set_lambda(value),
        }
    }

    /// Sets the target rate.
    pub fn set_target(&mut self, value: f64) {
        match self {
            Self::CrossEntropy { target, .. } => *target = value,
            Self::L1(controller) => controller.set_target(value),
        }
    }

    /// Adds the penalty's gradient to that of the logits and returns the penalty. `gradient` [B × G] holds derivatives of the
    /// minibatch *mean* loss times B (per-example convention), so the penalty's share is scaled by B as well.
    pub fn add_gradient<R: Real>(&self, value: &Matrix<R>, grad: &Matrix<R>, gradient: &mut Matrix<R>) -> f64 {
        match self {
            Self::CrossEntropy { lambda: 0.0, .. } => 0.0,
            Self::CrossEntropy { lambda, target } => {
                cross_entropy::add_gradient(*lambda, *target, value, grad, gradient)
            }
            Self::L1(controller) => l1::add_gradient(controller.lambda(), value, grad, gradient),
        }
    }

    /// After a step with this share of open pairs, 0..=1.
    pub fn observe(&mut self, firing_rate: f64) {
        if let Self::L1(controller) = self {
            controller.observe(firing_rate);
        }
    }
}
