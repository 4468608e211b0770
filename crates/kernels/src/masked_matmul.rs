//! Products of a matrix with the active column blocks of another: the work saved by conditional computation.
//!
//! The N columns of a matrix [D × N] form G blocks of `block_width`; a block may span two panels. Which blocks are active is a property
//! of each row of the input. Forward, entries of inactive pairs are not written. In gradients, the products of inactive pairs are
//! left out: they would add ±0 to sums that start at +0, which changes no bit as long as the input is finite. Sums of active pairs are
//! in the order of the dense product.

use std::ops::Range;

use super::block_mask::BlockMask;
use super::input::Input;
use super::matrix::Matrix;
use super::packed_matrix::PANEL;
use super::real::Real;
use super::sparse::{Entry, SparseView};

/// Columns computed together where blocks have one column: their sums are independent, which hides the latency of the additions.
pub(super) const UNROLL: usize = 4;

/// Operands of a masked product: the input x [B × D], and which blocks are active in which of its rows.
#[derive(Clone, Copy)]
pub struct ActivePairs<'a, R> {
    /// x [B × D], row by row.
    pub input: SparseView<'a, R>,
    /// Active (row, block) pairs [B × G].
    pub mask: &'a BlockMask,
    /// Columns of a block.
    pub block_width: usize,
}

/// The columns of one block that lie in one panel.
pub(super) struct BlockSegment {
    pub(super) block: usize,
    /// First column, relative to the panel.
    pub(super) panel_column: usize,
    /// First column, relative to the matrix.
    pub(super) column: usize,
    pub(super) width: usize,
}

/// The block segments of a panel of the given columns, in order.
pub(super) fn block_segments(columns: Range<usize>, block_width: usize) -> impl Iterator<Item = BlockSegment> {
    (columns.start / block_width..columns.end.div_ceil(block_width)).map(move |block| {
        let column = (block * block_width).max(columns.start);
        let width = ((block + 1) * block_width).min(columns.end) - column;
        BlockSegment { block, panel_column: column - columns.start, column, width }
    })
}

/// `z[b, block j] += x[b, :]·W[:, block j]` over active pairs, for the given columns of W, whose panel is `weights`. The reference
/// implementation; optimised kernels are tested against it.
pub(super) fn forward<R: Real>(pairs: ActivePairs<'_, R>, columns: Range<usize>, weights: &[R], z: &mut Matrix<R>) {
    if pairs.block_width == 1 && columns.len() <= PANEL {
        return single_column_forward(pairs, columns, weights, z);
    }
    for segment in block_segments(columns.clone(), pairs.block_width) {
        for &b in pairs.mask.rows_of_block(segment.block) {
            for (i, column) in (segment.column..segment.column + segment.width).enumerate() {
                let weight = |d: u32| weights[d as usize * columns.len() + segment.panel_column + i];
                let row = pairs.input.row(b as usize).iter();
                z[(b as usize, column)] = row.fold(z[(b as usize, column)], |sum, x| sum + x.value * weight(x.column));
            }
        }
    }
}

/// [`forward`] for blocks of one column and at most [`PANEL`] columns.
pub(super) fn single_column_forward<R: Real>(
    pairs: ActivePairs<'_, R>,
    columns: Range<usize>,
    weights: &[R],
    z: &mut Matrix<R>,
) {
    for (b, out) in z.rows_mut().enumerate() {
        let mask = &pairs.mask.row_mask(b)[columns.clone()];
        active_dot_products(pairs.input.row(b), weights, columns.len(), mask, &mut out[columns.clone()]);
    }
}

/// Multiply-adds of a masked product: active pairs times the entries of x that are multiplied.
pub(super) fn macs<R: Real>(x: &Input<R>, mask: &BlockMask, block_width: usize) -> u64 {
    (0..x.dim().0).map(|b| (mask.blocks_of_row(b).len() * block_width * x.multiplied_in_row(b)) as u64).sum()
}

/// The indices of the true entries among at most [`PANEL`], and their number.
pub(super) fn active_indices(mask: &[bool]) -> ([usize; PANEL], usize) {
    let (mut indices, mut count) = ([0; PANEL], 0);
    for (index, &active) in mask.iter().enumerate() {
        indices[count] = index;
        count += usize::from(active);
    }
    (indices, count)
}

/// `out[j] += Σ x·panel[:, j]` for the active columns j of a panel of `width` columns, [`UNROLL`] columns at a time.
fn active_dot_products<R: Real>(row: &[Entry<R>], panel: &[R], width: usize, mask: &[bool], out: &mut [R]) {
    let (active, count) = active_indices(mask);
    for group in active[..count].chunks(UNROLL) {
        // An incomplete group repeats its first column; the repeated sums are discarded.
        let mut columns = [group[0]; UNROLL];
        columns[..group.len()].copy_from_slice(group);
        let mut sums = columns.map(|column| out[column]);
        for x in row {
            let weights = &panel[x.column as usize * width..][..width];
            sums.iter_mut().zip(columns).for_each(|(sum, column)| *sum += x.value * weights[column]);
        }
        group.iter().zip(sums).for_each(|(&column, sum)| out[column] = sum);
    }
}

/// `G[:, block j] += Σ_b x[b, :]ᵀ·δ[b, block j]` over active pairs, for the given columns of G, whose panel is `gradient`. The definition
/// that faster kernels are tested against.
pub(super) fn weight_grad<R: Real>(
    pairs: ActivePairs<'_, R>,
    delta: &Matrix<R>,
    columns: Range<usize>,
    gradient: &mut [R],
) {
    for segment in block_segments(columns.clone(), pairs.block_width) {
        for &b in pairs.mask.rows_of_block(segment.block) {
            let delta = &delta.row(b as usize)[segment.column..segment.column + segment.width];
            for x in pairs.input.row(b as usize) {
                let sums = &mut gradient[x.column as usize * columns.len() + segment.panel_column..][..segment.width];
                sums.iter_mut().zip(delta).for_each(|(sum, &delta)| *sum += x.value * delta);
            }
        }
    }
}
