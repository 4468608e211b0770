//! Memory layouts of matrices, and copies into the layout that the tile kernels read.
#![allow(unsafe_code, reason = "copies whole rows by pointer; the ranges are asserted first")]

use ndarray::{ArrayView1, ArrayView2, ArrayViewMut2, Axis};

/// The memory order of a matrix.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Layout {
    /// The values of a row are contiguous.
    Rows,
    /// The values of a column are contiguous.
    Columns,
    Neither,
}

pub(super) fn layout(view: &ArrayView2<'_, f32>) -> Layout {
    let [row, column] = [0, 1].map(|axis| if view.len_of(Axis(axis)) < 2 { 1 } else { view.strides()[axis] });
    match (row, column) {
        (0.., 1) => Layout::Rows,
        (1, 0..) => Layout::Columns,
        _ => Layout::Neither,
    }
}

/// Values from one row to the next, in a matrix of [`Layout::Rows`].
pub(super) fn row_stride(view: &ArrayView2<'_, f32>) -> usize {
    view.strides()[0].unsigned_abs()
}

/// A row or column that is known to be contiguous.
fn contiguous(view: ArrayView1<'_, f32>) -> &[f32] {
    view.to_slice().unwrap_or_else(|| unreachable!("the layout is contiguous along this axis"))
}

/// Copies B [k × n] panel by panel, each [k × N] row-major. Columns of the last panel beyond n hold unspecified values.
///
/// # Panics
/// If `packed` is too short for all panels.
pub(super) fn pack<const N: usize>(b: &ArrayView2<'_, f32>, packed: &mut [f32]) {
    let (k, n) = b.dim();
    assert!(packed.len() >= k * n.next_multiple_of(N), "all panels fit");
    match layout(b) {
        // Row by row: reads are contiguous, and the few panels are written in parallel.
        Layout::Rows => {
            let (stride, panels) = (row_stride(b), n / N);
            for p in 0..k {
                // SAFETY: a row of B has n contiguous values, of which the first `panels`·N are read. The assert covers the writes.
                unsafe {
                    let (from, to) = (b.as_ptr().add(p * stride), packed.as_mut_ptr().add(p * N));
                    for panel in 0..panels {
                        to.add(panel * k * N).cast::<[f32; N]>().write(from.add(panel * N).cast::<[f32; N]>().read());
                    }
                }
            }
            if !n.is_multiple_of(N) {
                for (p, row) in b.rows().into_iter().enumerate() {
                    let rest = contiguous(row).as_chunks::<N>().1;
                    packed[(panels * k + p) * N..][..rest.len()].copy_from_slice(rest);
                }
            }
        }
        // Panel by panel, all of its columns at once. Columns beyond n repeat the last one.
        Layout::Columns => {
            for (first, panel) in (0..n).step_by(N).zip(packed.chunks_exact_mut(k * N)) {
                let columns: [&[f32]; N] = std::array::from_fn(|j| &contiguous(b.column((first + j).min(n - 1)))[..k]);
                for (p, to) in panel.as_chunks_mut::<N>().0.iter_mut().enumerate() {
                    *to = columns.map(|column| column[p]);
                }
            }
        }
        Layout::Neither => {
            for ((p, j), &from) in b.indexed_iter() {
                packed[(j / N * k + p) * N + j % N] = from;
            }
        }
    }
}

/// Copies a matrix of few columns; rows of both are contiguous. Faster than `assign` for such shapes.
pub(super) fn copy_rows(from: &ArrayView2<'_, f32>, to: &mut ArrayViewMut2<'_, f32>) {
    assert_eq!(from.dim(), to.dim(), "matrices of one shape");
    for (from, to) in from.rows().into_iter().zip(to.rows_mut()) {
        let to = to.into_slice().unwrap_or_else(|| unreachable!("rows are contiguous"));
        contiguous(from).iter().zip(to).for_each(|(&from, to)| *to = from);
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, s};

    use super::*;

    #[test]
    fn every_layout_is_packed_alike() {
        for (k, n) in [(3, 8), (5, 1), (1, 13), (4, 27)] {
            let value = |(p, j): (usize, usize)| (100 * p + j) as f32;
            let rows = Array2::from_shape_fn((k, n), value);
            let columns = Array2::from_shape_fn((n, k), |(j, p)| value((p, j)));
            let wide = Array2::from_shape_fn((2 * k, 2 * n), |(p, j)| value((p / 2, j / 2)));
            for b in [rows.view(), columns.t(), wide.slice(s![..;2, ..;2])] {
                let mut packed = vec![-1.0; k * n.next_multiple_of(8)];
                pack::<8>(&b, &mut packed);
                for (p, j) in (0..k).flat_map(|p| (0..n).map(move |j| (p, j))) {
                    let found = packed[(j / 8 * k + p) * 8 + j % 8];
                    assert!((found - value((p, j))).abs() < 0.5, "{:?} ({p}, {j})", layout(&b));
                }
            }
        }
    }
}
