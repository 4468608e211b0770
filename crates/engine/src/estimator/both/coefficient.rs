//! How much of a control variate to add: learned from earlier steps so that the estimate's mean square is least.
//!
//! An estimate `g₀ + w·h` with `E h = 0` has the same mean for every `w`, and its mean square `E‖g₀ + w·h‖²` is a parabola in
//! `w` with its lowest point at `w = −E⟨g₀, h⟩ ∕ E⟨h, h⟩`. Both means are followed by moving averages over examples and gates;
//! their ratio is where gradient descent on `‖g‖²` would end, without a learning rate to choose. The weight used in a step
//! comes from earlier steps, or the estimate would no longer be unbiased.

use gatelab_kernels::Matrix;
use gatelab_kernels::{Real, dot_f64};

/// Share of the past that is kept at each step.
const KEEP: f64 = 0.99;

/// The weight of a control variate.
#[derive(Clone, Debug)]
pub(in crate::estimator) struct Coefficient<R> {
    /// MomentumUpdate averages of `⟨g₀, h⟩` and `⟨h, h⟩`, from which the weight follows.
    state: [R; 2],
}

impl<R: Real> Coefficient<R> {
    /// A weight of 0 until something has been seen.
    pub(in crate::estimator) fn new() -> Self {
        Self { state: [R::zero(); 2] }
    }

    /// The weight to use now.
    pub(in crate::estimator) fn now(&self) -> R {
        match self.state {
            [both, square] if square > R::zero() => -both / square,
            _ => R::zero(),
        }
    }

    /// Takes in a minibatch's `g₀` and `h`, both [B × G].
    pub(in crate::estimator) fn learn(&mut self, plain: &Matrix<R>, variate: &Matrix<R>) {
        let [g, h] = [plain.values(), variate.values()];
        let (both, square) = (dot_f64(g, h), dot_f64(h, h));
        let count = variate.len().max(1) as f64;
        for (state, new) in self.state.iter_mut().zip([both / count, square / count]) {
            *state = R::from_f64(KEEP * state.as_f64() + (1.0 - KEEP) * new);
        }
    }

    /// The learned state.
    pub(in crate::estimator) fn state(&self) -> &[R] {
        &self.state
    }

    /// The learned state, to be overwritten.
    pub(in crate::estimator) fn state_mut(&mut self) -> &mut [R] {
        &mut self.state
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_lowest_point_of_the_mean_square() {
        let plain = Matrix::from_shape_fn((3, 2), |(i, j)| 1.0 + i as f64 - 0.5 * j as f64);
        let variate = Matrix::from_shape_fn((3, 2), |(i, j)| 0.3 * i as f64 - 0.7 + j as f64);
        let mut coefficient = Coefficient::<f64>::new();
        assert!(coefficient.now().abs() < 1e-300);
        coefficient.learn(&plain, &variate);
        let square = |w: f64| plain.iter().zip(&variate).map(|(g, h)| (g + w * h) * (g + w * h)).sum::<f64>();
        let w = coefficient.now();
        assert!(square(w) < square(w + 1e-3) && square(w) < square(w - 1e-3), "{w}");
        coefficient.learn(&plain.map(|g| g * 2.0), &variate.map(|h| h * 2.0));
        assert!((coefficient.now() - w).abs() < 1e-12, "scale doesn't matter");
    }
}
