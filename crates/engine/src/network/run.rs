//! The pass, in the order of the arithmetic: gater → gates → experts → head → estimator → backward. Trainer, evaluation,
//! laboratory and tests all call these functions.

use gatelab_kernels::{CountingKernels, DefaultBackend, Matrix, RandomSource, Real, Rng};

use super::experts::{self, ExpertInputs, ExpertsRun};
use super::gater_loss::GaterLoss;
use super::parameters::Parameters;
use super::pass::Pass;
use super::pass_context::PassContext;
use super::{gater, head};
use crate::estimator::{Estimator, GateDraw};

/// Counters of the work in both directions.
pub struct PassKernels<R: Real> {
    /// Forward work: gater, experts, output layer, and what an estimator's questions add to it.
    pub forward: CountingKernels<R>,
    /// Backward work: gradients of inputs and of weights.
    pub backward: CountingKernels<R>,
}

impl<R: DefaultBackend> Default for PassKernels<R> {
    fn default() -> Self {
        Self { forward: CountingKernels::default(), backward: CountingKernels::default() }
    }
}

impl<R: Real> PassKernels<R> {
    /// Multiply-adds since the last call: forward, backward.
    pub fn take_macs(&mut self) -> (u64, u64) {
        (self.forward.take_macs(), self.backward.take_macs())
    }
}

/// From the gates set in `pass.draw.gates` to experts, log-probabilities and losses. `pass.input` and `pass.labels` must be set.
pub fn forward_from_gates<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut CountingKernels<R>,
    run: ExpertsRun,
) {
    pass.active.refill(pass.draw.gates.view());
    experts::forward(parameters, pass, kernels, run);
    head::forward(parameters, pass, kernels);
}

/// The forward pass with deterministic gates: gater, gates of test time, experts, losses. `threshold` is on the logit; estimators
/// without one ignore it.
pub fn forward_at_test_time<R: Real>(
    parameters: &Parameters<R>,
    estimator: &dyn Estimator<R>,
    threshold: R,
    pass: &mut Pass<R>,
    kernels: &mut CountingKernels<R>,
) {
    gater::forward(parameters, pass, kernels);
    estimator.test_gates(&pass.logits, threshold, &mut pass.draw.gates);
    forward_from_gates(parameters, pass, kernels, ExpertsRun::Active);
}

/// The loss of a minibatch is not finite, so an estimator cannot be asked about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonFiniteLoss;

/// Draw → experts → head → estimator. `pass.logits` must be set ([`gater::forward`]); afterwards `pass.logit_grad` holds the
/// estimator's ∂L/∂a per example, sparsity penalty not included.
///
/// # Errors
/// [`NonFiniteLoss`] if the mean loss is not finite: then the estimator has not been asked, and `pass.logit_grad` is unchanged.
pub fn sample_gradient<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    estimator: &mut dyn Estimator<R>,
    rng: &mut Rng,
    loss: GaterLoss,
    kernels: &mut PassKernels<R>,
) -> Result<(), NonFiniteLoss>
where
    Rng: RandomSource<R>,
{
    estimator.draw(&pass.logits, rng, &mut pass.draw);
    // An estimator that needs every expert in the end gets them by one dense product instead of two passes.
    let run = if estimator.needs().every_expert() { ExpertsRun::All } else { ExpertsRun::Active };
    forward_from_gates(parameters, pass, &mut kernels.forward, run);
    if !pass.mean_loss().is_finite() {
        return Err(NonFiniteLoss);
    }
    ask(parameters, pass, estimator, rng, loss, kernels);
    Ok(())
}

/// The estimator's gradient at the gates drawn, into `pass.logit_grad`. The forward pass must be done.
pub fn ask<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    estimator: &mut dyn Estimator<R>,
    rng: &mut dyn RandomSource<R>,
    loss: GaterLoss,
    kernels: &mut PassKernels<R>,
) {
    let (mut context, drawn) = split(parameters, pass, loss, kernels);
    estimator.logit_gradient(drawn.logits, drawn.draw, &mut context, rng, drawn.logit_grad);
}

/// A question to the context of a pass whose forward pass is done, as an estimator would ask it.
pub fn question<R: Real, T>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    loss: GaterLoss,
    kernels: &mut PassKernels<R>,
    question: impl FnOnce(&mut PassContext<'_, R>) -> T,
) -> T {
    question(&mut split(parameters, pass, loss, kernels).0)
}

/// The arrays of a pass that an estimator reads and writes itself.
struct Drawn<'a, R> {
    logits: &'a Matrix<R>,
    draw: &'a GateDraw<R>,
    logit_grad: &'a mut Matrix<R>,
}

/// A pass, divided between the context that answers an estimator and the estimator's own arrays.
fn split<'a, R: Real>(
    parameters: &'a Parameters<R>,
    pass: &'a mut Pass<R>,
    loss: GaterLoss,
    kernels: &'a mut PassKernels<R>,
) -> (PassContext<'a, R>, Drawn<'a, R>) {
    let Pass {
        shape, input, labels, logits, draw, active, experts, head, loss_grads, logit_grad, counterfactual, ..
    } = pass;
    let context = PassContext {
        inputs: ExpertInputs { parameters, shape: *shape, input },
        labels,
        active,
        experts,
        head,
        grads: loss_grads,
        counterfactual,
        forward: &mut kernels.forward,
        backward: &mut kernels.backward,
        loss,
    };
    (context, Drawn { logits, draw, logit_grad })
}

/// Backward pass; call after the estimator's gradient and the penalty's are in `pass.logit_grad`. Afterwards `pass.deltas` holds
/// the gradient of the minibatch mean with respect to every layer's pre-activation, and
/// [`ParameterGradient`](super::ParameterGradient) makes weight gradients of it.
pub fn backward<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut CountingKernels<R>) {
    head::backward(parameters, pass, kernels);
    experts::backward(pass);
    gater::backward(parameters, pass, kernels);
}
