//! The products a network is made of, each counting the multiply-adds it does.

use super::matrix::Matrix;
use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut2, s};

use super::backend::{Backend, DefaultBackend};
use super::block_mask::BlockMask;
use super::input::Input;
use super::masked_matmul::{self, ActivePairs};
use super::masked_narrow;
use super::momentum::{MomentumParams, MomentumUpdate};
use super::packed_matrix::PackedMatrix;
use super::real::Real;
use super::weight_grad::WeightGradTerms;

/// Access to the loops, with a counter: the compute meter is a measurement, not a claim.
pub struct CountingKernels<R: Real> {
    backend: &'static dyn Backend<R>,
    done: u64,
}

impl<R: DefaultBackend> Default for CountingKernels<R> {
    fn default() -> Self {
        Self::with(R::default_backend())
    }
}

impl<R: Real> CountingKernels<R> {
    /// CountingKernels with given loops; tests force the reference.
    pub fn with(backend: &'static dyn Backend<R>) -> Self {
        Self { backend, done: 0 }
    }

    /// Multiply-adds since the last call.
    pub fn take_macs(&mut self) -> u64 {
        std::mem::take(&mut self.done)
    }

    /// `C ← A·B + β·C`, β being 0 or 1.
    pub fn product(&mut self, a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, beta: R, c: ArrayViewMut2<'_, R>) {
        self.done += (a.nrows() * a.ncols() * b.ncols()) as u64;
        self.backend.product(a, b, beta, c);
    }

    /// `out ← bias + x·W` for `x` [B × D], `weight` [D × N], `out` [B × N].
    pub fn affine(&mut self, x: ArrayView2<'_, R>, weight: &PackedMatrix<R>, bias: &[R], out: &mut Matrix<R>) {
        spread(bias, out);
        for panel in 0..weight.panels() {
            let columns = out.view_mut().slice_move(s![.., weight.panel_columns(panel)]);
            self.product(x, weight.panel(panel), R::one(), columns);
        }
    }

    /// The same for a minibatch of inputs, of which zeros may be skipped.
    pub fn affine_of_input(&mut self, x: &Input<R>, weight: &PackedMatrix<R>, bias: &[R], out: &mut Matrix<R>) {
        if let Some(dense) = x.dense() {
            return self.affine(dense.view(), weight, bias, out);
        }
        spread(bias, out);
        self.done += (x.active() * weight.columns()) as u64;
        for panel in 0..weight.panels() {
            let columns = out.view_mut().slice_move(s![.., weight.panel_columns(panel)]);
            self.backend.sparse_rows(x.by_example(), weight.panel(panel), columns);
        }
    }

    /// Back through an affine map: `out ← δ·Wᵀ` for `delta` [B × N], `weight` [D × N], `out` [B × D]. `turned` [D × B] is
    /// room for the transpose, which is what is computed, so that the large matrix is read as it lies.
    pub fn back(
        &mut self,
        delta: ArrayView2<'_, R>,
        weight: &PackedMatrix<R>,
        turned: &mut Matrix<R>,
        out: &mut Matrix<R>,
    ) {
        let mut beta = R::zero();
        for panel in 0..weight.panels() {
            let columns = delta.slice(s![.., weight.panel_columns(panel)]);
            self.product(weight.panel(panel), columns.t(), beta, turned.view_mut());
            beta = R::one();
        }
        out.view_mut().assign(&turned.view().t());
    }

    /// Adds one panel of a weight gradient to `gradient` [D × its columns].
    pub fn gradient_panel(&mut self, of: &WeightGradTerms<'_, R>, span: Range<usize>, gradient: &mut [R]) {
        let first = span.start == 0;
        for outer in of.iter() {
            // Once for all panels.
            self.done += if first { outer.multiply_adds() } else { 0 };
            outer.add_panel(self.backend, span.clone(), gradient);
        }
    }

    /// Moves weights by one step of momentum.
    pub fn advance(&mut self, motion: MomentumParams<R>, panel: MomentumUpdate<'_, R>) {
        self.backend.advance(motion, panel);
    }

    /// Expert units of open gates: `z[b, block j] ← bias + x[b, :]·W[:, block j]`; others are left alone.
    /// `x` [B × D], `weight` [D × H], `z` [B × H].
    pub fn masked_forward(
        &mut self,
        x: &Input<R>,
        weight: &PackedMatrix<R>,
        bias: &[R],
        open: &BlockMask,
        units: usize,
        z: &mut Matrix<R>,
    ) {
        for (b, row) in z.rows_mut().enumerate() {
            for &j in open.of(b) {
                let block = j as usize * units..(j as usize + 1) * units;
                row[block.clone()].copy_from_slice(&bias[block]);
            }
        }
        let pairs = ActivePairs { rows: x.by_example(), open, units };
        for panel in 0..weight.panels() {
            self.backend.masked_forward(
                pairs,
                weight.panel_columns(panel),
                &weight.values()[weight.panel_range(panel)],
                z,
            );
        }
        self.done += masked_matmul::work(x, open, units);
    }

    /// Class scores from open units, added to `scores` [B × K]; `h` [B × H], `head` [H × K].
    pub fn masked_narrow_forward(
        &mut self,
        h: &Matrix<R>,
        head: &PackedMatrix<R>,
        open: &BlockMask,
        units: usize,
        scores: &mut Matrix<R>,
    ) {
        self.count(open.len() * units * head.columns());
        masked_narrow::forward(h, head, open, units, scores);
    }

    /// `dh ← ds·Vᵀ` at open units, 0 elsewhere.
    pub fn masked_narrow_backward_input(
        &mut self,
        ds: &Matrix<R>,
        head: &PackedMatrix<R>,
        open: &BlockMask,
        units: usize,
        dh: &mut Matrix<R>,
    ) {
        self.count(open.len() * units * head.columns());
        masked_narrow::backward(ds, head, open, units, dh);
    }

    /// Counts multiply-adds of an elementwise product done by the caller.
    pub fn count(&mut self, multiply_adds: usize) {
        self.done += multiply_adds as u64;
    }
}

/// Every row becomes the biases.
fn spread<R: Real>(bias: &[R], out: &mut Matrix<R>) {
    out.rows_mut().for_each(|row| row.copy_from_slice(bias));
}
