//! The trait of all estimators.

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real, sigmoid};

use super::context::GateContext;
use super::distribution::GateDistribution;
use super::gate_draw::GateDraw;
use super::record::{Needs, Record};
use super::state::{Sizes, StateError, StateTensor};
use super::{bernoulli, distribution, state};
use crate::schema::Value;

/// A rule for drawing gates and for the gradient of their logits.
///
/// The defaults are those of Bernoulli gates, `b ~ Bernoulli(σ(a))`: an estimator for them implements `record` and
/// `logit_gradient` only.
pub trait Estimator<R: Real>: Send {
    /// Its description.
    fn record(&self) -> &'static Record;

    /// What it needs in a training step, with its knobs at their present values.
    fn needs(&self) -> Needs {
        self.record().needs
    }

    /// Sets its knobs; the values have been validated.
    fn configure(&mut self, _knobs: &BTreeMap<String, Value>) {}

    /// Sets the time in epochs, before each draw; annealed values depend on it alone.
    fn advance(&mut self, _epoch: f64) {}

    /// Draws gate values from logits [B × G].
    fn draw(&mut self, logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
        bernoulli::draw(logits, noise, draw);
    }

    /// Writes `∂L/∂a` per example [B × G] for the gates drawn. `noise` continues the stream of the draw, for estimators that
    /// need more random numbers.
    fn logit_gradient(
        &mut self,
        logits: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        noise: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    );

    /// The activation that the sparsity control acts on (`value`), and its exact derivative with respect to the logit
    /// (`grad`); both [B × G].
    fn activation(&self, _logits: &Matrix<R>, draw: &GateDraw<R>, value: &mut Matrix<R>, grad: &mut Matrix<R>) {
        bernoulli::activation(draw, value, grad);
    }

    /// Probability that a gate with this logit is open in training, 0..=1.
    fn open_probability(&self, logit: R) -> R {
        sigmoid(logit)
    }

    /// The distribution of a gate's value in training, given its logit; gates are independent.
    fn distribution(&self, logit: f64) -> GateDistribution {
        distribution::bernoulli(logit)
    }

    /// Whether gates at test time depend on a threshold θ on the logit, which is chosen for the target rate.
    fn thresholded(&self) -> bool {
        true
    }

    /// Deterministic gate values [B × G] at test time; `threshold` is θ, ignored unless [`Estimator::thresholded`].
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

    /// Its live numbers after the first (see [`SIGNAL`](super::registry::SIGNAL)), in the order of its record.
    fn live(&self, _out: &mut Vec<f32>) {}
}
