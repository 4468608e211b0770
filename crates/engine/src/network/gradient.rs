//! The gradient of the minibatch mean with respect to every parameter, as products that have not been done yet.

use super::parameters::{Linear, Parameters, TENSORS};
use super::pass::Pass;
use super::{experts, gater, head};
use gatelab_kernels::{CountingKernels, Real, WeightGradTerms};

/// Numbers beyond this count as not finite: they will overflow `f32` within a few steps, and stopping before that keeps the
/// parameters finite.
const LIMIT: f64 = 1e30;

/// What is needed to compute the gradient of each layer, weights and biases.
pub struct Gradient<'a, R: Real> {
    /// Of the experts, the gater's two layers, and the output layer: in the order of [`TENSORS`].
    pub layers: [WeightGradTerms<'a, R>; 4],
}

impl<'a, R: Real> Gradient<'a, R> {
    /// Of a pass that has gone back to the end; the gater also learns from `late` ones.
    pub fn of(pass: &'a Pass<R>, late: impl Iterator<Item = &'a Pass<R>>) -> Self {
        let [hidden, logits] = gater::outer(pass).map(WeightGradTerms::single);
        let mut layers =
            [WeightGradTerms::single(experts::outer(pass)), hidden, logits, WeightGradTerms::single(head::outer(pass))];
        for pass in late {
            let [hidden, logits] = gater::outer(pass);
            layers[1].delayed.push(hidden);
            layers[2].delayed.push(logits);
        }
        Self { layers }
    }

    /// The first tensor whose gradient would hold a number that is not finite, if any. Inputs and hidden units are at most 1,
    /// so what comes back tells; to the output layer's units come as they are.
    pub fn first_not_finite(&self) -> Option<&'static str> {
        let limit = R::from_f64(LIMIT);
        // Without an early exit, so that it vectorises.
        let bad = |values: &gatelab_kernels::Matrix<R>| {
            values.iter().fold(false, |bad, x| bad | (x.abs() >= limit) | x.is_nan())
        };
        let at = self.layers.iter().position(|layer| layer.iter().any(|outer| bad(outer.delta())))?;
        Some(TENSORS[2 * at])
    }

    /// Does the products and stores the gradient: what the optimiser does panel by panel.
    pub fn store(&self, kernels: &mut CountingKernels<R>, into: &mut Parameters<R>) {
        let layers = [&mut into.experts, &mut into.gater_hidden, &mut into.gater_logits, &mut into.head];
        for (of, Linear { weight, bias }) in self.layers.iter().zip(layers) {
            weight.values_mut().fill(R::zero());
            for panel in 0..weight.panels() {
                let (span, place) = (weight.panel_columns(panel), weight.panel_range(panel));
                kernels.weight_grad_panel(of, span, &mut weight.values_mut()[place]);
            }
            bias.fill(R::zero());
            of.iter().for_each(|outer| outer.add_bias(bias));
        }
    }
}
