//! Products with active blocks, in strips of columns.
#![allow(unsafe_code, reason = "calls kernels that take pointers; the ranges are asserted first")]

use std::ops::Range;

use super::kernel_set::{KernelSet, strips_of};
use crate::masked_matmul::{self, ActivePairs, UNROLL, active_indices, block_segments};
use crate::matrix::Matrix;
use crate::packed_matrix::PANEL;

/// [`super::Backend::masked_forward`].
pub(super) fn forward(
    set: &KernelSet,
    pairs: ActivePairs<'_, f32>,
    columns: Range<usize>,
    weights: &[f32],
    z: &mut Matrix<f32>,
) {
    let (stride, z_stride) = (columns.len(), z.ncols());
    assert!(stride > 0, "a panel has columns");
    pairs.input.check(weights.len() / stride);
    if pairs.block_width == 1 && stride <= PANEL {
        return masked_matmul::single_column_forward(pairs, columns, weights, z);
    }
    assert!(columns.end <= z_stride, "the panel's columns are among those of the result");
    assert!(z_stride.is_multiple_of(pairs.block_width), "the number of columns is a multiple of the block width");
    let z = z.values_mut();
    for segment in block_segments(columns, pairs.block_width) {
        assert!(segment.panel_column + segment.width <= stride, "a segment lies within its panel");
        for rows in pairs.mask.rows_of_block(segment.block).chunks(2) {
            let (first, second) = (rows[0], rows.get(1));
            let entries = pairs.input.row(first as usize);
            let entries2 = second.map_or(&[][..], |&b| pairs.input.row(b as usize));
            let offset = |b: u32| b as usize * z_stride + segment.column;
            let (offset, offset2) = (offset(first), offset(*second.unwrap_or(&first)));
            assert!(offset.max(offset2) + segment.width <= z.len(), "the result has these rows");
            for (column, strip) in strips_of(&set.masked, segment.width) {
                // SAFETY: `check` asserts that every column index of x is a row of the weights, the asserts above that columns and offsets
                // are inside W and z; strips end within the segment. For a last single row both result pointers are equal and
                // `entries2` is empty: the contract of `ForwardPairKernel` is that the first row is stored last.
                unsafe {
                    (strip.forward_pair)(
                        entries.len(),
                        entries.as_ptr(),
                        entries2.len(),
                        entries2.as_ptr(),
                        weights.as_ptr().add(segment.panel_column + column),
                        stride,
                        z.as_mut_ptr().add(offset + column),
                        z.as_mut_ptr().add(offset2 + column),
                    );
                }
            }
        }
    }
}

/// [`super::Backend::masked_weight_grad`].
pub(super) fn weight_grad(
    set: &KernelSet,
    pairs: ActivePairs<'_, f32>,
    delta: &Matrix<f32>,
    columns: Range<usize>,
    gradient: &mut [f32],
) {
    let stride = columns.len();
    assert!(stride > 0, "a panel has columns");
    pairs.input.check(gradient.len() / stride);
    if pairs.block_width == 1 && stride <= PANEL {
        return single_column_weight_grad(set, pairs, delta, columns, gradient);
    }
    for segment in block_segments(columns, pairs.block_width) {
        assert!(segment.panel_column + segment.width <= stride, "a segment lies within its panel");
        for &b in pairs.mask.rows_of_block(segment.block) {
            let entries = pairs.input.row(b as usize);
            let delta = &delta.row(b as usize)[segment.column..segment.column + segment.width];
            for (column, strip) in strips_of(&set.masked, segment.width).filter(|_| !entries.is_empty()) {
                // SAFETY: `check` asserts that every column index of x is a row of the gradient, the assert above that columns are inside it;
                // strips end within the segment.
                unsafe {
                    let g = gradient.as_mut_ptr().add(segment.panel_column + column);
                    (strip.grad_block)(entries.len(), entries.as_ptr(), delta.as_ptr().add(column), g, stride);
                }
            }
        }
    }
}

/// [`weight_grad`] for blocks of one column: row by row of x, so that the gradient rows of its entries stay in the L1 cache for all
/// active columns.
fn single_column_weight_grad(
    set: &KernelSet,
    pairs: ActivePairs<'_, f32>,
    delta: &Matrix<f32>,
    columns: Range<usize>,
    gradient: &mut [f32],
) {
    for b in 0..pairs.input.rows() {
        let (entries, delta) = (pairs.input.row(b), &delta.row(b)[columns.clone()]);
        let (active, count) = active_indices(&pairs.mask.row_mask(b)[columns.clone()]);
        for group in active[..count].chunks(UNROLL).filter(|_| !entries.is_empty()) {
            // An incomplete group adds 0·x to its first column once more. Inputs are finite and sums start at +0, so this changes no
            // bit. The contract of `GradScatter4Kernel` is to update the columns one after another, so an index may occur twice.
            let (mut indices, mut deltas) = ([group[0] as u32; UNROLL], [0.0; UNROLL]);
            for (i, &column) in group.iter().enumerate() {
                (indices[i], deltas[i]) = (column as u32, delta[column]);
            }
            // SAFETY: `check` asserts that every column index of x is a row of the gradient; indices are below its number of columns.
            unsafe {
                (set.grad_scatter4)(
                    entries.len(),
                    entries.as_ptr(),
                    deltas.as_ptr(),
                    indices.as_ptr(),
                    gradient.as_mut_ptr(),
                    columns.len(),
                );
            }
        }
    }
}
