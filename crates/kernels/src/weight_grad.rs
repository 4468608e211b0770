//! Weight gradients `Σ_b left_bᵀ·δ_b` as references to their factors, computed panel by panel.
//!
//! The full gradient is never stored. The optimizer updates each panel while its gradient is in the cache, so a step reads and writes
//! every weight once.

use std::ops::Range;

use ndarray::s;

use super::backend::Backend;
use super::block_mask::BlockMask;
use super::input::Input;
use super::masked_matmul::{self, ActivePairs};
use super::masked_narrow;
use super::matrix::Matrix;
use super::packed_matrix::as_matrix;
use super::real::Real;

/// The contribution `leftᵀ·δ` of one minibatch to the gradient of a weight matrix [D × N].
#[derive(Clone, Copy)]
pub enum WeightGradTerm<'a, R: Real> {
    /// A dense product.
    Dense {
        /// Layer input [B × D].
        left: &'a Matrix<R>,
        /// Gradient with respect to the layer's pre-activation [B × N].
        delta: &'a Matrix<R>,
    },
    /// A product with the input's nonzero entries.
    SparseInput {
        /// Layer input [B × D].
        input: &'a Input<R>,
        /// Gradient with respect to the layer's pre-activation [B × N].
        delta: &'a Matrix<R>,
    },
    /// A product with the input's nonzero entries, restricted to active column blocks of `delta`.
    MaskedColumns {
        /// Layer input [B × D].
        input: &'a Input<R>,
        /// Gradient with respect to the layer's pre-activation [B × N]; read in active blocks only.
        delta: &'a Matrix<R>,
        /// Active pairs [B × N/`block_width`].
        mask: &'a BlockMask,
        /// Columns of a block.
        block_width: usize,
    },
    /// A product restricted to active column blocks of `left`, for N small enough for one panel.
    MaskedRows {
        /// Layer input [B × D]; read in active blocks only, 0 elsewhere.
        left: &'a Matrix<R>,
        /// Gradient with respect to the layer's pre-activation [B × N].
        delta: &'a Matrix<R>,
        /// Active pairs [B × D/`block_width`].
        mask: &'a BlockMask,
        /// Columns of a block of `left`.
        block_width: usize,
    },
}

impl<'a, R: Real> WeightGradTerm<'a, R> {
    /// Gradient with respect to the layer's pre-activation [B × N].
    pub fn delta(&self) -> &'a Matrix<R> {
        match self {
            Self::Dense { delta, .. }
            | Self::SparseInput { delta, .. }
            | Self::MaskedColumns { delta, .. }
            | Self::MaskedRows { delta, .. } => delta,
        }
    }

    /// Multiply-adds of the whole product.
    pub(super) fn macs(&self) -> u64 {
        let columns = self.delta().ncols();
        match self {
            Self::Dense { left, .. } => (left.len() * columns) as u64,
            Self::SparseInput { input, .. } => (input.multiplied() * columns) as u64,
            Self::MaskedColumns { input, mask, block_width, .. } => masked_matmul::macs(input, mask, *block_width),
            Self::MaskedRows { mask, block_width, .. } => (mask.len() * block_width * columns) as u64,
        }
    }

    /// Adds the given columns of the product to `panel` [D × those columns].
    pub(super) fn add_panel(&self, backend: &dyn Backend<R>, columns: Range<usize>, panel: &mut [R]) {
        assert!(!columns.is_empty(), "a panel has columns");
        let delta_columns = self.delta().view().slice_move(s![.., columns.clone()]);
        let rows = panel.len() / columns.len();
        match self {
            Self::MaskedColumns { input, delta, mask, block_width } => {
                let pairs = ActivePairs { input: input.by_row(), mask, block_width: *block_width };
                backend.masked_weight_grad(pairs, delta, columns, panel);
            }
            Self::Dense { left, .. } => {
                let out = as_matrix(panel, rows, columns.len());
                backend.product(left.view().reversed_axes(), delta_columns, R::one(), out);
            }
            Self::SparseInput { input, .. } => {
                let out = as_matrix(panel, rows, columns.len());
                match input.dense() {
                    Some(dense) => backend.product(dense.view().reversed_axes(), delta_columns, R::one(), out),
                    None => backend.sparse_rows(input.by_column(), delta_columns, out),
                }
            }
            Self::MaskedRows { left, delta, mask, block_width } => {
                assert_eq!(columns.len(), delta.ncols(), "a narrow matrix is one panel");
                masked_narrow::weight_grad(left, delta, mask, *block_width, panel);
            }
        }
    }

    /// Adds the bias gradient: `bias += Σ_b δ_b`.
    ///
    /// # Panics
    /// If `bias` does not have N entries.
    pub fn add_bias(&self, bias: &mut [R]) {
        assert_eq!(bias.len(), self.delta().ncols(), "one bias for every column");
        self.for_each_delta(|columns, part| bias[columns].iter_mut().zip(part).for_each(|(sum, &d)| *sum += d));
    }

    /// Calls `f` with the columns and values of each part of δ that the products read, row by row: whole rows, or active blocks.
    pub fn for_each_delta(&self, mut f: impl FnMut(Range<usize>, &[R])) {
        match self {
            Self::MaskedColumns { delta, mask, block_width, .. } => {
                for (b, row) in delta.rows().enumerate() {
                    for &block in mask.blocks_of_row(b) {
                        let first = block as usize * block_width;
                        f(first..first + block_width, &row[first..first + block_width]);
                    }
                }
            }
            Self::Dense { delta, .. } | Self::SparseInput { delta, .. } | Self::MaskedRows { delta, .. } => {
                delta.rows().for_each(|row| f(0..row.len(), row));
            }
        }
    }
}

/// The gradient of one layer's weights and biases as a sum of terms.
pub struct WeightGradTerms<'a, R: Real> {
    /// The term of the current minibatch.
    pub current: WeightGradTerm<'a, R>,
    /// Terms of earlier minibatches whose gradient arrives with a delay; usually none.
    pub delayed: Vec<WeightGradTerm<'a, R>>,
}

impl<'a, R: Real> WeightGradTerms<'a, R> {
    /// A single term.
    pub fn single(current: WeightGradTerm<'a, R>) -> Self {
        Self { current, delayed: Vec::new() }
    }

    /// All terms, the current one first.
    pub fn iter(&self) -> impl Iterator<Item = &WeightGradTerm<'a, R>> {
        std::iter::once(&self.current).chain(&self.delayed)
    }
}
