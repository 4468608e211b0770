//! A weight gradient as what it is, `Σ_b left_bᵀ·δ_b`: computed panel by panel when it is used, and never stored whole.
//!
//! The optimiser takes each panel while it is still in the cache, so a step reads and writes every weight once.

use ndarray::{ArrayView2, s};

use super::blocks::OpenPairs;
use super::input::Input;
use super::loops::Loops;
use super::narrow;
use super::open::OpenGates;
use super::panels::as_matrix;
use super::real::Real;

/// What one minibatch adds to the gradient of a weight matrix [D × N].
#[derive(Clone, Copy)]
pub enum Outer<'a, R: Real> {
    /// Every pair: `left` [B × D], `delta` [B × N].
    Dense {
        /// What comes in.
        left: ArrayView2<'a, R>,
        /// What comes back.
        delta: ArrayView2<'a, R>,
    },
    /// Inputs, of which zeros may be skipped.
    Pixels {
        /// What comes in.
        input: &'a Input<R>,
        /// What comes back.
        delta: ArrayView2<'a, R>,
    },
    /// Inputs, and column blocks of `units` that belong to gates: open pairs only; `delta` is 0 elsewhere.
    OpenPixels {
        /// What comes in.
        input: &'a Input<R>,
        /// What comes back.
        delta: ArrayView2<'a, R>,
        /// Open pairs.
        open: &'a OpenGates,
        /// Columns per gate.
        units: usize,
    },
    /// Row blocks of `units` that belong to gates: open pairs only. Few columns.
    OpenUnits {
        /// What comes in; read at open units only.
        left: ArrayView2<'a, R>,
        /// What comes back.
        delta: ArrayView2<'a, R>,
        /// Open pairs.
        open: &'a OpenGates,
        /// Rows per gate.
        units: usize,
    },
}

impl<'a, R: Real> Outer<'a, R> {
    /// What comes back [B × N].
    pub fn delta(&self) -> ArrayView2<'a, R> {
        match self {
            Self::Dense { delta, .. }
            | Self::Pixels { delta, .. }
            | Self::OpenPixels { delta, .. }
            | Self::OpenUnits { delta, .. } => *delta,
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
    pub(super) fn add_panel(&self, loops: &dyn Loops<R>, span: std::ops::Range<usize>, panel: &mut [R]) {
        let columns = self.delta().slice_move(s![.., span.clone()]);
        let rows = panel.len() / span.len().max(1);
        match self {
            Self::OpenPixels { input, delta, open, units } => {
                let pairs = OpenPairs { rows: input.by_example(), open, units: *units };
                loops.open_gradient(pairs, *delta, span, panel);
            }
            Self::Dense { left, .. } => {
                let Some(out) = as_matrix(panel, rows, span.len()) else { return };
                loops.product(left.t(), columns, R::one(), out);
            }
            Self::Pixels { input, .. } => {
                let Some(out) = as_matrix(panel, rows, span.len()) else { return };
                match input.dense() {
                    Some(dense) => loops.product(dense.t(), columns, R::one(), out),
                    None => loops.sparse_rows(input.by_input(), columns, out),
                }
            }
            Self::OpenUnits { left, delta, open, units } => {
                let Some(out) = as_matrix(panel, rows, span.len()) else { return };
                narrow::weight_gradient(*left, *delta, open, *units, out);
            }
        }
    }

    /// `bias += Σ_b δ_b`.
    pub fn add_bias(&self, bias: &mut [R]) {
        for row in self.delta().rows() {
            let Some(row) = row.to_slice() else { continue };
            bias.iter_mut().zip(row).for_each(|(sum, &d)| *sum += d);
        }
    }
}

/// All that contributes to the gradient of one layer's weights and biases.
pub struct Contributions<'a, R: Real> {
    /// Of the present minibatch.
    pub first: Outer<'a, R>,
    /// Of earlier ones whose gradient comes late; usually none.
    pub late: Vec<Outer<'a, R>>,
}

impl<'a, R: Real> Contributions<'a, R> {
    /// Of one minibatch.
    pub fn of(first: Outer<'a, R>) -> Self {
        Self { first, late: Vec::new() }
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &Outer<'a, R>> {
        std::iter::once(&self.first).chain(&self.late)
    }
}
