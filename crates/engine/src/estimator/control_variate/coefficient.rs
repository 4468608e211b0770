//! The weight of a control variate, learned from earlier steps so that the estimate's mean square is least.
//!
//! An estimate `g₀ + w·h` with `E h = 0` has the same mean for every `w`, and its mean square `E‖g₀ + w·h‖²` is a parabola in
//! `w` with its lowest point at `w = −E⟨g₀, h⟩ ∕ E⟨h, h⟩`. Both means are followed by moving averages over examples and gates;
//! their ratio is where gradient descent on `‖g‖²` would end, without a learning rate to choose. The weight used in a step
//! comes from earlier steps, or the estimate would no longer be unbiased.

use gatelab_kernels::{Matrix, Real, dot_f64};

/// Weight of the past at each step.
const KEEP: f64 = 0.99;

/// The weight of a control variate.
#[derive(Clone, Debug)]
pub(in crate::estimator) struct Coefficient<R> {
    /// Moving averages of `⟨g₀, h⟩` and `⟨h, h⟩`, from which the weight follows.
    state: [R; 2],
}

impl<R: Real> Coefficient<R> {
    /// The weight is 0 before the first update.
    pub(in crate::estimator) fn new() -> Self {
        Self { state: [R::zero(); 2] }
    }

    /// The weight that minimises the mean square so far.
    pub(in crate::estimator) fn value(&self) -> R {
        match self.state {
            [both, square] if square > R::zero() => -both / square,
            _ => R::zero(),
        }
    }

    /// Updates by a minibatch's `g₀` and `h`, both [B × G]. A minibatch whose means overflow `R` (squares of gradients above
    /// 1e19 in single precision) is left out: an infinite average would never become finite again.
    pub(in crate::estimator) fn update(&mut self, plain: &Matrix<R>, variate: &Matrix<R>) {
        let [g, h] = [plain.values(), variate.values()];
        let (both, square) = (dot_f64(g, h), dot_f64(h, h));
        let count = variate.len().max(1) as f64;
        let [mean_both, mean_square] = self.state;
        let blend = |state: R, new: f64| R::from_f64(KEEP * state.as_f64() + (1.0 - KEEP) * new);
        let next = [blend(mean_both, both / count), blend(mean_square, square / count)];
        if next.iter().all(|x| x.is_finite()) {
            self.state = next;
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
        assert!(coefficient.value().abs() < 1e-300);
        coefficient.update(&plain, &variate);
        let square = |w: f64| plain.iter().zip(&variate).map(|(g, h)| (g + w * h) * (g + w * h)).sum::<f64>();
        let w = coefficient.value();
        assert!(square(w) < square(w + 1e-3) && square(w) < square(w - 1e-3), "{w}");
        coefficient.update(&plain.map(|g| g * 2.0), &variate.map(|h| h * 2.0));
        assert!((coefficient.value() - w).abs() < 1e-12, "scale doesn't matter");
    }

    /// 1e25 squared is infinite in single precision.
    #[test]
    fn squares_that_overflow_are_left_out() {
        let plain = Matrix::from_elem((2, 2), 1.0_f32);
        let variate = Matrix::from_elem((2, 2), -0.5_f32);
        let mut coefficient = Coefficient::<f32>::new();
        coefficient.update(&plain, &variate);
        assert!((coefficient.value() - 2.0).abs() < 1e-6);
        for size in [1e25, f32::MAX, f32::INFINITY, f32::NAN] {
            coefficient.update(&plain.map(|g| g * size), &variate.map(|h| h * size));
            assert!(coefficient.state().iter().all(|x| x.is_finite()), "{size}: {:?}", coefficient.state());
            coefficient.update(&plain, &variate);
            assert!((coefficient.value() - 2.0).abs() < 1e-6, "{size}: {}", coefficient.value());
        }
    }
}
