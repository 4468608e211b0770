//! General matrix product behind the project's own trait.
//!
//! [`Reference`] is the definition; [`MatrixMultiply`] is what runs (the `matrixmultiply` crate through ndarray: AVX kernels
//! natively, simd128 in the browser).

use ndarray::linalg::general_mat_mul;
use ndarray::{ArrayView2, ArrayViewMut2};

use super::real::Real;

/// Matrix products.
pub trait Gemm<R>: Send + Sync {
    /// C ← A·B + β·C
    fn product(&self, a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, beta: R, c: ArrayViewMut2<'_, R>);
    /// sparse
    fn sparse_rows(&self, a: super::sparse::SparseView<'_, R>, b: ArrayView2<'_, R>, c: ArrayViewMut2<'_, R>);
}

fn sparse<R: Real>(a: super::sparse::SparseView<'_, R>, b: ArrayView2<'_, R>, mut c: ArrayViewMut2<'_, R>) {
    for i in 0..a.rows() {
        let (columns, values) = a.row(i);
        let mut row = c.row_mut(i);
        let Some(out) = row.as_slice_mut() else { continue };
        for (&d, &x) in columns.iter().zip(values) {
            if let Some(b) = b.row(d as usize).to_slice() { out.iter_mut().zip(b).for_each(|(o, &w)| *o += x * w); }
        }
    }
}

/// The triple loop: what every other kernel is tested against.
pub struct Reference;

impl<R: Real> Gemm<R> for Reference {
    fn sparse_rows(&self, a: super::sparse::SparseView<'_, R>, b: ArrayView2<'_, R>, c: ArrayViewMut2<'_, R>) { sparse(a, b, c) }
    fn product(&self, a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, beta: R, mut c: ArrayViewMut2<'_, R>) {
        let alpha = R::one();
        for ((i, j), out) in c.indexed_iter_mut() {
            let dot: R = a.row(i).iter().zip(b.column(j)).map(|(&x, &y)| x * y).sum();
            // BLAS convention: with β = 0 the old content is not read, so it may be anything, NaN included.
            *out = if beta == R::zero() { alpha * dot } else { alpha * dot + beta * *out };
        }
    }
}

/// ndarray's product.
pub struct MatrixMultiply;

impl<R: Real> Gemm<R> for MatrixMultiply {
    fn sparse_rows(&self, a: super::sparse::SparseView<'_, R>, b: ArrayView2<'_, R>, c: ArrayViewMut2<'_, R>) { sparse(a, b, c) }
    fn product(&self, a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, beta: R, mut c: ArrayViewMut2<'_, R>) {
        general_mat_mul(R::one(), &a, &b, beta, &mut c);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;
    use proptest::prelude::*;

    fn filled(rows: usize, columns: usize, seed: u64) -> Array2<f32> {
        Array2::from_shape_fn((rows, columns), |(i, j)| {
            let h = (seed + 31 * i as u64 + 17 * j as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
            h as f32 / (1 << 23) as f32 - 1.0
        })
    }

    proptest! {
        #[test]
        fn product_matches_the_triple_loop(m in 1..40usize, k in 1..70usize, n in 1..40usize, seed in 0..1000u64, turned: bool) {
            let a = filled(m, k, seed);
            let b = if turned { filled(n, k, seed + 1).reversed_axes() } else { filled(k, n, seed + 1) };
            let mut fast = filled(m, n, seed + 2);
            let mut slow = fast.clone();
            MatrixMultiply.product(a.view(), b.view(), 1.0, fast.view_mut());
            Reference.product(a.view(), b.view(), 1.0, slow.view_mut());
            for (x, y) in fast.iter().zip(&slow) {
                prop_assert!((x - y).abs() <= 1e-5 * (k as f32), "{x} {y}");
            }
        }
    }

    #[test]
    fn beta_zero_ignores_what_was_there() {
        let a = filled(3, 4, 1);
        let b = filled(4, 5, 2);
        for kernel in [&Reference as &dyn Gemm<f32>, &MatrixMultiply] {
            let mut c = Array2::from_elem((3, 5), f32::NAN);
            kernel.product(a.view(), b.view(), 0.0, c.view_mut());
            assert!(c.iter().all(|x| x.is_finite()));
        }
    }
}
