//! The backends that define results: the triple loop, and `matrixmultiply` for comparison and for `f64`.

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};

use super::contract::{Backend, DefaultBackend, check_shapes};
use crate::real::Real;
use crate::sparse::SparseView;

/// The triple loop. Every exact backend is tested against it, bit for bit.
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
        assert_eq!(c.dim(), (a.rows(), b.ncols()), "the result has the rows of A and the columns of B");
        for (i, mut out) in c.rows_mut().into_iter().enumerate() {
            for entry in a.row(i) {
                out.scaled_add(entry.value, &b.row(entry.column as usize));
            }
        }
    }
}

/// The `matrixmultiply` crate through ndarray. Not exact: it adds in another order and fuses products with sums where the processor can.
pub struct MatrixMultiply;

impl<R: Real> Backend<R> for MatrixMultiply {
    fn name(&self) -> &'static str {
        "matrixmultiply"
    }

    fn product(&self, a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, beta: R, mut c: ArrayViewMut2<'_, R>) {
        check_shapes(&a, &b, beta, &c);
        general_mat_mul(R::one(), &a, &b, beta, &mut c);
    }

    fn sparse_rows(&self, a: SparseView<'_, R>, b: ArrayView2<'_, R>, c: ArrayViewMut2<'_, R>) {
        Reference.sparse_rows(a, b, c);
    }
}

impl DefaultBackend for f64 {
    fn default_backend() -> &'static dyn Backend<Self> {
        &MatrixMultiply
    }
}
