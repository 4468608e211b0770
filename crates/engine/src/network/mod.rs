//! The gated network of 2013: one linear gated layer between an input and a softmax.
//!
//! Legend of shapes: **B** examples of a minibatch, **D** = 784 inputs, **M** hidden units of the gater, **G** gates,
//! **U** expert units per gate, **H** = G·U expert units, **K** = 10 classes.
//!
//! ```text
//!     x [B×D] ─ tanh(x·W1 + b1) ─ q [B×M] ─ q·W2 + b2 ─ a [B×G] ─ draw ─ g [B×G]
//!        └────────── x·W0 + b0 ─ z [B×H] ─────────────────────────────── ⊙ ─ h [B×H] ─ h·W3 + b3 ─ softmax, NLL
//! ```
//!
//! Each part is a pair of functions, forward and backward, side by side in one file.

mod experts;
mod gate_flips;
pub mod gater;
mod gater_loss;
mod head;
mod parameter_gradient;
mod parameters;
mod pass;
mod pass_context;
pub mod run;
mod shape;

pub use experts::ExpertsRun;
pub use gater_loss::GaterLoss;
pub use parameter_gradient::ParameterGradient;
pub use parameters::{Linear, Parameters, TENSOR_IDS, TENSORS, Tensor};
pub use pass::{Counterfactual, Deltas, ExpertOutputs, Extent, HeadOutputs, LossGrads, Pass};
pub use pass_context::PassContext;
pub use run::{NonFiniteLoss, PassKernels, backward, forward_at_test_time, forward_from_gates, sample_gradient};
pub use shape::Shape;

pub use crate::schema::ExpertActivation;
