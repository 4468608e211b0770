//! The gater: `a = tanh(x·W1 + b1)·W2 + b2`, and back.

use ndarray::{Array1, Axis, Zip};

use super::parameters::{Linear, Parameters};
use super::pass::Pass;
use crate::numeric::{Kernels, Real};

/// From input to gate logits.
pub fn forward<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut Kernels<R>) {
    let Linear { weight, bias } = &parameters.gater_hidden;
    for mut row in pass.hidden.rows_mut() {
        row.assign(bias);
    }
    kernels.product(pass.input.view(), weight.view(), R::one(), pass.hidden.view_mut());
    pass.hidden.mapv_inplace(R::hyperbolic_tangent);
    let Linear { weight, bias } = &parameters.gater_logits;
    for mut row in pass.logits.rows_mut() {
        row.assign(bias);
    }
    kernels.product(pass.hidden.view(), weight.view(), R::one(), pass.logits.view_mut());
}

/// What becomes of a gradient that is there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gradient {
    /// It is overwritten.
    Replace,
    /// It is added to.
    Add,
}

/// From per-example logit gradients to the gradient of the minibatch mean for W1, b1, W2, b2.
pub fn backward<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut Kernels<R>,
    gradient: &mut Parameters<R>,
    old: Gradient,
) {
    let keep = if old == Gradient::Add { R::one() } else { R::zero() };
    let scale = R::one() / R::of(pass.batch().max(1) as f64);
    pass.logit_gradient.mapv_inplace(|d| d * scale);
    let delta = pass.logit_gradient.view();
    kernels.product(pass.hidden.t(), delta, keep, gradient.gater_logits.weight.view_mut());
    bias(&mut gradient.gater_logits.bias, delta.sum_axis(Axis(0)), old);
    kernels.product(delta, parameters.gater_logits.weight.t(), R::zero(), pass.hidden_gradient.view_mut());
    Zip::from(&mut pass.hidden_gradient).and(&pass.hidden).for_each(|d, &q| *d *= R::one() - q * q);
    let delta = pass.hidden_gradient.view();
    kernels.product(pass.input.t(), delta, keep, gradient.gater_hidden.weight.view_mut());
    bias(&mut gradient.gater_hidden.bias, delta.sum_axis(Axis(0)), old);
}

fn bias<R: Real>(gradient: &mut Array1<R>, sum: Array1<R>, old: Gradient) {
    match old {
        Gradient::Replace => *gradient = sum,
        Gradient::Add => *gradient += &sum,
    }
}
