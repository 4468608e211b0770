//! Minibatch SGD with momentum, a rate of its own for the gater, and a hard limit on the norm of incoming weights.
//!
//! Panel by panel: gradient, momentum, weights and norms of 32 columns are dealt with while they are in the cache.

use crate::network::{Linear, ParameterGradient, Parameters, Shape};
use gatelab_kernels::{CountingKernels, MomentumParams, MomentumUpdate, PackedMatrix, Real, WeightGradTerms};

/// What a step needs to know besides the gradient.
#[derive(Clone, Copy, Debug)]
pub struct Rates {
    /// Learning rate.
    pub learning_rate: f64,
    /// Factor for the gater's tensors.
    pub gater_rate: f64,
    /// Momentum, 0..1.
    pub momentum: f64,
    /// Largest norm of a unit's incoming weights; 0 for none.
    pub max_norm: f64,
}

/// SGD with momentum; holds one velocity per parameter.
#[derive(Clone, Debug)]
pub struct Optimizer<R> {
    pub(super) velocity: Parameters<R>,
    /// Gradient of the panel, or of the biases, at work; zeros in between.
    gradient: PackedMatrix<R>,
    /// Squares of the norms of the panel's columns.
    norms: Vec<R>,
}

impl<R: Real> Optimizer<R> {
    /// At rest.
    pub fn new(shape: &Shape) -> Self {
        let velocity = Parameters::zeros(shape);
        let layers = [&velocity.experts, &velocity.gater_hidden, &velocity.gater_logits, &velocity.head];
        let largest = layers.map(|layer| layer.weight.panel_range(0).len().max(layer.bias.len())).into_iter().max();
        Self { gradient: PackedMatrix::zeros(1, largest.unwrap_or_default()), norms: Vec::new(), velocity }
    }

    /// Sets all velocities to 0.
    pub fn reset_momentum(&mut self) {
        for tensor in self.velocity.tensors() {
            tensor.values.fill(R::zero());
        }
    }

    /// `v ← μv − ηg`, `w ← w + v`, then columns longer than the largest norm are scaled back.
    pub fn step(
        &mut self,
        parameters: &mut Parameters<R>,
        gradient: &ParameterGradient<'_, R>,
        rates: Rates,
        kernels: &mut CountingKernels<R>,
    ) {
        let motion = |of_gater: bool| MomentumParams {
            momentum: R::from_f64(rates.momentum),
            rate: R::from_f64(rates.learning_rate * if of_gater { rates.gater_rate } else { 1.0 }),
        };
        let most = (rates.max_norm > 0.0).then(|| R::from_f64(rates.max_norm));
        let velocity = &mut self.velocity;
        let layers = [
            (&mut parameters.experts, &mut velocity.experts, motion(false), most),
            (&mut parameters.gater_hidden, &mut velocity.gater_hidden, motion(true), most),
            (&mut parameters.gater_logits, &mut velocity.gater_logits, motion(true), most),
            (&mut parameters.head, &mut velocity.head, motion(false), None),
        ];
        for ((weights, velocity, motion, most), of) in layers.into_iter().zip(&gradient.layers) {
            layer(weights, velocity, of, (motion, most), (self.gradient.values_mut(), &mut self.norms), kernels);
        }
    }
}

/// One layer's weights and biases.
fn layer<R: Real>(
    weights: &mut Linear<R>,
    velocity: &mut Linear<R>,
    of: &WeightGradTerms<'_, R>,
    (motion, most): (MomentumParams<R>, Option<R>),
    (room, norms): (&mut [R], &mut Vec<R>),
    kernels: &mut CountingKernels<R>,
) {
    let gradient = &mut room[..weights.bias.len()];
    of.iter().for_each(|outer| outer.add_bias(gradient));
    let update =
        MomentumUpdate { weights: &mut weights.bias, velocity: &mut velocity.bias, gradient, squares: &mut [] };
    kernels.momentum_step(motion, update);
    for panel in 0..weights.weight.panels() {
        let (span, place) = (weights.weight.panel_columns(panel), weights.weight.panel_range(panel));
        let gradient = &mut room[..place.len()];
        kernels.weight_grad_panel(of, span.clone(), gradient);
        norms.clear();
        norms.resize(most.map_or(0, |_| span.len()), R::zero());
        let (weights, velocity) =
            (&mut weights.weight.values_mut()[place.clone()], &mut velocity.weight.values_mut()[place]);
        kernels.momentum_step(motion, MomentumUpdate { weights, velocity, gradient, squares: norms });
        if let Some(most) = most {
            limit(weights, norms, most);
        }
    }
}

/// Scales back every column of a row-major panel whose Euclidean norm exceeds `most`; `squared` holds Σw² of each column.
fn limit<R: Real>(panel: &mut [R], squared: &[R], most: R) {
    let columns = squared.len();
    for (column, &sum) in squared.iter().enumerate() {
        let length = sum.sqrt();
        if !length.is_finite() {
            // Σw² overflowed. Relative to the largest weight it cannot.
            let weights = || panel.iter().skip(column).step_by(columns);
            let largest = weights().fold(R::zero(), |largest, w| if w.abs() > largest { w.abs() } else { largest });
            let relative = weights().fold(R::zero(), |sum, &w| sum + (w / largest) * (w / largest)).sqrt();
            panel.iter_mut().skip(column).step_by(columns).for_each(|w| *w = *w / largest * (most / relative));
            continue;
        }
        if length > most {
            let scale = most / length;
            panel.iter_mut().skip(column).step_by(columns).for_each(|w| *w *= scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_beyond_the_norm_come_back_to_it_and_others_stay() {
        let mut values = vec![3.0, 0.1, 4.0, 0.2];
        limit(&mut values, &[25.0, 0.05], 2.0);
        let expected = [1.2, 0.1, 1.6, 0.2];
        assert!(values.iter().zip(expected).all(|(a, b)| f64::abs(a - b) < 1e-12), "{values:?}");
    }

    #[test]
    fn a_column_whose_sum_of_squares_overflows_gets_the_largest_norm() {
        let mut values = vec![3e25_f32, 0.5, -4e25, 0.5];
        let squared = [f32::INFINITY, 0.5];
        limit(&mut values, &squared, 2.0);
        let expected = [1.2, 0.5, -1.6, 0.5];
        assert!(values.iter().zip(expected).all(|(a, b)| f32::abs(a - b) < 1e-5), "{values:?}");
    }
}
