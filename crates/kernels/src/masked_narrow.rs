//! Products with the output layer's few columns, over the units of open gates only.
//!
//! Ten classes are two vectors and a half: rows of scores are worked on as a whole, with their number known to the compiler.

use super::matrix::Matrix;

use super::block_mask::BlockMask;
use super::packed_matrix::PackedMatrix;
use super::real::Real;

/// The number of classes of every data set there is here; others work too, more slowly.
const CLASSES: usize = 10;

/// `sums += x·row`.
fn add_scaled<R: Real>(sums: &mut [R], x: R, row: &[R]) {
    match (<&mut [R; CLASSES]>::try_from(&mut *sums), <&[R; CLASSES]>::try_from(row)) {
        (Ok(sums), Ok(row)) => sums.iter_mut().zip(row).for_each(|(sum, &w)| *sum += x * w),
        _ => sums.iter_mut().zip(row).for_each(|(sum, &w)| *sum += x * w),
    }
}

/// `Σ a_k·b_k`, in order.
fn dot<R: Real>(a: &[R], b: &[R]) -> R {
    match (<&[R; CLASSES]>::try_from(a), <&[R; CLASSES]>::try_from(b)) {
        (Ok(a), Ok(b)) => a.iter().zip(b).fold(R::zero(), |sum, (&a, &b)| sum + a * b),
        _ => a.iter().zip(b).fold(R::zero(), |sum, (&a, &b)| sum + a * b),
    }
}

/// `s[b, :] += Σ_u h[b, u]·V[u, :]` over the units `u` of open gates.
pub(super) fn forward<R: Real>(
    h: &Matrix<R>,
    head: &PackedMatrix<R>,
    open: &BlockMask,
    units: usize,
    scores: &mut Matrix<R>,
) {
    let head = head.single_panel();
    for (b, (hidden, out)) in h.rows().zip(scores.rows_mut()).enumerate() {
        let classes = out.len();
        for &j in open.of(b) {
            let from = j as usize * units;
            let rows = head[from * classes..].chunks_exact(classes);
            hidden[from..from + units].iter().zip(rows).for_each(|(&x, row)| add_scaled(out, x, row));
        }
    }
}

/// `dh[b, u] ← V[u, :]·ds[b, :]` for the units of open gates; other entries become 0.
pub(super) fn backward<R: Real>(
    ds: &Matrix<R>,
    head: &PackedMatrix<R>,
    open: &BlockMask,
    units: usize,
    dh: &mut Matrix<R>,
) {
    dh.fill(R::zero());
    let head = head.single_panel();
    for (b, (delta, out)) in ds.rows().zip(dh.rows_mut()).enumerate() {
        for &j in open.of(b) {
            let from = j as usize * units;
            let rows = head[from * delta.len()..].chunks_exact(delta.len());
            out[from..from + units].iter_mut().zip(rows).for_each(|(out, row)| *out = dot(row, delta));
        }
    }
}

/// `dV[u, :] += h[b, u]·ds[b, :]` over the units of open gates.
pub(super) fn weight_gradient<R: Real>(
    h: &Matrix<R>,
    ds: &Matrix<R>,
    open: &BlockMask,
    units: usize,
    gradient: &mut [R],
) {
    for (b, (hidden, delta)) in h.rows().zip(ds.rows()).enumerate() {
        for &j in open.of(b) {
            let from = j as usize * units;
            let rows = gradient[from * delta.len()..].chunks_exact_mut(delta.len());
            hidden[from..from + units].iter().zip(rows).for_each(|(&x, row)| add_scaled(row, x, delta));
        }
    }
}
