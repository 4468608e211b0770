//! The output layer: `s = h·W3 + b3`, softmax, negative log-likelihood; and back.

use ndarray::Axis;

use super::parameters::{Linear, Parameters};
use super::pass::Pass;
use crate::numeric::{Kernels, Real};

/// Scores, log-probabilities and losses of the minibatch, from the units of open gates.
pub fn forward<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut Kernels<R>) {
    let Linear { weight, bias } = &parameters.head;
    for mut row in pass.scores.rows_mut() {
        row.assign(bias);
    }
    kernels.open_head_forward(&pass.gated, weight, &pass.open, pass.shape.units_per_gate, &mut pass.scores);
    for ((mut row, &label), loss) in pass.scores.rows_mut().into_iter().zip(&pass.labels).zip(&mut pass.losses) {
        let largest = row.fold(R::neg_infinity(), |m, &s| if s > m { s } else { m });
        let sum: R = row.iter().map(|&s| (s - largest).exponential()).sum();
        let log_sum = largest + sum.logarithm();
        row.mapv_inplace(|s| s - log_sum);
        *loss = -row[usize::from(label)];
    }
}

/// `∂L/∂s = softmax − one-hot` per example, `∂L/∂h` at open units, and the gradient of W3, b3 for the minibatch mean.
pub fn backward<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut Kernels<R>,
    gradient: &mut Parameters<R>,
) {
    let units = pass.shape.units_per_gate;
    pass.score_gradient.assign(&pass.scores);
    pass.score_gradient.mapv_inplace(R::exponential);
    for (mut row, &label) in pass.score_gradient.rows_mut().into_iter().zip(&pass.labels) {
        row[usize::from(label)] -= R::one();
    }
    kernels.open_head_backward(
        &pass.score_gradient,
        &parameters.head.weight,
        &pass.open,
        units,
        &mut pass.gated_gradient,
    );
    // With every gate open nothing is missing, and a question about all slopes needs no second product.
    pass.gradient_complete = pass.open.len() == pass.labels.len() * pass.shape.gates;
    let scale = R::one() / R::of(pass.batch().max(1) as f64);
    let out = &mut gradient.head;
    kernels.open_head_weight_gradient(&pass.gated, &pass.score_gradient, &pass.open, units, &mut out.weight);
    out.weight.mapv_inplace(|d| d * scale);
    out.bias.assign(&pass.score_gradient.sum_axis(Axis(0)));
    out.bias.mapv_inplace(|d| d * scale);
}

/// `∂L/∂h` at every unit, if it isn't there yet.
pub(super) fn complete<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut Kernels<R>) {
    if !pass.gradient_complete {
        let (ds, weight) = (pass.score_gradient.view(), parameters.head.weight.t());
        kernels.product(ds, weight, R::zero(), pass.gated_gradient.view_mut());
        pass.gradient_complete = true;
    }
}
