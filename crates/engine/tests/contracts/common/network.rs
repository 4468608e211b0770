//! A small network in `f64`, run through the engine's own passes with scripted gates.

use gatelab_engine::estimator::{Estimator, GateDraw};
use gatelab_engine::network::{
    ExpertActivation, ExpertsRun, GaterLoss, ParameterGradient, Parameters, Pass, PassContext, PassKernels, Shape,
    backward, forward_from_gates, gater, run,
};
use gatelab_engine::sparsity::SparsityPenalty;
use gatelab_kernels::Matrix;
use gatelab_kernels::{Backend, CountingKernels, MatrixMultiply, Real, Reference};

use super::script::{Script, scattered};

/// A shape small enough for differences in every parameter.
pub(crate) fn small(expert: ExpertActivation, units_per_gate: usize) -> Shape {
    Shape { inputs: 12, gater_hidden: 5, gates: 4, units_per_gate, classes: 10, expert }
}

/// Parameters of every size, biases included, so that nothing cancels by being zero.
pub(crate) fn parameters<R: Real>(shape: &Shape, seed: u64) -> Parameters<R> {
    let mut parameters = Parameters::zeros(shape);
    for (t, tensor) in parameters.tensors().into_iter().enumerate() {
        for (i, w) in tensor.values.iter_mut().enumerate() {
            *w = R::from_f64(1.2 * (scattered(seed + t as u64, i as u64) - 0.5));
        }
    }
    parameters
}

/// A pass with inputs in 0..1 and labels.
pub(crate) fn pass<R: Real>(shape: Shape, batch: usize) -> Pass<R> {
    let mut pass = Pass::new(shape, batch);
    let input =
        Matrix::from_shape_fn((batch, shape.inputs), |(b, d)| R::from_f64(scattered(71, (b * 1000 + d) as u64)));
    pass.input.assign(input.view());
    for (b, label) in pass.labels.iter_mut().enumerate() {
        *label = (7 * b % shape.classes) as u8;
    }
    pass
}

/// Forward with an estimator whose randomness is `script`.
pub(crate) fn forward(
    parameters: &Parameters<f64>,
    pass: &mut Pass<f64>,
    estimator: &mut dyn Estimator<f64>,
    mut script: Script,
) {
    let mut kernels = CountingKernels::default();
    gater::forward(parameters, pass, &mut kernels);
    estimator.draw(&pass.logits, &mut script, &mut pass.draw);
    gates_to_losses(parameters, pass, &mut kernels, ExpertsRun::Active);
}

/// From gates set in `pass.draw.gates` to losses.
pub(crate) fn gates_to_losses<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut CountingKernels<R>,
    run: ExpertsRun,
) {
    forward_from_gates(parameters, pass, kernels, run);
}

/// Mean loss of the pass.
pub(crate) fn mean_loss<R: Real>(pass: &Pass<R>) -> f64 {
    pass.head.losses.iter().map(|l| l.as_f64()).sum::<f64>() / pass.batch() as f64
}

/// Backward with the estimator's gradient and the penalty's, as a training step does it; returns gradient and penalty.
pub(crate) fn whole_gradient(
    parameters: &Parameters<f64>,
    pass: &mut Pass<f64>,
    estimator: &mut dyn Estimator<f64>,
    control: &SparsityPenalty,
) -> (Parameters<f64>, f64) {
    let mut kernels = PassKernels::default();
    let mut noise = Script::plenty(8 * pass.logits.len(), 5);
    pass.logit_grad.fill(f64::NAN);
    run::ask(parameters, pass, estimator, &mut noise, GaterLoss::CrossEntropy, &mut kernels);
    let (value, slope) = &mut pass.activation;
    estimator.activation(&pass.logits, &pass.draw, value, slope);
    let penalty = control.add_gradient(value, slope, &mut pass.logit_grad);
    (back_to_gradient(parameters, pass, &mut kernels.backward), penalty)
}

/// From logit gradients in the pass to the whole gradient.
pub(crate) fn back_to_gradient<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut CountingKernels<R>,
) -> Parameters<R> {
    let mut gradient = Parameters::zeros(&pass.shape);
    backward(parameters, pass, kernels);
    ParameterGradient::of(pass, std::iter::empty()).store(kernels, &mut gradient);
    gradient
}

/// The penalty alone, of the gates drawn.
pub(crate) fn penalty(pass: &Pass<f64>, estimator: &dyn Estimator<f64>, control: &SparsityPenalty) -> f64 {
    let (mut value, mut slope) = (Matrix::zeros(pass.logits.dim()), Matrix::zeros(pass.logits.dim()));
    estimator.activation(&pass.logits, &pass.draw, &mut value, &mut slope);
    control.add_gradient(&value, &slope, &mut Matrix::zeros(pass.logits.dim()))
}

/// Puts questions to the network's own context.
pub(crate) fn ask<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    forward: &mut CountingKernels<R>,
    backward: &mut CountingKernels<R>,
    questions: impl FnOnce(&mut PassContext<'_, R>),
) {
    let taken = |kernels: &mut CountingKernels<R>| std::mem::replace(kernels, CountingKernels::with(&Reference));
    let mut kernels = PassKernels { forward: taken(forward), backward: taken(backward) };
    run::question(parameters, pass, GaterLoss::CrossEntropy, &mut kernels, questions);
    (*forward, *backward) = (kernels.forward, kernels.backward);
}

/// The backend with the fast product, and a name.
pub(crate) fn fast() -> &'static dyn Backend<f64> {
    &MatrixMultiply
}

/// Coins [B × G] of a fixed pattern with this share of open gates.
pub(crate) fn coins<R: Real>(batch: usize, gates: usize, share: f64, seed: u64) -> GateDraw<R> {
    let mut draw = GateDraw::new(batch, gates);
    for (i, gate) in draw.gates.iter_mut().enumerate() {
        *gate = R::from_f64(f64::from(u8::from(scattered(seed, i as u64) < share)));
    }
    draw
}

/// A parameter's address: tensor, and position in it.
pub(crate) type Address = (usize, usize);

/// One parameter.
pub(crate) fn get(parameters: &mut Parameters<f64>, (tensor, at): Address) -> f64 {
    parameters.tensors()[tensor].values[at]
}

/// Sets one parameter.
pub(crate) fn set(parameters: &mut Parameters<f64>, (tensor, at): Address, value: f64) {
    parameters.tensors()[tensor].values[at] = value;
}
