//! How a gate is drawn, and how its logit gets a gradient: one file per estimator or close family, one folder per family.
//!
//! An [`Estimator`] does two things. `draw` makes the gate values from the logits. `logit_gradient` gives `∂L/∂a`, asking a
//! [`GateContext`] for what it needs and only for that; the context counts the work each question costs.
//!
//! Notation: logit `a`, probability `p = σ(a)`, sample `b`, gate value `g`, per-example loss `L`. Everything is per example;
//! the mean over the minibatch is taken later, once, for all layers.
//!
//! One identity organises everything. The exact gradient of `E L` for independent Bernoulli gates is
//!
//! ```text
//! ∂E L/∂a_i = p_i (1 − p_i) E[ L(b_i = 1) − L(b_i = 0) ] = p_i (1 − p_i) E ∫₀¹ ∂L/∂b_i(t) dt
//! ```
//!
//! so that estimators of the family [`value`] sample the difference, those of [`slope`] guess the area under the slope by a
//! quadrature rule, those of [`both`] use one to correct the other, and those of [`own`] replace the gate by one that can be
//! differentiated. `docs/adding-an-estimator.md` says how to add one.

mod anneal;
mod average;
mod bernoulli;
pub mod both;
mod context;
mod knobs;
pub mod law;
pub mod own;
mod record;
pub mod registry;
mod room;
pub mod slope;
mod state;
pub mod value;

use gatelab_kernels::Matrix;
use std::collections::BTreeMap;

use crate::schema::Value;
use gatelab_kernels::{RandomSource, Real, sigmoid};

pub use context::GateContext;
pub use knobs::{beta_alpha, beta_scale};
pub use law::{Atom, Law};
pub use record::{Activation, Bias, Family, Level, LiveNumber, Needs, Record, Tuned};
pub use state::{Sizes, StateError, StateShape, StateTensor};

/// What was drawn for a minibatch. All arrays are [B × G].
#[derive(Clone, Debug, Default)]
pub struct GateDraw<R> {
    /// Gate values `g`; exactly 0 is a closed gate.
    pub gates: Matrix<R>,
    /// The random numbers the draw used, for estimators whose gradient needs them again.
    pub noise: Matrix<R>,
    /// `σ` of the (possibly noisy) logits; estimators without a probability leave it alone.
    pub probability: Matrix<R>,
}

impl<R: Real> GateDraw<R> {
    /// Room for `batch` examples and `gates` gates, all closed.
    pub fn new(batch: usize, gates: usize) -> Self {
        let zeros = || Matrix::zeros((batch, gates));
        Self { gates: zeros(), noise: zeros(), probability: zeros() }
    }
}

/// A rule for drawing gates and for the gradient of their logits.
///
/// What has a default here is that of plain coins, `b ~ Bernoulli(σ(a))`: an estimator of those gives its record and its
/// `logit_gradient` and is done.
pub trait Estimator<R: Real>: Send {
    /// What there is to know about it.
    fn record(&self) -> &'static Record;

    /// What it asks of a step, with its knobs as they are.
    fn needs(&self) -> Needs {
        self.record().needs
    }

    /// Takes the values of its knobs; they are validated before.
    fn configure(&mut self, _knobs: &BTreeMap<String, Value>) {}

    /// Takes note of how far the run is, in epochs, before each draw: what follows a schedule follows this.
    fn advance(&mut self, _epoch: f64) {}

    /// Draws gate values from logits [B × G].
    fn draw(&mut self, logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
        bernoulli::draw(logits, noise, draw);
    }

    /// Writes `∂L/∂a` per example [B × G] for the gates drawn. `noise` goes on where the draw's stopped, for estimators that
    /// draw again.
    fn logit_gradient(
        &mut self,
        logits: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        noise: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    );

    /// The activation that the sparsity control acts on, and its exact derivative with respect to the logit; both [B × G].
    fn activation(&self, _logits: &Matrix<R>, draw: &GateDraw<R>, value: &mut Matrix<R>, slope: &mut Matrix<R>) {
        bernoulli::activation(draw, value, slope);
    }

    /// Probability that a gate with this logit is open in training, 0..=1.
    fn open_probability(&self, logit: R) -> R {
        sigmoid(logit)
    }

    /// The law of a gate's value in training, given its logit; gates are independent.
    fn law(&self, logit: f64) -> Law {
        law::bernoulli(logit)
    }

    /// Whether test-time gates are cut off by a threshold on the logit, chosen for the target rate.
    fn thresholded(&self) -> bool {
        true
    }

    /// Deterministic gate values at test time; `threshold` is on the logit and ignored where there is none.
    fn test_gates(&self, logits: &Matrix<R>, threshold: R, out: &mut Matrix<R>) {
        bernoulli::test_gates(logits, threshold, out);
    }

    /// Sizes the learned state for a network, with initial values that follow from `seed` alone. Call it once before the
    /// first minibatch; an estimator used without this call does it at its first minibatch, with seed 0.
    fn reset_state(&mut self, _sizes: Sizes, _seed: u64) {}

    /// Calls `visit` with each tensor of the learned state, in a fixed order. Everything learned across steps is in it: an
    /// estimator with the same knobs, epoch and state gives the same numbers. Takes no memory.
    fn visit_state<'a>(&'a self, _visit: &mut dyn FnMut(StateTensor<'a, R>)) {}

    /// Calls `visit` with the values of each tensor, in the order of [`Estimator::visit_state`], to be overwritten.
    fn visit_state_mut(&mut self, _visit: &mut dyn FnMut(&mut [R])) {}

    /// The learned state, for checkpoints; empty if nothing is learned. Its shapes are those of the last
    /// [`Estimator::reset_state`].
    fn state(&self) -> Vec<StateTensor<'_, R>> {
        let mut tensors = Vec::new();
        self.visit_state(&mut |tensor| tensors.push(tensor));
        tensors
    }

    /// Whether anything is learned across steps.
    fn has_state(&self) -> bool {
        let mut found = false;
        self.visit_state(&mut |_| found = true);
        found
    }

    /// Loads a state that [`Estimator::state`] gave; the order of the tensors doesn't matter. Call it after
    /// [`Estimator::reset_state`], which determines the shapes.
    ///
    /// # Errors
    /// If a tensor is missing, unknown or of another shape, or a number is not finite; the state is then unchanged.
    fn load_state(&mut self, tensors: &[StateTensor<'_, R>]) -> Result<(), StateError> {
        let values = state::matching(&self.state(), tensors)?;
        let mut values = values.into_iter();
        self.visit_state_mut(&mut |own| match values.next() {
            Some(values) => own.copy_from_slice(values),
            None => unreachable!("visit_state and visit_state_mut give the same tensors"),
        });
        Ok(())
    }

    /// Copies all entries of the learned state into `out`, one tensor after the other. Takes no memory once `out` has the
    /// capacity.
    fn copy_state_into(&self, out: &mut Vec<R>) {
        out.clear();
        self.visit_state(&mut |tensor| out.extend_from_slice(tensor.values));
    }

    /// Restores bit for bit what [`Estimator::copy_state_into`] copied; takes no memory.
    ///
    /// # Panics
    /// If `saved` has another length than the state.
    fn restore_state(&mut self, saved: &[R]) {
        let mut rest = saved;
        self.visit_state_mut(&mut |own| {
            assert!(rest.len() >= own.len(), "a state of the same estimator and sizes");
            let (values, after) = rest.split_at(own.len());
            own.copy_from_slice(values);
            rest = after;
        });
        assert!(rest.is_empty(), "a state of the same estimator and sizes");
    }

    /// Its live numbers after the first (see [`registry::SIGNAL`]), in the order of its record.
    fn live(&self, _out: &mut Vec<f32>) {}
}
