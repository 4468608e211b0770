//! The gater: `a = tanh(x·W1 + b1)·W2 + b2`, and its backward pass.

use gatelab_kernels::{CountingKernels, Real, WeightGradTerm};
use ndarray::Zip;

use super::parameters::{Linear, Parameters};
use super::pass::Pass;

/// From `pass.input` to `pass.logits`.
pub fn forward<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut CountingKernels<R>) {
    let Linear { weight, bias } = &parameters.gater_hidden;
    kernels.sparse_affine(&pass.input, weight, bias, &mut pass.hidden);
    R::tanh_inplace(pass.hidden.values_mut());
    let Linear { weight, bias } = &parameters.gater_logits;
    kernels.affine(pass.hidden.view(), weight, bias, &mut pass.logits);
}

/// From the per-example `pass.logit_grad` to `pass.deltas.logits` and `pass.deltas.hidden`.
pub fn backward<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut CountingKernels<R>) {
    let scale = R::one() / R::from_f64(pass.batch().max(1) as f64);
    let deltas = &mut pass.deltas;
    Zip::from(&mut deltas.logits).and(&pass.logit_grad).for_each(|delta, &d| *delta = d * scale);
    let weight = &parameters.gater_logits.weight;
    kernels.backward_input(deltas.logits.view(), weight, &mut pass.transposed, &mut deltas.hidden);
    // tanh′ = 1 − q².
    Zip::from(&mut deltas.hidden).and(&pass.hidden).for_each(|d, &q| *d *= R::one() - q * q);
}

/// What a pass adds to the gradients of W1 and W2, after [`backward`].
pub(super) fn weight_grads<R: Real>(pass: &Pass<R>) -> [WeightGradTerm<'_, R>; 2] {
    [
        WeightGradTerm::SparseInput { input: &pass.input, delta: &pass.deltas.hidden },
        WeightGradTerm::Dense { left: &pass.hidden, delta: &pass.deltas.logits },
    ]
}
