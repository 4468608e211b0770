//! The laboratory: how far the mean of each gradient estimator is from the exact gradient (bias), and how much single draws
//! vary (noise).
//!
//! It measures in two places:
//!
//! - a **toy**: a loss of a few gates with chosen firing probabilities. [`Toy`] draws gradients of several estimators and
//!   compares them; [`one_gate`] computes their mean and variance on one gate without sampling; [`ToyTraining`] follows one
//!   estimator's gradient.
//! - a **network**: [`GradientProbe`] does the same on a [`Snapshot`] of a run and a fixed minibatch.
//!
//! What is compared with what:
//!
//! 1. An [`Objective`] is a loss `f(g)` of gate values. A frozen network gives one for each example ([`SoftmaxHead`]).
//! 2. The [`ReferenceGradient`] is `∂E f/∂a` under the gates' own distributions. It is enumerated over all gate states
//!    ([`exact`]), or averaged over draws with a known error. Its code shares nothing with the estimators'.
//! 3. [`Moments`] sums many draws of an estimator. [`Metrics`] compares them with the reference: bias with its standard error,
//!    noise to signal, cosines, signs, multiply-adds. A [`Row`] holds them for one estimator.
//! 4. [`quadrature`] integrates an estimator's own code over its random numbers.
//!
//! Everything here is `f64`, except for the network and its estimators, which run in `f32` as in training.

pub mod exact;
mod finite;
mod gradient_probe;
mod metrics;
mod moments;
mod network_pass;
mod objective;
mod objective_kind;
pub mod one_gate;
mod probe_reference;
pub mod quadrature;
mod reference;
mod separable;
pub mod snapshot;
mod softmax;
mod toy;
mod toy_context;
mod toy_spec;
mod toy_training;

pub use gradient_probe::{GradientProbe, MOST_DRAWS};
pub use metrics::{Metrics, Row};
pub use moments::{Estimate, GROUPS, Moments};
pub use network_pass::NetworkPass;
pub use objective::{HardState, Objective};
pub use objective_kind::ObjectiveKind;
pub use one_gate::{GateAnalysis, ToyView};
pub use quadrature::MeanVariance;
pub use reference::ReferenceGradient;
pub use separable::{GateLoss, SeparableLoss};
pub use snapshot::{Snapshot, SnapshotError};
pub use softmax::SoftmaxHead;
pub use toy::Toy;
pub use toy_context::ToyContext;
pub use toy_spec::{LabError, ToySpec};
pub use toy_training::{Method, ToyTraining, TrainingPoint};
