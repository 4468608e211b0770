//! One step of momentum for a panel of weights: `v ← μv − ηg`, `w ← w + v`.

use super::real::Real;

/// Velocities below this are taken as zero. They no longer move any weight, and what decays further ends among the denormal
/// numbers, which many processors handle a hundred times more slowly.
pub(super) const FLUSH_THRESHOLD: f64 = 1e-20;

/// How a step moves the weights of a layer.
#[derive(Clone, Copy, Debug)]
pub struct MomentumParams<R> {
    /// Momentum μ, 0..1.
    pub momentum: R,
    /// Learning rate η.
    pub rate: R,
}

/// Weights, their velocity and their gradient: a row each, or a panel [D × its columns], rows contiguous.
///
/// Every row is moved. Leaving out those that no gradient reaches, to move them by several steps once they are looked at, was tried: it
/// reads and writes half as much memory, and takes longer, because memory is then no longer read from front to back.
#[derive(Debug)]
pub struct MomentumUpdate<'a, R> {
    /// w.
    pub weights: &'a mut [R],
    /// v.
    pub velocity: &'a mut [R],
    /// g; used up, so that zeros are left for the next one to be added to.
    pub gradient: &'a mut [R],
    /// One for each column: takes up the squares of the norms of the moved columns, beginning with what is there. Empty if nobody asks for
    /// them.
    pub norms: &'a mut [R],
}

impl<R> MomentumUpdate<'_, R> {
    /// Asserts that the parts fit together.
    ///
    /// # Panics
    /// If they don't.
    pub(super) fn check(&self) {
        let size = self.weights.len();
        assert!(
            self.velocity.len() == size && self.gradient.len() == size,
            "a velocity and a gradient for every weight"
        );
        assert!(self.norms.is_empty() || size.is_multiple_of(self.norms.len()), "rows have a number for every norm");
    }
}

/// What every faster loop is tested against.
pub(super) fn advance<R: Real>(motion: MomentumParams<R>, panel: MomentumUpdate<'_, R>) {
    panel.check();
    let MomentumUpdate { weights, velocity, gradient, norms } = panel;
    for ((w, v), g) in weights.iter_mut().zip(velocity).zip(gradient) {
        *v = still(motion.momentum * *v - motion.rate * std::mem::replace(g, R::zero()));
        *w += *v;
    }
    if !norms.is_empty() {
        for row in weights.chunks_exact(norms.len()) {
            norms.iter_mut().zip(row).for_each(|(sum, w)| *sum += *w * *w);
        }
    }
}

fn still<R: Real>(v: R) -> R {
    if v.abs() < R::from_f64(FLUSH_THRESHOLD) { R::zero() } else { v }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_without_gradient_move_on_with_their_momentum_and_come_to_rest() {
        let (mut w, mut v) = (vec![1.0_f64, 2.0, 3.0], vec![0.25, 0.0, -0.125]);
        let motion = MomentumParams { momentum: 0.5, rate: 0.1 };
        for _ in 0..80 {
            let (gradient, norms) = (&mut [0.0; 3][..], &mut [][..]);
            advance(motion, MomentumUpdate { weights: &mut w, velocity: &mut v, gradient, norms });
        }
        assert_eq!(v, [0.0; 3], "at rest, not among denormal numbers");
        for (w, end) in w.iter().zip([1.25, 2.0, 2.875]) {
            assert!((w - end).abs() < 1e-12, "{w} is not {end}");
        }
    }

    #[test]
    fn gradients_are_used_up_and_norms_are_those_of_the_moved_columns() {
        let (mut w, mut v, mut norms) = (vec![1.0_f64, 2.0, 3.0, 4.0], vec![0.0; 4], [0.0; 2]);
        let motion = MomentumParams { momentum: 0.9, rate: 1.0 };
        let mut gradient = [1.0, 0.0, 0.0, 0.0];
        advance(
            motion,
            MomentumUpdate { weights: &mut w, velocity: &mut v, gradient: &mut gradient, norms: &mut norms },
        );
        assert_eq!((w, gradient, norms), (vec![0.0, 2.0, 3.0, 4.0], [0.0; 4], [9.0, 20.0]));
    }
}
