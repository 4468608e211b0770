//! One step of momentum for a panel of weights: `v ← μv − ηg`, `w ← w + v`.

use super::real::Real;

/// Velocities below this are taken as zero. They no longer move any weight, and what decays further ends among the denormal
/// numbers, which many processors handle a hundred times more slowly.
pub(super) const STILL: f64 = 1e-20;

/// How a step moves the weights of a layer.
#[derive(Clone, Copy, Debug)]
pub struct Motion<R> {
    /// Momentum μ, 0..1.
    pub momentum: R,
    /// Learning rate η.
    pub rate: R,
}

/// A panel of weights, its velocity and its gradient, each [D × its columns], rows contiguous.
///
/// Every row is moved. Leaving out those that no gradient reaches, to move them by several steps once they are looked at, was tried: it
/// reads and writes half as much memory, and takes longer, because memory is then no longer read from front to back.
#[derive(Debug)]
pub struct Moving<'a, R> {
    /// w.
    pub weights: &'a mut [R],
    /// v.
    pub velocity: &'a mut [R],
    /// g, of touched rows; that of others is zero, whatever stands there.
    pub gradient: &'a [R],
    /// Rows that the gradient reaches [D].
    pub touched: &'a [bool],
    /// Takes up the squares of the norms of the moved columns, beginning with what is there; empty if nobody asks for them.
    pub norms: &'a mut [R],
}

impl<R> Moving<'_, R> {
    /// D and the number of columns.
    ///
    /// # Panics
    /// If the parts don't fit together.
    pub(super) fn dim(&self) -> (usize, usize) {
        let (rows, size) = (self.touched.len(), self.weights.len());
        let columns = size / rows.max(1);
        assert!(rows * columns == size, "rows are of one length");
        assert!(
            self.velocity.len() == size && self.gradient.len() == size,
            "a velocity and a gradient for every weight"
        );
        assert!(self.norms.is_empty() || self.norms.len() == columns, "a norm for every column");
        (rows, columns)
    }
}

/// What every faster loop is tested against.
pub(super) fn advance<R: Real>(motion: Motion<R>, panel: Moving<'_, R>) {
    let (_, columns) = panel.dim();
    let Moving { weights, velocity, gradient, touched, norms } = panel;
    let rows = weights.chunks_exact_mut(columns.max(1)).zip(velocity.chunks_exact_mut(columns.max(1)));
    for (((w, v), g), &touched) in rows.zip(gradient.chunks_exact(columns.max(1))).zip(touched) {
        for ((w, v), &g) in w.iter_mut().zip(v).zip(g) {
            let g = if touched { g } else { R::zero() };
            *v = still(motion.momentum * *v - motion.rate * g);
            *w += *v;
        }
        norms.iter_mut().zip(w).for_each(|(sum, w)| *sum += *w * *w);
    }
}

fn still<R: Real>(v: R) -> R {
    if v.abs() < R::of(STILL) { R::zero() } else { v }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_gradient_moves_on_with_its_momentum_and_comes_to_rest() {
        let (mut w, mut v) = (vec![1.0_f64, 2.0, 3.0, 4.0], vec![0.25, 0.0, 0.5, -0.125]);
        let motion = Motion { momentum: 0.5, rate: 0.1 };
        for _ in 0..80 {
            let (gradient, touched, norms) = (&[f64::NAN, f64::NAN, 0.0, 0.0], &[false, true], &mut []);
            advance(motion, Moving { weights: &mut w, velocity: &mut v, gradient, touched, norms });
        }
        assert_eq!(v, [0.0; 4], "at rest, not among denormal numbers");
        for (w, end) in w.iter().zip([1.25, 2.0, 3.5, 3.875]) {
            assert!((w - end).abs() < 1e-12, "{w} is not {end}");
        }
    }

    #[test]
    fn norms_are_those_of_the_moved_columns() {
        let (mut w, mut v, mut norms) = (vec![1.0_f64, 2.0, 3.0, 4.0], vec![0.0; 4], [0.0; 2]);
        let motion = Motion { momentum: 0.9, rate: 1.0 };
        let gradient = &[1.0, 0.0, 7.0, 7.0];
        let touched = &[true, false];
        advance(motion, Moving { weights: &mut w, velocity: &mut v, gradient, touched, norms: &mut norms });
        assert_eq!((w, norms), (vec![0.0, 2.0, 3.0, 4.0], [9.0, 20.0]));
    }
}
