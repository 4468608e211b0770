//! The products a network is made of, each counting the multiply-adds it does.

use ndarray::{Array2, ArrayView2, ArrayViewMut2};

use super::blocks::{self, OpenGates};
use super::products::Gemm;
use super::real::Real;

/// Access to the matrix kernels, with a counter: the compute meter is a measurement, not a claim.
pub struct Kernels<R: Real> {
    gemm: &'static dyn Gemm<R>,
    done: u64,
}

impl<R: Real> Default for Kernels<R> {
    fn default() -> Self {
        Self::with(R::gemm())
    }
}

impl<R: Real> Kernels<R> {
    /// Kernels with a given matrix product; tests force the reference.
    pub fn with(gemm: &'static dyn Gemm<R>) -> Self {
        Self { gemm, done: 0 }
    }

    /// Multiply-adds since the last call.
    pub fn take_done(&mut self) -> u64 {
        std::mem::take(&mut self.done)
    }

    /// `C ← A·B + β·C`.
    pub fn product(&mut self, a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, beta: R, c: ArrayViewMut2<'_, R>) {
        self.done += (a.nrows() * a.ncols() * b.ncols()) as u64;
        self.gemm.product(a, b, beta, c);
    }

    /// Expert units of open gates: `z[b, block j] ← bias + x[b, :]·W[:, block j]`; others are left alone.
    /// `x` [B × D], `weight` [D × H], `z` [B × H].
    pub fn open_forward(
        &mut self,
        x: &Array2<R>,
        weight: &Array2<R>,
        bias: &[R],
        open: &OpenGates,
        units: usize,
        z: &mut Array2<R>,
    ) {
        self.done += blocks::forward(x, weight, bias, open, units, z);
    }

    /// Gradient of the experts' weights from open pairs: `gradient` [D × H] `← Σ_b x[b, :]ᵀ·dz[b, :]`.
    pub fn open_weight_gradient(
        &mut self,
        x: &Array2<R>,
        dz: &Array2<R>,
        open: &OpenGates,
        units: usize,
        gradient: &mut Array2<R>,
    ) {
        self.done += blocks::weight_gradient(x, dz, open, units, gradient);
    }

    /// Class scores from open units, added to `scores` [B × K]; `h` [B × H], `head` [H × K].
    pub fn open_head_forward(
        &mut self,
        h: &Array2<R>,
        head: &Array2<R>,
        open: &OpenGates,
        units: usize,
        scores: &mut Array2<R>,
    ) {
        self.done += blocks::head_forward(h, head, open, units, scores);
    }

    /// `dh ← ds·Vᵀ` at open units, 0 elsewhere.
    pub fn open_head_backward(
        &mut self,
        ds: &Array2<R>,
        head: &Array2<R>,
        open: &OpenGates,
        units: usize,
        dh: &mut Array2<R>,
    ) {
        self.done += blocks::head_backward(ds, head, open, units, dh);
    }

    /// `dV ← hᵀ·ds` from open units.
    pub fn open_head_weight_gradient(
        &mut self,
        h: &Array2<R>,
        ds: &Array2<R>,
        open: &OpenGates,
        units: usize,
        gradient: &mut Array2<R>,
    ) {
        self.done += blocks::head_weight_gradient(h, ds, open, units, gradient);
    }

    /// Counts multiply-adds of an elementwise product done by the caller.
    pub fn count(&mut self, multiply_adds: usize) {
        self.done += multiply_adds as u64;
    }
}
