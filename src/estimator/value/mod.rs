//! Estimators that use values of the loss only: unbiased whatever the loss, even a reward that has no slope.
//!
//! All of them weigh `b − p`, the slope of the draw's log-probability, or a coupling of two draws, by how the loss came out.
//! What distinguishes them is how they get rid of the noise that all the *other* gates put into that loss.

pub(in crate::estimator) mod antithetic;
pub(in crate::estimator) mod draws;
pub(in crate::estimator) mod flips;
pub(in crate::estimator) mod reinforce;
pub(in crate::estimator) mod rloo;
