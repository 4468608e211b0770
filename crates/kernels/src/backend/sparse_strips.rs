//! Products of sparse rows with a matrix, in strips of columns.
#![allow(unsafe_code, reason = "calls kernels that take pointers; the ranges are asserted first")]

use ndarray::{ArrayView2, ArrayViewMut2};

use super::kernel_set::{KernelSet, strips_of};
use super::packing::{Layout, layout, row_stride};
use crate::sparse::SparseView;

/// `C += A·B` for sparse A [m × k], and B [k × n], C [m × n] with contiguous rows.
pub(super) fn sparse_rows(
    set: &KernelSet,
    a: SparseView<'_, f32>,
    b: ArrayView2<'_, f32>,
    mut c: ArrayViewMut2<'_, f32>,
) {
    a.check(b.nrows());
    let n = b.ncols();
    assert_eq!(c.dim(), (a.rows(), n), "the result has the rows of A and the columns of B");
    if c.is_empty() || a.entries.is_empty() {
        return;
    }
    assert!(layout(&b) == Layout::Rows && layout(&c.view()) == Layout::Rows, "rows are contiguous");
    let (b_stride, c_stride) = (row_stride(&b), row_stride(&c.view()));
    let (starts, entries, step) = (a.starts.as_ptr(), a.entries.as_ptr(), a.parts);
    for (column, strip) in strips_of(&set.sparse, n) {
        for part in 0..a.parts {
            // SAFETY: `check` covers the entries and the starts of all parts, the asserts cover the rows, and strips end within n.
            unsafe {
                let (b, c) = (b.as_ptr().add(column), c.as_mut_ptr().add(column));
                (strip.run)(a.rows(), starts.add(part), step, entries, b, b_stride, c, c_stride);
            }
        }
    }
}
