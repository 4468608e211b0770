//! The loops that a step spends its time in, behind the project's own trait: products, open pairs, updates. `docs/kernels.md` tells
//! how they came to be as they are.
//!
//! - [`Reference`]: the definition
//! - [`Packed`]: what trains, in `f32`; exact ones of its [`KernelSet`]s give the bits of the definition on every machine
//! - [`MatrixMultiply`]: the `matrixmultiply` crate through ndarray, in `f32` and `f64`
//! - `packed`: blocks, panels and edges, the same for every processor; `tile`: the innermost loops in Rust
//! - `pairs`, `momentum`: the same for open pairs, and for updates
//! - `processors`: these loops compiled for what this processor can do
//! - `module`: the same by hand, for the browser
//! - `choice`: the sets there are, and the one in use; `speed`: how fast they are here

mod kernel_set;
mod masked_strips;
#[cfg(target_arch = "wasm32")]
mod module;
mod momentum_strips;
mod processors;
mod selection;
mod speed;
#[cfg(test)]
mod tests;
mod tile;

use crate::matrix::Matrix;
use std::ops::Range;

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};

use super::masked_matmul::{self, ActivePairs};
use super::momentum::{self, MomentumParams, MomentumUpdate};
use super::real::Real;
use super::sparse::SparseView;

pub use kernel_set::KernelSet;
#[cfg(target_arch = "wasm32")]
pub use module::load;
#[cfg(all(target_arch = "wasm32", feature = "peak"))]
pub use module::peaks;
pub use selection::{Packed, available, in_use, switch};
pub use speed::speeds;

/// Products and updates. In exact implementations, the arithmetic is part of the contract: each element begins with what is there
/// (or with 0) and takes the products in ascending order, one rounding for each product and one for each sum.
pub trait Backend<R: Real>: Send + Sync {
    /// Name to show.
    fn name(&self) -> &'static str;

    /// `C ← A·B + β·C` for `A` [m × k], `B` [k × n], `C` [m × n] in any memory order; β is 0 or 1. With 0 the old content is not
    /// read, so it may be anything, NaN included.
    fn product(&self, a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, beta: R, c: ArrayViewMut2<'_, R>);

    /// `C[i, :] += Σ_p value_p·B[column_p, :]` over the entries p of row i, ascending. Rows of `b` and `c` are contiguous.
    fn sparse_rows(&self, a: SparseView<'_, R>, b: ArrayView2<'_, R>, c: ArrayViewMut2<'_, R>);

    /// `z[b, block j] += x[b, :]·W[:, block j]` for open pairs, inputs ascending, and the columns `span` of a matrix W whose panel
    /// `weights` is, rows contiguous.
    fn masked_forward(&self, pairs: ActivePairs<'_, R>, span: Range<usize>, weights: &[R], z: &mut Matrix<R>) {
        masked_matmul::forward(pairs, span, weights, z);
    }

    /// `G[:, block j] += Σ_b x[b, :]ᵀ·δ[b, block j]` for open pairs, examples ascending, and the columns `span` of a matrix G whose
    /// panel `gradient` is; `delta` [B × N] is read at open units only.
    fn masked_weight_grad(&self, pairs: ActivePairs<'_, R>, delta: &Matrix<R>, span: Range<usize>, gradient: &mut [R]) {
        masked_matmul::weight_gradient(pairs, delta, span, gradient);
    }

    /// `v ← μv − ηg`, `w ← w + v`.
    fn advance(&self, motion: MomentumParams<R>, panel: MomentumUpdate<'_, R>) {
        momentum::advance(motion, panel);
    }
}

/// A number type with a backend that trains in it.
pub trait DefaultBackend: Real {
    /// The backend in use.
    fn default_backend() -> &'static dyn Backend<Self>;
}

impl DefaultBackend for f32 {
    fn default_backend() -> &'static dyn Backend<Self> {
        &Packed
    }
}

impl DefaultBackend for f64 {
    fn default_backend() -> &'static dyn Backend<Self> {
        &MatrixMultiply
    }
}

/// The triple loop: what every other kernel is tested against.
pub struct Reference;

impl<R: Real> Backend<R> for Reference {
    fn name(&self) -> &'static str {
        "reference"
    }

    fn product(&self, a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, beta: R, mut c: ArrayViewMut2<'_, R>) {
        check_shapes(&a, &b, beta, &c);
        for ((i, j), out) in c.indexed_iter_mut() {
            let start = if beta == R::zero() { R::zero() } else { *out };
            *out = a.row(i).iter().zip(b.column(j)).fold(start, |sum, (&x, &y)| sum + x * y);
        }
    }

    fn sparse_rows(&self, a: SparseView<'_, R>, b: ArrayView2<'_, R>, mut c: ArrayViewMut2<'_, R>) {
        a.check(b.nrows());
        for (i, mut out) in c.rows_mut().into_iter().enumerate() {
            for entry in a.row(i) {
                out.scaled_add(entry.value, &b.row(entry.column as usize));
            }
        }
    }
}

/// ndarray's product: another order of additions, and fused multiply-adds where the processor has them.
pub struct MatrixMultiply;

impl<R: Real> Backend<R> for MatrixMultiply {
    fn name(&self) -> &'static str {
        "matrixmultiply"
    }

    fn product(&self, a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, beta: R, mut c: ArrayViewMut2<'_, R>) {
        general_mat_mul(R::one(), &a, &b, beta, &mut c);
    }

    fn sparse_rows(&self, a: SparseView<'_, R>, b: ArrayView2<'_, R>, c: ArrayViewMut2<'_, R>) {
        Reference.sparse_rows(a, b, c);
    }
}

/// Asserts what a product takes for granted.
fn check_shapes<R: Real>(a: &ArrayView2<'_, R>, b: &ArrayView2<'_, R>, beta: R, c: &ArrayViewMut2<'_, R>) {
    assert_eq!(a.ncols(), b.nrows(), "the inner sizes of a product agree");
    assert_eq!(c.dim(), (a.nrows(), b.ncols()), "the result has the rows of A and the columns of B");
    assert!(beta == R::zero() || beta == R::one(), "β is 0 or 1");
}
