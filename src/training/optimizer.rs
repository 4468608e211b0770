//! Minibatch SGD with momentum, a rate of its own for the gater, and a hard limit on the norm of incoming weights.

use crate::network::{Parameters, Shape};
use crate::numeric::Real;

/// Numbers beyond this count as not finite: they will overflow `f32` within a few steps, and stopping before that keeps the
/// parameters finite.
const LIMIT: f64 = 1e30;

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
    norms: Vec<R>,
}

impl<R: Real> Optimizer<R> {
    /// At rest.
    pub fn new(shape: &Shape) -> Self {
        Self { velocity: Parameters::zeros(shape), norms: Vec::new() }
    }

    /// Forgets all momentum.
    pub fn rest(&mut self) {
        for tensor in self.velocity.tensors() {
            tensor.values.fill(R::zero());
        }
    }

    /// The first tensor of a gradient with a number that is not finite, if any.
    pub fn first_not_finite(gradient: &mut Parameters<R>) -> Option<&'static str> {
        let limit = R::of(LIMIT);
        gradient
            .tensors()
            .into_iter()
            // Without an early exit, so that it vectorises.
            .find(|tensor| tensor.values.iter().fold(false, |bad, x| bad | (x.abs() >= limit) | x.is_nan()))
            .map(|tensor| tensor.name)
    }

    /// `v ← μv − ηg`, `w ← w + v`, then columns longer than the largest norm are scaled back.
    pub fn step(&mut self, parameters: &mut Parameters<R>, gradient: &mut Parameters<R>, rates: Rates) {
        let momentum = R::of(rates.momentum);
        let tensors = parameters.tensors().into_iter().zip(gradient.tensors()).zip(self.velocity.tensors());
        for ((weights, slopes), velocity) in tensors {
            let factor = if weights.of_gater { rates.gater_rate } else { 1.0 };
            let rate = R::of(rates.learning_rate * factor);
            for ((w, &g), v) in weights.values.iter_mut().zip(slopes.values.iter()).zip(velocity.values.iter_mut()) {
                *v = momentum * *v - rate * g;
                *w += *v;
            }
            if let Some(columns) = weights.normed_columns
                && rates.max_norm > 0.0
            {
                limit_columns(weights.values, columns, R::of(rates.max_norm), &mut self.norms);
            }
        }
    }
}

/// Scales back every column of a row-major matrix whose Euclidean norm exceeds `most`.
fn limit_columns<R: Real>(values: &mut [R], columns: usize, most: R, norms: &mut Vec<R>) {
    norms.clear();
    norms.resize(columns, R::zero());
    for row in values.chunks(columns) {
        for (sum, &w) in norms.iter_mut().zip(row) {
            *sum += w * w;
        }
    }
    let mut any = false;
    for norm in norms.iter_mut() {
        let length = norm.sqrt();
        *norm = if length > most { most / length } else { R::one() };
        any |= *norm < R::one();
    }
    if any {
        for row in values.chunks_mut(columns) {
            for (w, &scale) in row.iter_mut().zip(norms.iter()) {
                *w *= scale;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_beyond_the_norm_come_back_to_it_and_others_stay() {
        let mut values = vec![3.0, 0.1, 4.0, 0.2];
        limit_columns(&mut values, 2, 2.0, &mut Vec::new());
        let expected = [1.2, 0.1, 1.6, 0.2];
        assert!(values.iter().zip(expected).all(|(a, b)| f64::abs(a - b) < 1e-12), "{values:?}");
    }
}
