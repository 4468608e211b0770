//! Gatelab: a small gated MNIST network, trained live, to compare gradient estimators for stochastic binary gates.
//!
//! The rooms, in the order in which they may use one another (`ARCHITECTURE.md` draws the flow):
//!
//! - [`numeric`]: numbers only: matrix products that count their work, elementary functions, random streams
//! - [`data`]: IDX files, MNIST's shards, generated stroke digits, minibatches
//! - [`estimator`]: how a gate is drawn and how its logit gets a gradient; one file per estimator
//! - [`sparsity`]: the penalties that hold the firing rate at its target
//! - [`network`]: shapes, parameters, forward and backward passes
//! - [`training`]: configuration, the trainer, evaluation, curves
//! - [`bench`]: measurements of speed, and the cases that are compared
//! - [`protocol`]: what page and worker say to each other
//! - `cli` (native only): the same engine on the command line
//! - [`page`]: what people see; natively only its pure parts, for their tests
//! - `worker` (WebAssembly only): the run loop

pub mod bench;
pub mod data;
pub mod estimator;
pub mod lab;
pub mod network;
pub mod numeric;
pub mod protocol;
pub mod sparsity;
pub mod training;

#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod page;
#[cfg(target_arch = "wasm32")]
pub mod worker;
