//! The gater: `a = tanh(x·W1 + b1)·W2 + b2`, and back.

use ndarray::Zip;

use super::parameters::{Linear, Parameters};
use super::pass::Pass;
use gatelab_kernels::{CountingKernels, Real, WeightGradTerm};

/// From input to gate logits.
pub fn forward<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut CountingKernels<R>) {
    let Linear { weight, bias } = &parameters.gater_hidden;
    kernels.sparse_affine(&pass.input, weight, bias, &mut pass.hidden);
    R::tanh_inplace(pass.hidden.values_mut());
    let Linear { weight, bias } = &parameters.gater_logits;
    kernels.affine(pass.hidden.view(), weight, bias, &mut pass.logits);
}

/// From per-example logit gradients to those of the minibatch mean, and on to `∂L/∂(x·W1 + b1)` in `pass.hidden_gradient`.
pub fn backward<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut CountingKernels<R>) {
    let scale = R::one() / R::from_f64(pass.batch().max(1) as f64);
    pass.logit_gradient.iter_mut().for_each(|d| *d *= scale);
    let weight = &parameters.gater_logits.weight;
    kernels.backward_input(pass.logit_gradient.view(), weight, &mut pass.turned, &mut pass.hidden_gradient);
    Zip::from(&mut pass.hidden_gradient).and(&pass.hidden).for_each(|d, &q| *d *= R::one() - q * q);
}

/// What a pass adds to the gradients of W1 and W2, after [`backward`].
pub(super) fn outer<R: Real>(pass: &Pass<R>) -> [WeightGradTerm<'_, R>; 2] {
    [
        WeightGradTerm::SparseInput { input: &pass.input, delta: &pass.hidden_gradient },
        WeightGradTerm::Dense { left: &pass.hidden, delta: &pass.logit_gradient },
    ]
}
