//! The operations of a backend, and the order of arithmetic that they promise.

use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut2};

use crate::masked_matmul::{self, ActivePairs};
use crate::matrix::Matrix;
use crate::momentum::{self, MomentumParams, MomentumUpdate};
use crate::real::Real;
use crate::sparse::SparseView;

/// Matrix products and updates.
///
/// The order of arithmetic is part of the contract of exact implementations: each element of a result starts with its old value (or
/// with 0) and adds the products in ascending order of the summation index, with one rounding per product and one per sum. So all
/// exact implementations give the same bits.
pub trait Backend<R: Real>: Send + Sync {
    /// A name for people, unique among the backends of one machine.
    fn name(&self) -> &'static str;

    /// `C ← A·B + β·C` for A [m × k], B [k × n], C [m × n] in any memory order; β is 0 or 1. With β = 0 the old content of C is not read,
    /// so it may be anything, NaN included.
    ///
    /// # Panics
    /// If the shapes do not agree or β is another number.
    fn product(&self, a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, beta: R, c: ArrayViewMut2<'_, R>);

    /// `C[i, :] += Σ_p value_p·B[column_p, :]` over the entries p of row i of A [m × k], ascending; B [k × n], C [m × n].
    ///
    /// # Panics
    /// If the shapes do not agree. Implementations may also require contiguous rows of B and C.
    fn sparse_rows(&self, a: SparseView<'_, R>, b: ArrayView2<'_, R>, c: ArrayViewMut2<'_, R>);

    /// `z[b, block j] += x[b, :]·W[:, block j]` over the active pairs (b, j), inputs ascending, for the given columns of W [D × N]. z [B × N];
    /// `weights` is the row-major panel [D × columns] of W.
    fn masked_forward(&self, pairs: ActivePairs<'_, R>, columns: Range<usize>, weights: &[R], z: &mut Matrix<R>) {
        masked_matmul::forward(pairs, columns, weights, z);
    }

    /// `G[:, block j] += Σ_b x[b, :]ᵀ·δ[b, block j]` over the active pairs (b, j), b ascending, for the given columns of G [D × N]. δ [B × N] is
    /// read in active blocks only; `gradient` is the row-major panel [D × columns] of G.
    fn masked_weight_grad(
        &self,
        pairs: ActivePairs<'_, R>,
        delta: &Matrix<R>,
        columns: Range<usize>,
        gradient: &mut [R],
    ) {
        masked_matmul::weight_grad(pairs, delta, columns, gradient);
    }

    /// `v ← μv − ηg`, `w ← w + v`, `g ← 0`; see [`MomentumUpdate`].
    fn momentum_step(&self, params: MomentumParams<R>, update: MomentumUpdate<'_, R>) {
        momentum::step(params, update);
    }
}

/// A number type with a default backend.
pub trait DefaultBackend: Real {
    /// The backend for training in this type.
    fn default_backend() -> &'static dyn Backend<Self>;
}

/// Asserts the conditions of a product.
pub(super) fn check_shapes<R: Real>(a: &ArrayView2<'_, R>, b: &ArrayView2<'_, R>, beta: R, c: &ArrayViewMut2<'_, R>) {
    assert_eq!(a.ncols(), b.nrows(), "the inner sizes of a product agree");
    assert_eq!(c.dim(), (a.nrows(), b.ncols()), "the result has the rows of A and the columns of B");
    assert!(beta == R::zero() || beta == R::one(), "β is 0 or 1");
}
