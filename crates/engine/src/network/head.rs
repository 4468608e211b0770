//! The output layer: `s = h·W3 + b3`, softmax, negative log-likelihood; and its backward pass. At the drawn gates, and at others.

use gatelab_kernels::{BlockMask, CountingKernels, Matrix, Real, Skipping, WeightGradTerm, log_softmax_rows};

use super::experts::gate;
use super::parameters::{Linear, Parameters};
use super::pass::{Counterfactual, Extent, HeadOutputs, LossGrads, Pass};

/// From `h` of active gates to log-probabilities and losses.
pub(super) fn forward<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut CountingKernels<R>) {
    let dense = pass.input.skipping() == Skipping::Nothing;
    let layer = Layer { parameters, units: pass.shape.units_per_gate };
    let HeadOutputs { log_probs, losses } = &mut pass.head;
    layer.log_probs(&pass.experts.gated, (!dense).then_some(&pass.active), log_probs, kernels);
    for ((row, &label), loss) in log_probs.rows().zip(&pass.labels).zip(losses) {
        *loss = -row[usize::from(label)];
    }
    pass.loss_grads.extent = Extent::Nothing;
}

/// The layer's weights, and the width of a gate's block of inputs.
#[derive(Clone, Copy)]
pub(super) struct Layer<'a, R: Real> {
    pub(super) parameters: &'a Parameters<R>,
    pub(super) units: usize,
}

impl<R: Real> Layer<'_, R> {
    /// `out ← ln softmax(h·W3 + b3)` [B × K]; `active` names the blocks of `h` [B × H] that are not 0, `None` for all.
    fn log_probs(
        self,
        h: &Matrix<R>,
        active: Option<&BlockMask>,
        out: &mut Matrix<R>,
        kernels: &mut CountingKernels<R>,
    ) {
        let Linear { weight, bias } = &self.parameters.head;
        out.rows_mut().for_each(|row| row.copy_from_slice(bias));
        match active {
            Some(active) => kernels.masked_narrow_forward(h, weight, active, self.units, out),
            None => kernels.product(h.view(), weight.panel(0), R::one(), out.view_mut()),
        }
        let classes = out.ncols();
        log_softmax_rows(out.values_mut(), classes);
    }

    /// `dh ← ds·W3ᵀ` for every unit.
    fn backward_input(self, ds: &Matrix<R>, dh: &mut Matrix<R>, kernels: &mut CountingKernels<R>) {
        let weight = self.parameters.head.weight.panel(0).reversed_axes();
        kernels.product(ds.view(), weight, R::zero(), dh.view_mut());
    }

    /// ∂L/∂h at the units of active gates, if it has not been computed.
    pub(super) fn ensure_grads_of_active(
        self,
        (outputs, labels): (&HeadOutputs<R>, &[u8]),
        active: &BlockMask,
        grads: &mut LossGrads<R>,
        kernels: &mut CountingKernels<R>,
    ) {
        if grads.extent != Extent::Nothing {
            return;
        }
        score_grad(&outputs.log_probs, labels, &mut grads.scores);
        let weight = &self.parameters.head.weight;
        kernels.masked_narrow_backward_input(&grads.scores, weight, active, self.units, &mut grads.gated);
        // With every gate active nothing is missing, and a later question about all units needs no second product.
        let all = active.len() * self.units == grads.gated.len();
        grads.extent = if all { Extent::All } else { Extent::Active };
    }

    /// ∂L/∂h at every unit, if it has not been computed.
    pub(super) fn ensure_all_grads(
        self,
        (outputs, labels): (&HeadOutputs<R>, &[u8]),
        grads: &mut LossGrads<R>,
        kernels: &mut CountingKernels<R>,
    ) {
        if grads.extent == Extent::Nothing {
            score_grad(&outputs.log_probs, labels, &mut grads.scores);
        }
        if grads.extent != Extent::All {
            self.backward_input(&grads.scores, &mut grads.gated, kernels);
            grads.extent = Extent::All;
        }
    }

    /// Log-probabilities at the gate values `gates` [B × G]. `z` [B × H] must hold the experts of all gates that are not 0.
    pub(super) fn forward_at(
        self,
        z: &Matrix<R>,
        gates: &Matrix<R>,
        there: &mut Counterfactual<R>,
        kernels: &mut CountingKernels<R>,
    ) {
        there.active.refill(gates.view());
        there.gated.resize(z.dim(), R::zero());
        there.log_probs.resize((z.nrows(), self.parameters.head.bias.len()), R::zero());
        gate(z, gates, self.units, &mut there.gated);
        let all = there.active.len() == gates.len();
        self.log_probs(&there.gated, (!all).then_some(&there.active), &mut there.log_probs, kernels);
    }

    /// ∂L/∂h at every unit, at the gates of the last [`Layer::forward_at`].
    pub(super) fn backward_at(self, labels: &[u8], there: &mut Counterfactual<R>, kernels: &mut CountingKernels<R>) {
        there.score_grad.resize(there.log_probs.dim(), R::zero());
        there.gated_grad.resize(there.gated.dim(), R::zero());
        score_grad(&there.log_probs, labels, &mut there.score_grad);
        self.backward_input(&there.score_grad, &mut there.gated_grad, kernels);
    }
}

/// `∂L/∂s = softmax − one-hot` per example [B × K].
fn score_grad<R: Real>(log_probs: &Matrix<R>, labels: &[u8], out: &mut Matrix<R>) {
    out.assign(log_probs);
    R::exp_inplace(out.values_mut());
    for (row, &label) in out.rows_mut().zip(labels) {
        row[usize::from(label)] -= R::one();
    }
}

/// ∂L/∂h at active units where no estimator has asked for it, and `pass.deltas.scores = ∂L/∂s / B`.
pub(super) fn backward<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut CountingKernels<R>) {
    let layer = Layer { parameters, units: pass.shape.units_per_gate };
    layer.ensure_grads_of_active((&pass.head, &pass.labels), &pass.active, &mut pass.loss_grads, kernels);
    let scale = R::one() / R::from_f64(pass.batch().max(1) as f64);
    let deltas = pass.deltas.scores.iter_mut().zip(&pass.loss_grads.scores);
    deltas.for_each(|(delta, &d)| *delta = d * scale);
}

/// What the pass adds to the gradient of W3, after [`backward`].
pub(super) fn weight_grad<R: Real>(pass: &Pass<R>) -> WeightGradTerm<'_, R> {
    let (left, delta) = (&pass.experts.gated, &pass.deltas.scores);
    if pass.input.skipping() == Skipping::Nothing {
        WeightGradTerm::Dense { left, delta }
    } else {
        WeightGradTerm::MaskedRows { left, delta, mask: &pass.active, block_width: pass.shape.units_per_gate }
    }
}
