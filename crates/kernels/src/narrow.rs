//! Products with the output layer's few columns, over the units of open gates only.
//!
//! Ten classes are two vectors and a half: rows of scores are worked on as a whole, with their number known to the compiler.

use ndarray::{Array2, ArrayView2, ArrayViewMut2};

use super::open::OpenGates;
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
    h: &Array2<R>,
    head: ArrayView2<'_, R>,
    open: &OpenGates,
    units: usize,
    scores: &mut Array2<R>,
) {
    let Some(head) = head.to_slice() else { return };
    for (b, (hidden, mut out)) in h.rows().into_iter().zip(scores.rows_mut()).enumerate() {
        let (Some(hidden), Some(out)) = (hidden.to_slice(), out.as_slice_mut()) else { continue };
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
    ds: &Array2<R>,
    head: ArrayView2<'_, R>,
    open: &OpenGates,
    units: usize,
    dh: &mut Array2<R>,
) {
    dh.fill(R::zero());
    let Some(head) = head.to_slice() else { return };
    for (b, (delta, mut out)) in ds.rows().into_iter().zip(dh.rows_mut()).enumerate() {
        let (Some(delta), Some(out)) = (delta.to_slice(), out.as_slice_mut()) else { continue };
        for &j in open.of(b) {
            let from = j as usize * units;
            let rows = head[from * delta.len()..].chunks_exact(delta.len());
            out[from..from + units].iter_mut().zip(rows).for_each(|(out, row)| *out = dot(row, delta));
        }
    }
}

/// `dV[u, :] += h[b, u]·ds[b, :]` over the units of open gates.
pub(super) fn weight_gradient<R: Real>(
    h: ArrayView2<'_, R>,
    ds: ArrayView2<'_, R>,
    open: &OpenGates,
    units: usize,
    mut gradient: ArrayViewMut2<'_, R>,
) {
    let Some(gradient) = gradient.as_slice_mut() else { return };
    for (b, (hidden, delta)) in h.rows().into_iter().zip(ds.rows()).enumerate() {
        let (Some(hidden), Some(delta)) = (hidden.to_slice(), delta.to_slice()) else { continue };
        for &j in open.of(b) {
            let from = j as usize * units;
            let rows = gradient[from * delta.len()..].chunks_exact_mut(delta.len());
            hidden[from..from + units].iter().zip(rows).for_each(|(&x, row)| add_scaled(row, x, delta));
        }
    }
}
