//! Gradient descent with momentum on a slice of weights: `v ← μv − ηg`, `w ← w + v`.

use super::real::Real;

/// Velocities of smaller magnitude are set to 0. They no longer change any weight, and further decay would make them subnormal, which many
/// processors compute with a hundred times more slowly.
pub(super) const FLUSH_THRESHOLD: f64 = 1e-20;

/// Hyperparameters of a momentum step.
#[derive(Clone, Copy, Debug)]
pub struct MomentumParams<R> {
    /// Momentum μ, 0 ≤ μ < 1.
    pub momentum: R,
    /// Learning rate η.
    pub rate: R,
}

/// Weights with their velocity and gradient: a vector, or a row-major matrix panel [D × N].
///
/// Every weight is updated. Skipping rows without gradient and catching up later was measured: it reads and writes half as much memory
/// but takes longer, since memory is no longer read sequentially.
#[derive(Debug)]
pub struct MomentumUpdate<'a, R> {
    /// w.
    pub weights: &'a mut [R],
    /// v, as long as `weights`.
    pub velocity: &'a mut [R],
    /// g, as long as `weights`. It is set to 0, ready for the next accumulation.
    pub gradient: &'a mut [R],
    /// One number per column, or empty. Accumulates Σw² of each updated column.
    pub squares: &'a mut [R],
}

impl<R> MomentumUpdate<'_, R> {
    /// Checks that the lengths agree.
    ///
    /// # Panics
    /// If they do not.
    pub(super) fn check(&self) {
        let size = self.weights.len();
        assert!(
            self.velocity.len() == size && self.gradient.len() == size,
            "a velocity and a gradient for every weight"
        );
        assert!(
            self.squares.is_empty() || size.is_multiple_of(self.squares.len()),
            "one sum of squares for every column"
        );
    }
}

/// One momentum step. The definition that faster kernels are tested against.
pub(super) fn step<R: Real>(params: MomentumParams<R>, update: MomentumUpdate<'_, R>) {
    update.check();
    let MomentumUpdate { weights, velocity, gradient, squares } = update;
    for ((w, v), g) in weights.iter_mut().zip(velocity).zip(gradient) {
        *v = flush(params.momentum * *v - params.rate * std::mem::replace(g, R::zero()));
        *w += *v;
    }
    if !squares.is_empty() {
        for row in weights.chunks_exact(squares.len()) {
            squares.iter_mut().zip(row).for_each(|(sum, w)| *sum += *w * *w);
        }
    }
}

fn flush<R: Real>(v: R) -> R {
    if v.abs() < R::from_f64(FLUSH_THRESHOLD) { R::zero() } else { v }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_gradient_velocity_decays_to_exactly_zero() {
        let (mut w, mut v) = (vec![1.0_f64, 2.0, 3.0], vec![0.25, 0.0, -0.125]);
        let params = MomentumParams { momentum: 0.5, rate: 0.1 };
        for _ in 0..80 {
            let (gradient, squares) = (&mut [0.0; 3][..], &mut [][..]);
            step(params, MomentumUpdate { weights: &mut w, velocity: &mut v, gradient, squares });
        }
        assert_eq!(v, [0.0; 3], "zero, not subnormal");
        for (w, end) in w.iter().zip([1.25, 2.0, 2.875]) {
            assert!((w - end).abs() < 1e-12, "{w} is not {end}");
        }
    }

    #[test]
    fn gradients_are_cleared_and_squares_are_those_of_the_updated_columns() {
        let (mut w, mut v, mut squares) = (vec![1.0_f64, 2.0, 3.0, 4.0], vec![0.0; 4], [0.0; 2]);
        let params = MomentumParams { momentum: 0.9, rate: 1.0 };
        let mut gradient = [1.0, 0.0, 0.0, 0.0];
        let update =
            MomentumUpdate { weights: &mut w, velocity: &mut v, gradient: &mut gradient, squares: &mut squares };
        step(params, update);
        assert_eq!((w, gradient, squares), (vec![0.0, 2.0, 3.0, 4.0], [0.0; 4], [9.0, 20.0]));
    }
}
