//! Eq. 15: `λ Σ|g|`, and the controller that adapts λ until the firing rate is at its target.

use gatelab_kernels::{Matrix, Real, sum_map_f64};
use ndarray::Zip;

/// Relative change of λ per minibatch.
const STEP: f64 = 0.1;
/// λ is not changed while the firing rate is this close to the target.
const TOLERANCE: f64 = 0.01;
/// λ stays within these bounds.
const BOUNDS: (f64, f64) = (1e-13, 1.0);

/// λ of Eq. 15: ×1.1 while the firing rate is more than 0.01 above the target, ×0.9 while it is as far below.
#[derive(Clone, Debug, PartialEq)]
pub struct LambdaController {
    lambda: f64,
    target: f64,
}

impl LambdaController {
    /// Starts at `lambda`, aims at `target` (0..1).
    pub fn new(lambda: f64, target: f64) -> Self {
        Self { lambda: lambda.clamp(BOUNDS.0, BOUNDS.1), target }
    }

    /// The weight in force.
    pub fn lambda(&self) -> f64 {
        self.lambda
    }

    pub(super) fn set_lambda(&mut self, lambda: f64) {
        self.lambda = lambda.clamp(BOUNDS.0, BOUNDS.1);
    }

    pub(super) fn set_target(&mut self, target: f64) {
        self.target = target;
    }

    /// Updates λ by the share of gate outputs that are not zero in a minibatch, 0..=1.
    pub fn observe(&mut self, firing_rate: f64) {
        let factor = if firing_rate > self.target + TOLERANCE {
            1.0 + STEP
        } else if firing_rate < self.target - TOLERANCE {
            1.0 - STEP
        } else {
            1.0
        };
        self.lambda = (self.lambda * factor).clamp(BOUNDS.0, BOUNDS.1);
    }
}

/// Summed over minibatch and units, not averaged, as in the released code; activations are never negative.
pub(super) fn add_gradient<R: Real>(lambda: f64, value: &Matrix<R>, grad: &Matrix<R>, gradient: &mut Matrix<R>) -> f64 {
    let batch = value.nrows() as f64;
    let factor = R::from_f64(lambda * batch);
    Zip::from(gradient).and(grad).for_each(|g, &s| *g += factor * s);
    lambda * sum_map_f64(value.values(), f64::abs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(rate: f64, steps: i32) -> f64 {
        let mut controller = LambdaController::new(1e-5, 0.1);
        (0..steps).for_each(|_| controller.observe(rate));
        controller.lambda()
    }

    #[test]
    fn moves_by_a_tenth_outside_the_tolerance_only() {
        assert!((after(0.2, 20) - 1e-5 * 1.1_f64.powi(20)).abs() < 1e-15);
        assert!((after(0.05, 20) - 1e-5 * 0.9_f64.powi(20)).abs() < 1e-15);
        assert!((after(0.105, 20) - 1e-5).abs() < 1e-20);
    }

    #[test]
    fn stays_within_its_bounds() {
        assert!((after(0.9, 1000) - 1.0).abs() < 1e-12);
        assert!((after(0.0, 1000) - 1e-13).abs() < 1e-20);
    }
}
