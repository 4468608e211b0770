//! The network as an estimator sees it: questions about the loss, each with its counted cost.

use gatelab_kernels::{BlockMask, CountingKernels, Matrix, Real};

use super::experts::{self, ExpertInputs};
use super::gate_flips::Flips;
use super::gater_loss::GaterLoss;
use super::head::Layer;
use super::pass::{Counterfactual, ExpertOutputs, HeadOutputs, LossGrads};
use crate::estimator::GateContext;

/// Answers an estimator's questions about the gates drawn in a pass. Experts and gradients that a question needs are computed
/// when they are first asked for.
pub struct PassContext<'a, R: Real> {
    pub(super) inputs: ExpertInputs<'a, R>,
    pub(super) labels: &'a [u8],
    pub(super) active: &'a BlockMask,
    pub(super) experts: &'a mut ExpertOutputs<R>,
    pub(super) head: &'a HeadOutputs<R>,
    pub(super) grads: &'a mut LossGrads<R>,
    pub(super) counterfactual: &'a mut Counterfactual<R>,
    pub(super) forward: &'a mut CountingKernels<R>,
    pub(super) backward: &'a mut CountingKernels<R>,
    pub(super) loss: GaterLoss,
}

/// `∂L/∂g_j = Σ_{u in block j} dh_u·z_u` [B × G] for the pairs that are `wanted`, 0 elsewhere. Returns the number of products.
fn dot_blocks<R: Real>(
    dh: &Matrix<R>,
    z: &Matrix<R>,
    units: usize,
    out: &mut Matrix<R>,
    wanted: impl Fn(usize, usize) -> bool,
) -> usize {
    let mut pairs = 0;
    for (b, ((dh, z), grads)) in dh.rows().zip(z.rows()).zip(out.rows_mut()).enumerate() {
        let blocks = dh.chunks_exact(units).zip(z.chunks_exact(units));
        for (j, (grad, (dh, z))) in grads.iter_mut().zip(blocks).enumerate() {
            let asked = wanted(b, j);
            pairs += usize::from(asked);
            // A block of eight has a fixed length.
            let dot = match (<&[R; 8]>::try_from(dh), <&[R; 8]>::try_from(z)) {
                (Ok(dh), Ok(z)) => dot(dh, z),
                _ => dot(dh, z),
            };
            *grad = if asked { dot } else { R::zero() };
        }
    }
    pairs * units
}

fn dot<R: Real>(a: &[R], b: &[R]) -> R {
    a.iter().zip(b).fold(R::zero(), |sum, (&a, &b)| sum + a * b)
}

impl<'a, R: Real> PassContext<'a, R> {
    fn units_per_gate(&self) -> usize {
        self.inputs.shape.units_per_gate
    }

    fn layer(&self) -> Layer<'a, R> {
        Layer { parameters: self.inputs.parameters, units: self.units_per_gate() }
    }

    fn ensure_all_grads(&mut self) {
        self.layer().ensure_all_grads((self.head, self.labels), self.grads, self.backward);
    }

    fn dot(&mut self, out: &mut Matrix<R>, wanted: impl Fn(usize, usize) -> bool) {
        let done = dot_blocks(&self.grads.gated, &self.experts.z, self.units_per_gate(), out, wanted);
        self.backward.count_macs(done);
    }

    fn flips(&mut self) -> (Flips<'_, R>, &mut Counterfactual<R>, &mut CountingKernels<R>) {
        let flips = Flips {
            head: &self.inputs.parameters.head.weight,
            z: &self.experts.z,
            active: self.active,
            log_probs: &self.head.log_probs,
            labels: self.labels,
            units: self.inputs.shape.units_per_gate,
            loss: self.loss,
        };
        (flips, self.counterfactual, self.forward)
    }
}

impl<R: Real> GateContext<R> for PassContext<'_, R> {
    fn losses(&mut self, out: &mut [R]) {
        self.loss.losses(&self.head.log_probs, self.labels, out);
    }

    fn losses_at(&mut self, gates: &Matrix<R>, out: &mut [R]) {
        experts::ensure(self.inputs, self.experts, self.forward, |b, j| gates[(b, j)] != R::zero());
        self.layer().forward_at(&self.experts.z, gates, self.counterfactual, self.forward);
        self.loss.losses(&self.counterfactual.log_probs, self.labels, out);
    }

    fn flips(&mut self, out: &mut Matrix<R>) {
        experts::ensure_all(self.inputs, self.experts, self.forward);
        let (flips, there, kernels) = self.flips();
        flips.all(&mut there.flips, kernels, out);
    }

    fn flip(&mut self, gate: &[usize], out: &mut [R]) {
        experts::ensure(self.inputs, self.experts, self.forward, |b, j| gate[b] == j);
        let (flips, there, kernels) = self.flips();
        flips.one(gate, &mut there.flips, kernels, out);
    }

    fn gate_grads_of_active(&mut self, out: &mut Matrix<R>) {
        self.layer().ensure_grads_of_active((self.head, self.labels), self.active, self.grads, self.backward);
        let active = self.active;
        self.dot(out, |b, j| active.contains(b, j));
    }

    fn gate_grads_of(&mut self, wanted: &Matrix<bool>, out: &mut Matrix<R>) {
        experts::ensure(self.inputs, self.experts, self.forward, |b, j| wanted[(b, j)]);
        self.ensure_all_grads();
        self.dot(out, |b, j| wanted[(b, j)]);
    }

    fn gate_grads_of_all(&mut self, out: &mut Matrix<R>) {
        experts::ensure_all(self.inputs, self.experts, self.forward);
        self.ensure_all_grads();
        self.dot(out, |_, _| true);
    }

    fn gate_grads_at(&mut self, gates: &Matrix<R>, losses: &mut [R], out: &mut Matrix<R>) {
        experts::ensure_all(self.inputs, self.experts, self.forward);
        let layer = self.layer();
        layer.forward_at(&self.experts.z, gates, self.counterfactual, self.forward);
        self.loss.losses(&self.counterfactual.log_probs, self.labels, losses);
        layer.backward_at(self.labels, self.counterfactual, self.backward);
        let dh = &self.counterfactual.gated_grad;
        let done = dot_blocks(dh, &self.experts.z, self.units_per_gate(), out, |_, _| true);
        self.backward.count_macs(done);
    }

    fn count_macs(&mut self, multiply_adds: usize) {
        self.backward.count_macs(multiply_adds);
    }

    fn units(&self) -> usize {
        self.inputs.shape.units()
    }

    fn outputs_of_active(&mut self, sums: &mut [R], counts: &mut [R]) {
        sums.fill(R::zero());
        counts.fill(R::zero());
        let units = self.units_per_gate();
        for (b, z) in self.experts.z.rows().enumerate() {
            for &j in self.active.blocks_of_row(b) {
                let j = j as usize;
                counts[j] += R::one();
                let block = j * units..(j + 1) * units;
                sums[block.clone()].iter_mut().zip(&z[block]).for_each(|(sum, &z)| *sum += z);
            }
        }
    }

    fn gate_grads_with(&mut self, outputs: &[R], out: &mut Matrix<R>) {
        self.ensure_all_grads();
        let (active, units) = (self.active, self.units_per_gate());
        self.dot(out, |b, j| active.contains(b, j));
        let mut pairs = 0;
        for (b, (dh, grads)) in self.grads.gated.rows().zip(out.rows_mut()).enumerate() {
            let blocks = dh.chunks_exact(units).zip(outputs.chunks_exact(units));
            for (j, (grad, (dh, outputs))) in grads.iter_mut().zip(blocks).enumerate() {
                if !active.contains(b, j) {
                    pairs += 1;
                    *grad = dh.iter().zip(outputs).map(|(&d, &z)| d * z).sum::<R>();
                }
            }
        }
        self.backward.count_macs(pairs * units);
    }
}
