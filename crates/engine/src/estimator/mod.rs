//! How a gate is drawn, and how its logit gets a gradient: one file per estimator or close family, one folder per family.
//!
//! An [`Estimator`] does two things. `draw` makes the gate values from the logits. `logit_gradient` gives `∂L/∂a`, asking a
//! [`GateContext`] for what it needs and only for that; the context counts the work each question costs.
//!
//! Notation: logit `a`, probability `p = σ(a)`, sample `b`, gate value `g`, per-example loss `L`. Everything is per example;
//! the mean over the minibatch is taken later, once, for all layers.
//!
//! The exact gradient of `E L` for independent Bernoulli gates is
//!
//! ```text
//! ∂E L/∂a_i = p_i (1 − p_i) E[ L(b_i = 1) − L(b_i = 0) ] = p_i (1 − p_i) E ∫₀¹ ∂L/∂b_i(t) dt
//! ```
//!
//! Estimators of the family [`score_function`] sample the difference. Those of [`straight_through`] approximate the integral
//! by a quadrature rule. Those of [`control_variate`] correct one by the other. Those of [`pathwise`] replace the gate by a
//! differentiable one. `docs/adding-an-estimator.md` says how to add one.

#[macro_use]
mod family;

mod annealing;
mod average;
mod bernoulli;
mod context;
pub mod control_variate;
pub mod distribution;
mod draws;
mod gate_draw;
mod knobs;
pub mod pathwise;
mod record;
pub mod registry;
mod rule;
pub mod score_function;
mod scratch;
mod state;
pub mod straight_through;

pub use context::GateContext;
pub use distribution::{GateDistribution, SupportPoint};
pub use gate_draw::GateDraw;
pub use knobs::{beta_alpha, beta_scale};
pub use record::{Activation, Bias, Family, Level, LiveNumber, Needs, Record, Tuned};
pub use rule::Estimator;
pub use state::{Sizes, StateError, StateShape, StateTensor};
