//! The gradient of the minibatch mean with respect to every parameter, as products that have not been done yet.

use super::parameters::{Linear, Parameters, TENSORS};
use super::pass::Pass;
use super::{experts, gater, head};
use gatelab_kernels::{CountingKernels, Matrix, Real, WeightGradTerms};

/// Numbers beyond this count as not finite: they will overflow `f32` within a few steps, and stopping before that keeps the
/// parameters finite.
const LIMIT: f64 = 1e30;

/// Index of the output layer among the layers.
const HEAD: usize = 3;

/// The gradient of each layer, weights and biases, as products to be computed panel by panel.
pub struct ParameterGradient<'a, R: Real> {
    /// Of the experts, the gater's two layers, and the output layer: in the order of [`TENSORS`].
    pub layers: [WeightGradTerms<'a, R>; 4],
    /// h [B × H], the output layer's inputs.
    head_inputs: &'a Matrix<R>,
}

impl<'a, R: Real> ParameterGradient<'a, R> {
    /// Of a pass whose [`backward`](super::backward) is done; the gater also learns from the `late` ones.
    pub fn of(pass: &'a Pass<R>, late: impl Iterator<Item = &'a Pass<R>>) -> Self {
        let [hidden, logits] = gater::weight_grads(pass).map(WeightGradTerms::single);
        let (experts, head) = (experts::weight_grad(pass), head::weight_grad(pass));
        let mut layers = [WeightGradTerms::single(experts), hidden, logits, WeightGradTerms::single(head)];
        for pass in late {
            let [hidden, logits] = gater::weight_grads(pass);
            layers[1].delayed.push(hidden);
            layers[2].delayed.push(logits);
        }
        Self { layers, head_inputs: &pass.experts.gated }
    }

    /// The first tensor whose gradient could hold a number that is not finite, if any.
    ///
    /// Inputs of the first three layers are at most 1 in size, so checking δ suffices there. The output layer's δ is at most 1/B
    /// (softmax minus one-hot), but its inputs are not bounded, so they are checked too.
    pub fn first_not_finite(&self) -> Option<&'static str> {
        let of_layer = |(at, layer): (usize, &WeightGradTerms<'_, R>)| {
            let mut found = at == HEAD && overflows(self.head_inputs.values());
            layer.iter().for_each(|term| term.for_each_delta(|_, part| found |= overflows(part)));
            found
        };
        self.layers.iter().enumerate().position(of_layer).map(|at| TENSORS[2 * at])
    }

    /// Computes and stores the whole gradient: the definition of what the optimiser does panel by panel.
    pub fn store(&self, kernels: &mut CountingKernels<R>, into: &mut Parameters<R>) {
        let layers = [&mut into.experts, &mut into.gater_hidden, &mut into.gater_logits, &mut into.head];
        for (terms, Linear { weight, bias }) in self.layers.iter().zip(layers) {
            weight.values_mut().fill(R::zero());
            for panel in 0..weight.panels() {
                let (span, place) = (weight.panel_columns(panel), weight.panel_range(panel));
                kernels.weight_grad_panel(terms, span, &mut weight.values_mut()[place]);
            }
            bias.fill(R::zero());
            terms.iter().for_each(|term| term.add_bias(bias));
        }
    }
}

/// Whether an entry is NaN or at least [`LIMIT`] in size.
fn overflows<R: Real>(values: &[R]) -> bool {
    let limit = R::from_f64(LIMIT);
    // Without an early exit, so that it vectorises.
    values.iter().fold(false, |found, x| found | (x.abs() >= limit) | x.is_nan())
}
