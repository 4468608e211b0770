//! The products a network is made of, each counting the multiply-adds it does.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, ArrayViewMut2, s};

use super::blocks::{self, OpenPairs};
use super::input::Input;
use super::loops::Loops;
use super::motion::{Motion, Moving};
use super::narrow;
use super::open::OpenGates;
use super::outer::Contributions;
use super::panels::Panels;
use super::real::Real;

/// Access to the loops, with a counter: the compute meter is a measurement, not a claim.
pub struct Kernels<R: Real> {
    loops: &'static dyn Loops<R>,
    done: u64,
}

impl<R: Real> Default for Kernels<R> {
    fn default() -> Self {
        Self::with(R::loops())
    }
}

impl<R: Real> Kernels<R> {
    /// Kernels with given loops; tests force the reference.
    pub fn with(loops: &'static dyn Loops<R>) -> Self {
        Self { loops, done: 0 }
    }

    /// Multiply-adds since the last call.
    pub fn take_done(&mut self) -> u64 {
        std::mem::take(&mut self.done)
    }

    /// `C ← A·B + β·C`, β being 0 or 1.
    pub fn product(&mut self, a: ArrayView2<'_, R>, b: ArrayView2<'_, R>, beta: R, c: ArrayViewMut2<'_, R>) {
        self.done += (a.nrows() * a.ncols() * b.ncols()) as u64;
        self.loops.product(a, b, beta, c);
    }

    /// `out ← bias + x·W` for `x` [B × D], `weight` [D × N], `out` [B × N].
    pub fn affine(&mut self, x: ArrayView2<'_, R>, weight: &Panels<R>, bias: &[R], out: &mut Array2<R>) {
        spread(bias, out);
        for panel in 0..weight.panels() {
            let columns = out.slice_mut(s![.., weight.span(panel)]);
            self.product(x, weight.panel(panel), R::one(), columns);
        }
    }

    /// The same for a minibatch of inputs, of which zeros may be skipped.
    pub fn affine_of_input(&mut self, x: &Input<R>, weight: &Panels<R>, bias: &[R], out: &mut Array2<R>) {
        if let Some(dense) = x.dense() {
            return self.affine(dense, weight, bias, out);
        }
        spread(bias, out);
        self.done += (x.active() * weight.columns()) as u64;
        for panel in 0..weight.panels() {
            let columns = out.slice_mut(s![.., weight.span(panel)]);
            self.loops.sparse_rows(x.by_example(), weight.panel(panel), columns);
        }
    }

    /// Back through an affine map: `out ← δ·Wᵀ` for `delta` [B × N], `weight` [D × N], `out` [B × D]. `turned` [D × B] is
    /// room for the transpose, which is what is computed, so that the large matrix is read as it lies.
    pub fn back(&mut self, delta: ArrayView2<'_, R>, weight: &Panels<R>, turned: &mut Array2<R>, out: &mut Array2<R>) {
        let mut beta = R::zero();
        for panel in 0..weight.panels() {
            let columns = delta.slice(s![.., weight.span(panel)]);
            self.product(weight.panel(panel), columns.t(), beta, turned.view_mut());
            beta = R::one();
        }
        out.assign(&turned.t());
    }

    /// Adds one panel of a weight gradient to `gradient` [D × its columns].
    pub fn gradient_panel(&mut self, of: &Contributions<'_, R>, span: Range<usize>, gradient: &mut [R]) {
        let first = span.start == 0;
        for outer in of.iter() {
            // Once for all panels.
            self.done += if first { outer.multiply_adds() } else { 0 };
            outer.add_panel(self.loops, span.clone(), gradient);
        }
    }

    /// Moves weights by one step of momentum.
    pub fn advance(&mut self, motion: Motion<R>, panel: Moving<'_, R>) {
        self.loops.advance(motion, panel);
    }

    /// Expert units of open gates: `z[b, block j] ← bias + x[b, :]·W[:, block j]`; others are left alone.
    /// `x` [B × D], `weight` [D × H], `z` [B × H].
    pub fn open_forward(
        &mut self,
        x: &Input<R>,
        weight: &Panels<R>,
        bias: &[R],
        open: &OpenGates,
        units: usize,
        z: &mut Array2<R>,
    ) {
        for (b, mut row) in z.rows_mut().into_iter().enumerate() {
            let Some(row) = row.as_slice_mut() else { continue };
            for &j in open.of(b) {
                let block = j as usize * units..(j as usize + 1) * units;
                row[block.clone()].copy_from_slice(&bias[block]);
            }
        }
        let pairs = OpenPairs { rows: x.by_example(), open, units };
        for panel in 0..weight.panels() {
            self.loops.open_forward(pairs, weight.span(panel), &weight.values()[weight.place(panel)], z);
        }
        self.done += blocks::work(x, open, units);
    }

    /// Class scores from open units, added to `scores` [B × K]; `h` [B × H], `head` [H × K].
    pub fn open_head_forward(
        &mut self,
        h: &Array2<R>,
        head: ArrayView2<'_, R>,
        open: &OpenGates,
        units: usize,
        scores: &mut Array2<R>,
    ) {
        self.count(open.len() * units * head.ncols());
        narrow::forward(h, head, open, units, scores);
    }

    /// `dh ← ds·Vᵀ` at open units, 0 elsewhere.
    pub fn open_head_backward(
        &mut self,
        ds: &Array2<R>,
        head: ArrayView2<'_, R>,
        open: &OpenGates,
        units: usize,
        dh: &mut Array2<R>,
    ) {
        self.count(open.len() * units * head.ncols());
        narrow::backward(ds, head, open, units, dh);
    }

    /// Counts multiply-adds of an elementwise product done by the caller.
    pub fn count(&mut self, multiply_adds: usize) {
        self.done += multiply_adds as u64;
    }
}

/// Every row becomes the biases.
fn spread<R: Real>(bias: &[R], out: &mut Array2<R>) {
    if let Some(out) = out.as_slice_mut() {
        out.chunks_exact_mut(bias.len().max(1)).for_each(|row| row.copy_from_slice(bias));
    }
}
