//! A weight gradient as what it is, `Σ_b left_bᵀ·δ_b`: computed panel by panel when it is used, and never stored whole.
//!
//! The optimiser takes each panel while it is still in the cache, so a step reads and writes every weight once.

use ndarray::s;

use super::matrix::Matrix;

use super::backend::Backend;
use super::block_mask::BlockMask;
use super::input::Input;
use super::masked_matmul::ActivePairs;
use super::masked_narrow;
use super::packed_matrix::as_matrix;
use super::real::Real;

/// What one minibatch adds to the gradient of a weight matrix [D × N].
#[derive(Clone, Copy)]
pub enum WeightGradTerm<'a, R: Real> {
    /// Every pair: `left` [B × D], `delta` [B × N].
    Dense {
        /// What comes in.
        left: &'a Matrix<R>,
        /// What comes back.
        delta: &'a Matrix<R>,
    },
    /// Inputs, of which zeros may be skipped.
    Pixels {
        /// What comes in.
        input: &'a Input<R>,
        /// What comes back.
        delta: &'a Matrix<R>,
    },
    /// Inputs, and column blocks of `units` that belong to gates: open pairs only; `delta` is 0 elsewhere.
    OpenPixels {
        /// What comes in.
        input: &'a Input<R>,
        /// What comes back.
        delta: &'a Matrix<R>,
        /// Open pairs.
        open: &'a BlockMask,
        /// Columns per gate.
        units: usize,
    },
    /// Row blocks of `units` that belong to gates: open pairs only. Few columns.
    OpenUnits {
        /// What comes in; read at open units only.
        left: &'a Matrix<R>,
        /// What comes back.
        delta: &'a Matrix<R>,
        /// Open pairs.
        open: &'a BlockMask,
        /// Rows per gate.
        units: usize,
    },
}

impl<'a, R: Real> WeightGradTerm<'a, R> {
    /// What comes back [B × N].
    pub fn delta(&self) -> &'a Matrix<R> {
        match self {
            Self::Dense { delta, .. }
            | Self::Pixels { delta, .. }
            | Self::OpenPixels { delta, .. }
            | Self::OpenUnits { delta, .. } => delta,
        }
    }

    /// Multiply-adds of the whole gradient.
    pub(super) fn multiply_adds(&self) -> u64 {
        let columns = self.delta().ncols();
        match self {
            Self::Dense { left, .. } => (left.len() * columns) as u64,
            Self::Pixels { input, .. } => (input.active() * columns) as u64,
            Self::OpenPixels { input, open, units, .. } => {
                (0..input.dim().0).map(|b| (open.of(b).len() * units * input.active_of(b)) as u64).sum()
            }
            Self::OpenUnits { open, units, .. } => (open.len() * units * columns) as u64,
        }
    }

    /// Adds the columns `span` to `panel` [D × span].
    pub(super) fn add_panel(&self, backend: &dyn Backend<R>, span: std::ops::Range<usize>, panel: &mut [R]) {
        let columns = self.delta().view().slice_move(s![.., span.clone()]);
        let rows = panel.len() / span.len().max(1);
        match self {
            Self::OpenPixels { input, delta, open, units } => {
                let pairs = ActivePairs { rows: input.by_example(), open, units: *units };
                backend.masked_weight_grad(pairs, delta, span, panel);
            }
            Self::Dense { left, .. } => {
                backend.product(left.view().reversed_axes(), columns, R::one(), as_matrix(panel, rows, span.len()));
            }
            Self::Pixels { input, .. } => {
                let out = as_matrix(panel, rows, span.len());
                match input.dense() {
                    Some(dense) => backend.product(dense.view().reversed_axes(), columns, R::one(), out),
                    None => backend.sparse_rows(input.by_input(), columns, out),
                }
            }
            Self::OpenUnits { left, delta, open, units } => {
                assert_eq!(span.len(), delta.ncols(), "a narrow matrix is one panel");
                masked_narrow::weight_gradient(left, delta, open, *units, panel);
            }
        }
    }

    /// `bias += Σ_b δ_b`.
    pub fn add_bias(&self, bias: &mut [R]) {
        for row in self.delta().rows() {
            bias.iter_mut().zip(row).for_each(|(sum, &d)| *sum += d);
        }
    }
}

/// All that contributes to the gradient of one layer's weights and biases.
pub struct WeightGradTerms<'a, R: Real> {
    /// Of the present minibatch.
    pub first: WeightGradTerm<'a, R>,
    /// Of earlier ones whose gradient comes late; usually none.
    pub late: Vec<WeightGradTerm<'a, R>>,
}

impl<'a, R: Real> WeightGradTerms<'a, R> {
    /// Of one minibatch.
    pub fn of(first: WeightGradTerm<'a, R>) -> Self {
        Self { first, late: Vec::new() }
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &WeightGradTerm<'a, R>> {
        std::iter::once(&self.first).chain(&self.late)
    }
}
