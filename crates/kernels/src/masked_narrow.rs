//! Products of active column blocks with a matrix of few columns, such as an output layer.
//!
//! Rows of the narrow matrix are processed whole. One width is a compile-time constant, so that the compiler unrolls its loops.

use super::block_mask::BlockMask;
use super::matrix::Matrix;
use super::packed_matrix::PackedMatrix;
use super::real::Real;

/// The width with unrolled loops. Other widths are computed by loops of variable length, with the same bits.
const UNROLLED_WIDTH: usize = 10;

/// `sums += x·row`.
fn add_scaled<R: Real>(sums: &mut [R], x: R, row: &[R]) {
    match (<&mut [R; UNROLLED_WIDTH]>::try_from(&mut *sums), <&[R; UNROLLED_WIDTH]>::try_from(row)) {
        (Ok(sums), Ok(row)) => sums.iter_mut().zip(row).for_each(|(sum, &w)| *sum += x * w),
        _ => sums.iter_mut().zip(row).for_each(|(sum, &w)| *sum += x * w),
    }
}

/// `Σ a_k·b_k`, in ascending k.
fn dot<R: Real>(a: &[R], b: &[R]) -> R {
    match (<&[R; UNROLLED_WIDTH]>::try_from(a), <&[R; UNROLLED_WIDTH]>::try_from(b)) {
        (Ok(a), Ok(b)) => a.iter().zip(b).fold(R::zero(), |sum, (&a, &b)| sum + a * b),
        _ => a.iter().zip(b).fold(R::zero(), |sum, (&a, &b)| sum + a * b),
    }
}

/// Asserts the shapes h [B × H], V [H × K], s [B × K] and a mask [B × H/`block_width`].
fn check_shapes(h: (usize, usize), v: (usize, usize), s: (usize, usize), mask: &BlockMask, block_width: usize) {
    assert_eq!((h.0, h.1, v.1), (s.0, v.0, s.1), "h [B × H], V [H × K], s [B × K]");
    assert_eq!((mask.rows(), mask.blocks() * block_width), h, "a mask of B rows and H/width blocks");
    assert!(s.1 > 0, "the narrow matrix has columns");
}

/// `s[b, :] += Σ_u h[b, u]·V[u, :]` over the columns u of active blocks; h [B × H], V [H × K], s [B × K].
pub(super) fn forward<R: Real>(
    h: &Matrix<R>,
    v: &PackedMatrix<R>,
    mask: &BlockMask,
    block_width: usize,
    s: &mut Matrix<R>,
) {
    check_shapes(h.dim(), (v.rows(), v.columns()), s.dim(), mask, block_width);
    let (v, width) = (v.single_panel(), s.ncols());
    for (b, (hidden, out)) in h.rows().zip(s.rows_mut()).enumerate() {
        for &block in mask.blocks_of_row(b) {
            let first = block as usize * block_width;
            let rows = v[first * width..].chunks_exact(width);
            hidden[first..first + block_width].iter().zip(rows).for_each(|(&x, row)| add_scaled(out, x, row));
        }
    }
}

/// `δh[b, u] ← V[u, :]·δs[b, :]` for the columns u of active blocks; others are not written. δs [B × K], V [H × K],
/// δh [B × H].
pub(super) fn backward_input<R: Real>(
    delta: &Matrix<R>,
    v: &PackedMatrix<R>,
    mask: &BlockMask,
    block_width: usize,
    out: &mut Matrix<R>,
) {
    check_shapes(out.dim(), (v.rows(), v.columns()), delta.dim(), mask, block_width);
    let v = v.single_panel();
    for (b, (delta, out)) in delta.rows().zip(out.rows_mut()).enumerate() {
        for &block in mask.blocks_of_row(b) {
            let first = block as usize * block_width;
            let rows = v[first * delta.len()..].chunks_exact(delta.len());
            out[first..first + block_width].iter_mut().zip(rows).for_each(|(out, row)| *out = dot(row, delta));
        }
    }
}

/// `G[u, :] += h[b, u]·δs[b, :]` over the columns u of active blocks; h [B × H], δs [B × K], G [H × K] row-major.
pub(super) fn weight_grad<R: Real>(
    h: &Matrix<R>,
    delta: &Matrix<R>,
    mask: &BlockMask,
    block_width: usize,
    gradient: &mut [R],
) {
    check_shapes(h.dim(), (h.ncols(), delta.ncols()), delta.dim(), mask, block_width);
    assert_eq!(gradient.len(), h.ncols() * delta.ncols(), "a gradient [H × K]");
    for (b, (hidden, delta)) in h.rows().zip(delta.rows()).enumerate() {
        for &block in mask.blocks_of_row(b) {
            let first = block as usize * block_width;
            let rows = gradient[first * delta.len()..].chunks_exact_mut(delta.len());
            hidden[first..first + block_width].iter().zip(rows).for_each(|(&x, row)| add_scaled(row, x, delta));
        }
    }
}
