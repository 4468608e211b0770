//! A small gated network on handwritten digits, the gradient estimators that train its stochastic gates, and a laboratory that
//! judges them by the exact gradient.
//!
//! The modules, in the order in which they may use one another:
//!
//! - [`data`]: IDX files, shards of MNIST, generated stroke digits, minibatches
//! - [`schema`]: settings, presets, and the configuration of a run
//! - [`estimator`]: how a gate is drawn and how its logit gets a gradient; one file per estimator
//! - [`sparsity`]: the penalties that hold the firing rate at its target
//! - [`network`]: shapes, parameters, forward and backward passes
//! - [`training`]: settings in force, the trainer, evaluation, curves, checkpoints
//! - [`lab`]: exact gradients, moments of estimates, toys
//!
//! Nothing here knows a browser, a terminal or a clock.

pub mod data;
pub mod estimator;
pub mod lab;
pub mod network;
pub mod schema;
pub mod sparsity;
pub mod training;
