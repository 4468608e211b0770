//! How a gate is drawn, and how its logit gets a gradient: one file per estimator or close family.
//!
//! An [`Estimator`] does two things. `draw` makes the gate values from the logits. `logit_gradient` gives `∂L/∂a`, asking a
//! [`GateContext`] for what it needs and only for that; the context counts the work each question costs.
//!
//! Notation: logit `a`, probability `p = σ(a)`, sample `b`, gate value `g`, per-example loss `L`. Everything is per example;
//! the mean over the minibatch is taken later, once, for all layers.

mod bernoulli;
mod knobs;
mod record;
mod rectifier;
pub mod registry;
mod reinforce;
mod sigmoid;
mod smooth_times_stochastic;
mod straight_through;

use std::collections::BTreeMap;

use ndarray::{Array2, ArrayView2};

use crate::numeric::{Noise, Real};
use crate::training::config::Value;

pub use knobs::{beta_alpha, beta_scale};
pub use record::{Activation, Bias, Family, Key, LiveNumber, Needs, Range, Record, Tuned};

/// What was drawn for a minibatch. All arrays are [B × G].
#[derive(Clone, Debug, Default)]
pub struct GateDraw<R> {
    /// Gate values `g`; exactly 0 is a closed gate.
    pub gates: Array2<R>,
    /// The random numbers the draw used, for estimators whose gradient needs them again.
    pub noise: Array2<R>,
    /// `σ` of the (possibly noisy) logits; estimators without a probability leave it alone.
    pub probability: Array2<R>,
}

impl<R: Real> GateDraw<R> {
    /// Room for `batch` examples and `gates` gates, all closed.
    pub fn new(batch: usize, gates: usize) -> Self {
        let zeros = || Array2::zeros((batch, gates));
        Self { gates: zeros(), noise: zeros(), probability: zeros() }
    }
}

/// What an estimator may ask about the loss of the gates it drew. Each question costs what it costs, and is counted.
pub trait GateContext<R: Real> {
    /// Each example's loss `L`, nats, sparsity penalty not included; `out` has length B.
    fn losses(&mut self, out: &mut [R]);
    /// `∂L/∂g` [B × G] where the gate is open, 0 elsewhere. Experts of closed gates don't run.
    fn slopes_of_active(&mut self, out: &mut Array2<R>);
    /// `∂L/∂g` [B × G] everywhere, at the drawn gates. Experts of closed gates must run forward for it.
    fn slopes_of_all(&mut self, out: &mut Array2<R>);
}

/// A rule for drawing gates and for the gradient of their logits.
pub trait Estimator<R: Real>: Send {
    /// What there is to know about it.
    fn record(&self) -> &'static Record;

    /// Takes the values of its knobs; they are validated before.
    fn configure(&mut self, _knobs: &BTreeMap<String, Value>) {}

    /// Draws gate values from logits [B × G].
    fn draw(&mut self, logits: &Array2<R>, noise: &mut dyn Noise<R>, draw: &mut GateDraw<R>);

    /// The estimate of `∂L/∂a` [B × G], per example, into `out`.
    fn logit_gradient(
        &mut self,
        logits: &Array2<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        out: &mut Array2<R>,
    );

    /// The activation that the sparsity control acts on, and its exact derivative with respect to the logit; both [B × G].
    fn activation(&self, logits: &Array2<R>, draw: &GateDraw<R>, value: &mut Array2<R>, slope: &mut Array2<R>);

    /// Probability that a gate with this logit is open in training, 0..=1.
    fn open_probability(&self, logit: R) -> R;

    /// Whether test-time gates are cut off by a threshold on the logit, chosen for the target rate.
    fn thresholded(&self) -> bool {
        true
    }

    /// Deterministic gate values at test time; `threshold` is on the logit and ignored where there is none.
    fn test_gates(&self, logits: ArrayView2<'_, R>, threshold: R, out: &mut Array2<R>);

    /// What it remembers between steps (moving averages), for checkpoints; in a fixed order.
    fn memory(&mut self) -> Vec<&mut Vec<R>> {
        Vec::new()
    }

    /// Its live numbers after the first (see [`registry::SIGNAL`]), in the order of its record.
    fn live(&self, _out: &mut Vec<f32>) {}
}
