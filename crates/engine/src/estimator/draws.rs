//! K draws of the same Bernoulli gates: the first one trains the experts, the others only serve the gates' gradient.

use gatelab_kernels::{Matrix, RandomSource, Real};
use ndarray::Zip;

use super::bernoulli::hard_gate;
use super::gate_draw::GateDraw;
use super::scratch;

/// K draws for a minibatch, of which the first lives in the step's [`GateDraw`], and their losses.
#[derive(Default)]
pub(in crate::estimator) struct Draws<R> {
    uniform: Matrix<R>,
    further: Vec<Matrix<R>>,
    /// `L` of each draw, K lists of length B.
    pub(in crate::estimator) losses: Vec<Vec<R>>,
    mean: Vec<R>,
}

impl<R: Real> Draws<R> {
    /// Draws the K − 1 further ones from new random numbers, and sizes the lists of losses.
    pub(in crate::estimator) fn draw(&mut self, samples: usize, draw: &GateDraw<R>, noise: &mut dyn RandomSource<R>) {
        let (batch, gates) = draw.gates.dim();
        self.uniform.resize((batch, gates), R::zero());
        scratch::resize_all(&mut self.further, samples - 1, (batch, gates));
        scratch::resize_lists(&mut self.losses, samples, batch);
        for further in &mut self.further {
            noise.uniform(self.uniform.values_mut());
            Zip::from(further).and(&self.uniform).and(&draw.probability).for_each(|b, &u, &p| *b = hard_gate(u, p));
        }
    }

    /// The further draws and their losses.
    pub(in crate::estimator) fn further(&mut self) -> impl Iterator<Item = (&Matrix<R>, &mut Vec<R>)> {
        self.further.iter().zip(self.losses.iter_mut().skip(1))
    }

    /// Gates of draw `k`, [B × G].
    pub(in crate::estimator) fn gates<'a>(&'a self, k: usize, draw: &'a GateDraw<R>) -> &'a Matrix<R> {
        if k == 0 { &draw.gates } else { &self.further[k - 1] }
    }

    /// Writes `1/(K−1) Σ_k (y_k − ȳ)(b_k − p)` for `values` y, K lists of length B.
    ///
    /// As `Σ_k (y_k − ȳ) = 0`, `p` may be replaced by anything that is the same in all draws. With the first draw in its
    /// place a gate with the same value in all draws gets exactly 0.
    pub(in crate::estimator) fn loo_covariance(&mut self, values: &[Vec<R>], draw: &GateDraw<R>, out: &mut Matrix<R>) {
        let batch = draw.gates.nrows();
        self.mean.clear();
        self.mean.resize(batch, R::zero());
        for values in values {
            self.mean.iter_mut().zip(values).for_each(|(mean, &value)| *mean += value);
        }
        let count = R::from_f64(values.len() as f64);
        self.mean.iter_mut().for_each(|mean| *mean /= count);
        out.fill(R::zero());
        for (gates, values) in self.further.iter().zip(&values[1..]) {
            let rows = out.rows_mut().zip(gates.rows()).zip(draw.gates.rows());
            for (((out, gates), first), (&value, &mean)) in rows.zip(values.iter().zip(&self.mean)) {
                let weight = (value - mean) / (count - R::one());
                Zip::from(out).and(gates).and(first).for_each(|out, &b, &first| *out += weight * (b - first));
            }
        }
    }
}
