//! The output layer: `s = h·W3 + b3`, softmax, negative log-likelihood; and back. At the drawn gates, and at others.

use super::experts::gate;
use super::parameters::{Linear, Parameters};
use super::pass::{GradientAt, Pass};
use gatelab_kernels::Matrix;
use gatelab_kernels::{CountingKernels, Real, Skipping, WeightGradTerm, log_softmax_rows};

/// Scores, log-probabilities and losses of the minibatch, from the units of open gates.
pub fn forward<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut CountingKernels<R>) {
    let Linear { weight, bias } = &parameters.head;
    for row in pass.scores.rows_mut() {
        row.copy_from_slice(bias);
    }
    if pass.input.skipping() == Skipping::Nothing {
        kernels.product(pass.gated.view(), weight.panel(0), R::one(), pass.scores.view_mut());
    } else {
        let units = pass.shape.units_per_gate;
        kernels.masked_narrow_forward(&pass.gated, weight, &pass.open, units, &mut pass.scores);
    }
    log_softmax(&mut pass.scores);
    for ((row, &label), loss) in pass.scores.rows().zip(&pass.labels).zip(&mut pass.losses) {
        *loss = -row[usize::from(label)];
    }
    pass.gradient_at = GradientAt::Nowhere;
}

fn log_softmax<R: Real>(scores: &mut Matrix<R>) {
    let classes = scores.ncols();
    log_softmax_rows(scores.values_mut(), classes);
}

/// Log-probabilities to `∂L/∂s = softmax − one-hot` per example.
fn to_score_gradient<R: Real>(scores: &mut Matrix<R>, labels: &[u8]) {
    R::exp_inplace(scores.values_mut());
    for (row, &label) in scores.rows_mut().zip(labels) {
        row[usize::from(label)] -= R::one();
    }
}

/// Back from the losses: `∂L/∂s`, to be followed by the slopes at open units where nobody has asked for them, and the minibatch
/// mean's share of each example. Says where `∂L/∂h` is.
pub(super) fn backward<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut CountingKernels<R>,
) -> GradientAt {
    slopes_at_open(parameters, pass, kernels);
    let scale = R::one() / R::from_f64(pass.batch().max(1) as f64);
    pass.score_gradient.iter_mut().for_each(|d| *d *= scale);
    // Per example no more.
    std::mem::replace(&mut pass.gradient_at, GradientAt::Nowhere)
}

/// What the pass adds to the gradient of W3, after [`backward`].
pub(super) fn outer<R: Real>(pass: &Pass<R>) -> WeightGradTerm<'_, R> {
    let (left, delta) = (&pass.gated, &pass.score_gradient);
    if pass.input.skipping() == Skipping::Nothing {
        WeightGradTerm::Dense { left, delta }
    } else {
        WeightGradTerm::MaskedRows { left, delta, mask: &pass.open, block_width: pass.shape.units_per_gate }
    }
}

/// `∂L/∂h` at the units of open gates, if it isn't there yet.
pub(super) fn slopes_at_open<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut CountingKernels<R>,
) {
    if pass.gradient_at != GradientAt::Nowhere {
        return;
    }
    score_gradient(pass);
    let units = pass.shape.units_per_gate;
    let (ds, weight) = (&pass.score_gradient, &parameters.head.weight);
    kernels.masked_narrow_backward_input(ds, weight, &pass.open, units, &mut pass.gated_gradient);
    // With every gate open nothing is missing, and a question about all slopes needs no second product.
    let all = pass.open.len() == pass.labels.len() * pass.shape.gates;
    pass.gradient_at = if all { GradientAt::All } else { GradientAt::Open };
}

/// `∂L/∂h` at every unit, if it isn't there yet.
pub(super) fn complete<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut CountingKernels<R>) {
    if pass.gradient_at == GradientAt::Nowhere {
        score_gradient(pass);
    }
    if pass.gradient_at != GradientAt::All {
        let (ds, weight) = (pass.score_gradient.view(), parameters.head.weight.panel(0).reversed_axes());
        kernels.product(ds, weight, R::zero(), pass.gated_gradient.view_mut());
        pass.gradient_at = GradientAt::All;
    }
}

fn score_gradient<R: Real>(pass: &mut Pass<R>) {
    pass.score_gradient.assign(&pass.scores);
    to_score_gradient(&mut pass.score_gradient, &pass.labels);
}

/// Log-probabilities at other gate values, left in `pass.elsewhere`. The experts that those gates open must have run.
pub(super) fn forward_elsewhere<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut CountingKernels<R>,
    gates: &Matrix<R>,
) {
    let units = pass.shape.units_per_gate;
    let there = &mut pass.elsewhere;
    there.open.refill(gates.view());
    if there.gated.dim() != pass.expert.dim() {
        there.gated = Matrix::zeros(pass.expert.dim());
        there.scores = Matrix::zeros(pass.scores.dim());
    }
    gate(&pass.expert, gates, units, &mut there.gated);
    for row in there.scores.rows_mut() {
        row.copy_from_slice(&parameters.head.bias);
    }
    if there.open.len() == gates.len() {
        kernels.product(there.gated.view(), parameters.head.weight.panel(0), R::one(), there.scores.view_mut());
    } else {
        kernels.masked_narrow_forward(&there.gated, &parameters.head.weight, &there.open, units, &mut there.scores);
    }
    log_softmax(&mut there.scores);
}

/// Turns the log-probabilities of [`forward_elsewhere`] into `∂L/∂h` at every unit, left in `pass.elsewhere.gated`.
pub(super) fn backward_elsewhere<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut CountingKernels<R>,
) {
    let there = &mut pass.elsewhere;
    to_score_gradient(&mut there.scores, &pass.labels);
    let weight = parameters.head.weight.panel(0).reversed_axes();
    kernels.product(there.scores.view(), weight, R::zero(), there.gated.view_mut());
}
