//! Dense products from tiles: B is copied into panels that stay in the caches, A is read in place.
//!
//! Loops from outside in: blocks of k, so that a panel of B stays in the first-level cache; blocks of columns, so that all panels of
//! a block stay in the second-level cache; blocks of rows, so that the rows of A do too; panels. A block of k continues from the
//! sums in C, so dividing k changes no bit.
#![allow(unsafe_code, reason = "calls kernels that take pointers; the ranges are asserted first")]

use std::cell::RefCell;

use ndarray::{ArrayView2, ArrayViewMut2, Axis, s};

use super::kernel_set::{KernelSet, TILE_ROWS};
use super::packing::{Layout, copy_rows, layout, row_stride};
use crate::aligned::AlignedVec;

/// Values of a block of A or of B: 128 KiB, a quarter of a common second-level cache.
const BLOCK: usize = 32 * 1024;
/// Rows of A and C that are multiplied with all panels before the next rows, so that cache lines of C are reused by the next panel.
const BLOCK_M: usize = 32;
/// Columns of a column-major A that are read in place: half the entries of a first-level TLB.
const MAX_STRIDED_COLUMNS: usize = 32;
/// The largest block of k: a panel of 8 columns then takes 13 KiB of the first-level cache.
const BLOCK_K: usize = 400;

/// Memory that is reused from one product to the next.
#[derive(Default)]
struct Scratch {
    /// Packed panels of B, cache-aligned so that no vector load crosses a line.
    panels: AlignedVec<f32>,
    /// The columns of C below a last panel that is wider than they are.
    edge: Vec<f32>,
    /// Rows of A in row-major order.
    rows: Vec<f32>,
    /// Columns of A, contiguous.
    columns: Vec<f32>,
    /// Cᵀ.
    transposed: Vec<f32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// A matrix in reused memory. Its content is unspecified.
fn matrix(values: &mut Vec<f32>, dim: (usize, usize)) -> ArrayViewMut2<'_, f32> {
    let length = dim.0 * dim.1;
    if values.len() < length {
        values.resize(length, 0.0);
    }
    ArrayViewMut2::from_shape(dim, &mut values[..length]).unwrap_or_else(|_| unreachable!("rows × columns values"))
}

/// `C ← A·B` if `overwrite`, else `C += A·B`. Shapes are checked by the caller.
pub(super) fn multiply(
    set: &KernelSet,
    a: ArrayView2<'_, f32>,
    b: ArrayView2<'_, f32>,
    overwrite: bool,
    c: ArrayViewMut2<'_, f32>,
) {
    let mut scratch = SCRATCH.take();
    multiply_or_transpose(set, a, b, overwrite, c, &mut scratch);
    SCRATCH.set(scratch);
}

/// Computes C, or Cᵀ = Bᵀ·Aᵀ where that copies less.
fn multiply_or_transpose(
    set: &KernelSet,
    a: ArrayView2<'_, f32>,
    b: ArrayView2<'_, f32>,
    overwrite: bool,
    mut c: ArrayViewMut2<'_, f32>,
    scratch: &mut Scratch,
) {
    let ((m, k), n) = (a.dim(), b.ncols());
    // Packing a column-major B is a transposition. As the left factor of Cᵀ = Bᵀ·Aᵀ it is read in place.
    let transpose_is_cheaper = layout(&b) == Layout::Columns && k * n > k * m + 2 * m * n;
    if layout(&c.view()) == Layout::Rows && !transpose_is_cheaper {
        return blocks(set, a, b, overwrite, c, scratch);
    }
    let mut memory = std::mem::take(&mut scratch.transposed);
    let mut transposed = matrix(&mut memory, (n, m));
    if !overwrite {
        transposed.assign(&c.t());
    }
    blocks(set, b.reversed_axes(), a.reversed_axes(), overwrite, transposed.view_mut(), scratch);
    c.assign(&transposed.t());
    scratch.transposed = memory;
}

/// Divides a product with a row-major C into blocks.
fn blocks(
    set: &KernelSet,
    a: ArrayView2<'_, f32>,
    b: ArrayView2<'_, f32>,
    overwrite: bool,
    mut c: ArrayViewMut2<'_, f32>,
    scratch: &mut Scratch,
) {
    let ((m, k), n) = (a.dim(), b.ncols());
    if k == 0 && overwrite {
        c.fill(0.0);
    }
    if m == 0 || n == 0 || k == 0 {
        return;
    }
    // Blocks of equal size avoid a short last one.
    let k_block = k.div_ceil(k.div_ceil(BLOCK_K)).next_multiple_of(8);
    let n_block = (BLOCK / k_block).next_multiple_of(set.panel);
    let m_block = (BLOCK / k_block).next_multiple_of(TILE_ROWS).min(BLOCK_M);
    let k_blocks = a.axis_chunks_iter(Axis(1), k_block).zip(b.axis_chunks_iter(Axis(0), k_block));
    for (number, (a, b)) in k_blocks.enumerate() {
        let overwrite = overwrite && number == 0;
        for (b, mut c) in b.axis_chunks_iter(Axis(1), n_block).zip(c.axis_chunks_iter_mut(Axis(1), n_block)) {
            let mut panels = std::mem::take(&mut scratch.panels);
            let packed = panels.scratch(b.ncols().next_multiple_of(set.panel) * b.nrows());
            (set.pack)(&b, packed);
            for (a, c) in a.axis_chunks_iter(Axis(0), m_block).zip(c.axis_chunks_iter_mut(Axis(0), m_block)) {
                block(set, &a, packed, overwrite, c, scratch);
            }
            scratch.panels = panels;
        }
    }
}

/// Multiplies a block of A with the panels of a block of B.
fn block(
    set: &KernelSet,
    a: &ArrayView2<'_, f32>,
    panels: &[f32],
    overwrite: bool,
    mut c: ArrayViewMut2<'_, f32>,
    scratch: &mut Scratch,
) {
    let ((m, k), n) = (a.dim(), set.panel);
    // Kernels read a row-major A in place, and whole tiles of a column-major A. Other rows are copied.
    let in_place = match layout(a) {
        Layout::Rows => m,
        Layout::Columns => m - m % TILE_ROWS,
        Layout::Neither => 0,
    };
    let (whole, rest) = a.view().split_at(Axis(0), in_place);
    let mut copy = matrix(&mut scratch.rows, rest.dim());
    copy.assign(&rest);
    // Many long columns lie in more pages than the TLB holds: they are made contiguous first.
    let gather = layout(a) == Layout::Columns && k > MAX_STRIDED_COLUMNS;
    let mut gathered = matrix(&mut scratch.columns, if gather { (k, in_place) } else { (0, 0) });
    if gather {
        copy_rows(&whole.t(), &mut gathered.view_mut());
    }
    let parts = [if gather { gathered.t() } else { whole }, copy.view()];
    let columns = c.ncols();
    let (panels, last) = panels.split_at(columns / n * n * k);
    let (mut full, mut edge) = c.view_mut().split_at(Axis(1), columns / n * n);
    parts_times_panels(set, &parts, panels, overwrite, &mut full);
    if edge.ncols() > 0 {
        // The last panel is wider than the rest of C: it is computed in scratch memory.
        let mut wide = matrix(&mut scratch.edge, (m, n));
        wide.fill(0.0);
        copy_rows(&edge.view(), &mut wide.slice_mut(s![.., ..edge.ncols()]));
        parts_times_panels(set, &parts, &last[..n * k], overwrite, &mut wide);
        copy_rows(&wide.slice(s![.., ..edge.ncols()]), &mut edge);
    }
}

/// Multiplies two parts of A, one above the other, with whole panels.
fn parts_times_panels(
    set: &KernelSet,
    parts: &[ArrayView2<'_, f32>; 2],
    panels: &[f32],
    overwrite: bool,
    c: &mut ArrayViewMut2<'_, f32>,
) {
    let mut first = 0;
    for a in parts.iter().filter(|a| a.nrows() > 0) {
        let (m, k) = a.dim();
        let in_rows = layout(a) == Layout::Rows;
        let run = if in_rows { set.tiles.rows } else { set.tiles.columns };
        let a_stride = if in_rows { row_stride(a) } else { row_stride(&a.t()) };
        assert!(in_rows || m.is_multiple_of(TILE_ROWS), "a column-major part is whole tiles");
        assert!(panels.len() == k * c.ncols() && c.ncols().is_multiple_of(set.panel), "one panel of B for each of C");
        assert!(first + m <= c.nrows() && layout(&c.view()) == Layout::Rows, "C is row-major and has these rows");
        let (c_stride, c) = (row_stride(&c.view()), c.as_mut_ptr());
        for (i, panel) in panels.chunks_exact(k * set.panel).enumerate() {
            // SAFETY: the asserts are the conditions of the kernels. Panels of C follow each other along its rows.
            unsafe {
                let c = c.add(first * c_stride + i * set.panel);
                run(m, k, a.as_ptr(), a_stride, panel.as_ptr(), c, c_stride, u32::from(overwrite));
            }
        }
        first += m;
    }
}
