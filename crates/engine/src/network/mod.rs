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

mod context;
mod experts;
mod flips;
mod gater;
mod gradient;
mod head;
mod parameters;
mod pass;
mod shape;
mod told;

pub use context::PassContext;
pub use flips::Flips;
pub use parameters::{Linear, Parameters, TENSORS, Tensor};
pub use pass::{Elsewhere, GradientAt, Pass};
pub use shape::{ExpertActivation, Shape};
pub use told::Told;

use gatelab_kernels::{CountingKernels, Real};

pub use experts::{ExpertsRun, forward as experts_forward};
pub use gater::{backward as gater_backward, forward as gater_forward};
pub use gradient::Gradient;
pub use head::forward as head_forward;

/// Back to the end, once the estimator has spoken: afterwards the pass holds, for every layer, what comes back to it for the
/// minibatch mean, and [`Gradient`] makes parameter gradients of it.
///
/// `logit_gradient` in `pass` holds per-example `∂L/∂a` plus the penalty's share.
pub fn backward<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut CountingKernels<R>) {
    let at = head::backward(parameters, pass, kernels);
    experts::backward(pass, at);
    gater::backward(parameters, pass, kernels);
}
