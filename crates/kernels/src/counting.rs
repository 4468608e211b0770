//! The products of a neural network's layers, with a count of their multiply-adds.

use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut2, s};

use super::backend::{Backend, DefaultBackend};
use super::block_mask::BlockMask;
use super::input::Input;
use super::masked_matmul::{self, ActivePairs};
use super::masked_narrow;
use super::matrix::Matrix;
use super::momentum::{MomentumParams, MomentumUpdate};
use super::packed_matrix::PackedMatrix;
use super::real::Real;
use super::weight_grad::WeightGradTerms;

/// A backend with a counter of multiply-adds (MACs). The count is of products that were computed, not an estimate.
pub struct CountingKernels<R: Real> {
    backend: &'static dyn Backend<R>,
    macs: u64,
}

impl<R: DefaultBackend> Default for CountingKernels<R> {
    fn default() -> Self {
        Self::with(R::default_backend())
    }
}

impl<R: Real> CountingKernels<R> {
    /// Computes with the given backend.
    pub fn with(backend: &'static dyn Backend<R>) -> Self {
        Self { backend, macs: 0 }
    }

    /// Multiply-adds since the last call.
    pub fn take_macs(&mut self) -> u64 {
        std::mem::take(&mut self.macs)
    }

    /// Adds multiply-adds that the caller computed itself.
    pub fn count_macs(&mut self, macs: usize) {
        self.macs += macs as u64;
    }

    /// `C ← A·B + β·C` for β of 0 or 1.
    pub fn product(&mut self, a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, beta: R, c: ArrayViewMut2<'_, R>) {
        self.count_macs(a.nrows() * a.ncols() * b.ncols());
        self.backend.product(a, b, beta, c);
    }

    /// Affine map `out ← bias + x·W` for x [B × D], W [D × N], out [B × N].
    pub fn affine(&mut self, x: ArrayView2<'_, R>, weight: &PackedMatrix<R>, bias: &[R], out: &mut Matrix<R>) {
        broadcast(bias, out);
        for panel in 0..weight.panels() {
            let columns = out.view_mut().slice_move(s![.., weight.panel_columns(panel)]);
            self.product(x, weight.panel(panel), R::one(), columns);
        }
    }

    /// [`Self::affine`] for a sparse input. Products with zeros are left out, unless the input says otherwise.
    pub fn sparse_affine(&mut self, x: &Input<R>, weight: &PackedMatrix<R>, bias: &[R], out: &mut Matrix<R>) {
        if let Some(dense) = x.dense() {
            return self.affine(dense.view(), weight, bias, out);
        }
        broadcast(bias, out);
        self.count_macs(x.multiplied() * weight.columns());
        for panel in 0..weight.panels() {
            let columns = out.view_mut().slice_move(s![.., weight.panel_columns(panel)]);
            self.backend.sparse_rows(x.by_row(), weight.panel(panel), columns);
        }
    }

    /// Gradient of an affine map with respect to its input: `out ← δ·Wᵀ` for δ [B × N], W [D × N], out [B × D].
    ///
    /// `scratch` is [D × B]. Computes `(δ·Wᵀ)ᵀ = W·δᵀ`, so that W is read contiguously.
    pub fn backward_input(
        &mut self,
        delta: ArrayView2<'_, R>,
        weight: &PackedMatrix<R>,
        scratch: &mut Matrix<R>,
        out: &mut Matrix<R>,
    ) {
        let mut beta = R::zero();
        for panel in 0..weight.panels() {
            let columns = delta.slice(s![.., weight.panel_columns(panel)]);
            self.product(weight.panel(panel), columns.t(), beta, scratch.view_mut());
            beta = R::one();
        }
        out.view_mut().assign(&scratch.view().t());
    }

    /// Adds the given columns of a weight gradient to `gradient` [D × those columns], one panel after the other from column 0 on. The
    /// multiply-adds of all columns are counted with the first panel.
    pub fn weight_grad_panel(&mut self, terms: &WeightGradTerms<'_, R>, columns: Range<usize>, gradient: &mut [R]) {
        for term in terms.iter() {
            if columns.start == 0 {
                self.macs += term.macs();
            }
            term.add_panel(self.backend, columns.clone(), gradient);
        }
    }

    /// One momentum step; see [`MomentumUpdate`]. Not counted.
    pub fn momentum_step(&mut self, params: MomentumParams<R>, update: MomentumUpdate<'_, R>) {
        self.backend.momentum_step(params, update);
    }

    /// Affine map in active blocks: `z[b, block j] ← bias + x[b, :]·W[:, block j]`. Other entries of z are not changed.
    ///
    /// x [B × D], W [D × H], z [B × H], mask [B × H/`block_width`].
    pub fn masked_forward(
        &mut self,
        x: &Input<R>,
        weight: &PackedMatrix<R>,
        bias: &[R],
        mask: &BlockMask,
        block_width: usize,
        z: &mut Matrix<R>,
    ) {
        for (b, row) in z.rows_mut().enumerate() {
            for &block in mask.blocks_of_row(b) {
                let columns = block as usize * block_width..(block as usize + 1) * block_width;
                row[columns.clone()].copy_from_slice(&bias[columns]);
            }
        }
        let pairs = ActivePairs { input: x.by_row(), mask, block_width };
        for panel in 0..weight.panels() {
            let weights = &weight.values()[weight.panel_range(panel)];
            self.backend.masked_forward(pairs, weight.panel_columns(panel), weights, z);
        }
        self.macs += masked_matmul::macs(x, mask, block_width);
    }

    /// Product of active blocks with a narrow matrix: `s[b, :] += Σ_u h[b, u]·V[u, :]` over the columns u of active blocks.
    ///
    /// h [B × H], V [H × K] of one panel, s [B × K], mask [B × H/`block_width`].
    pub fn masked_narrow_forward(
        &mut self,
        h: &Matrix<R>,
        v: &PackedMatrix<R>,
        mask: &BlockMask,
        block_width: usize,
        s: &mut Matrix<R>,
    ) {
        self.count_macs(mask.len() * block_width * v.columns());
        masked_narrow::forward(h, v, mask, block_width, s);
    }

    /// Gradient of [`Self::masked_narrow_forward`] with respect to h: `δh ← δs·Vᵀ` in active blocks; others are not written.
    ///
    /// δs [B × K], V [H × K] of one panel, δh [B × H], mask [B × H/`block_width`].
    pub fn masked_narrow_backward_input(
        &mut self,
        delta: &Matrix<R>,
        v: &PackedMatrix<R>,
        mask: &BlockMask,
        block_width: usize,
        out: &mut Matrix<R>,
    ) {
        self.count_macs(mask.len() * block_width * v.columns());
        masked_narrow::backward_input(delta, v, mask, block_width, out);
    }
}

/// Sets every row of `out` to `bias`.
fn broadcast<R: Real>(bias: &[R], out: &mut Matrix<R>) {
    out.rows_mut().for_each(|row| row.copy_from_slice(bias));
}
