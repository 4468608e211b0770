//! Estimators that follow the slope `∂L/∂b` of the loss at the drawn gates, as if gates were real numbers.
//!
//! Each is a quadrature rule for the area under the slope between a closed and an open gate: quiet, cheap, and biased where
//! the slope is not what the rule takes it for.

pub(in crate::estimator) mod annealed;
pub(in crate::estimator) mod gumbel;
pub(in crate::estimator) mod hard_sigmoid;
pub(in crate::estimator) mod reinmax;
pub(in crate::estimator) mod semantic_hashing;
pub(in crate::estimator) mod skipping;
pub(in crate::estimator) mod smooth_times_stochastic;
pub(in crate::estimator) mod straight_through;
