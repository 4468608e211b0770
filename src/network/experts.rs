//! The experts: `z = x·W0 + b0` for the units whose gate is open, or for all; `h = g ⊙ z`; and back.

use ndarray::{Array2, Axis, Zip};

use super::parameters::{Linear, Parameters};
use super::pass::Pass;
use super::shape::ExpertActivation;
use crate::numeric::{Kernels, OpenGates, Real};

/// Above this share of open pairs one dense product is used instead of work pair by pair; the meter then counts the dense
/// product, since that is what was done.
const DENSE_ABOVE: f64 = 0.5;

/// Which experts run forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpertsRun {
    /// Those of open gates.
    Open,
    /// All of them.
    All,
}

/// Computes `z`, then `h = g ⊙ z`. `pass.draw` and `pass.open` must be set.
pub fn forward<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut Kernels<R>, run: ExpertsRun) {
    let dense = run == ExpertsRun::All || pass.gate_rate() > DENSE_ABOVE;
    units(parameters, pass, kernels, dense);
    pass.gated.assign(&pass.expert);
    scale_blocks(&mut pass.gated, &pass.draw.gates, pass.shape.units_per_gate);
}

/// Completes `z` for closed gates too, if it isn't yet; `h` is not affected.
pub(super) fn complete<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut Kernels<R>) {
    if !pass.ran.iter().all(|ran| *ran) {
        units(parameters, pass, kernels, true);
    }
}

/// Runs the experts of the pairs for which `wanted(example, gate)` holds and that haven't run; `h` is not affected.
pub(super) fn extend<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut Kernels<R>,
    wanted: impl Fn(usize, usize) -> bool,
) {
    let ran = &pass.ran;
    let mut missing = OpenGates::default();
    missing.refill_where(ran.dim(), |b, j| wanted(b, j) && !ran[(b, j)]);
    if missing.is_empty() {
        return;
    }
    if missing.len() as f64 > DENSE_ABOVE * ran.len() as f64 {
        return units(parameters, pass, kernels, true);
    }
    run(parameters, pass, kernels, &missing);
    for b in 0..pass.batch() {
        missing.of(b).iter().for_each(|&j| pass.ran[(b, j as usize)] = true);
    }
}

/// `z`, densely or at open gates only.
fn units<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut Kernels<R>, dense: bool) {
    if dense {
        let Linear { weight, bias } = &parameters.experts;
        for mut row in pass.expert.rows_mut() {
            row.assign(bias);
        }
        kernels.product(pass.input.view(), weight.view(), R::one(), pass.expert.view_mut());
        activate(pass);
        pass.ran.fill(true);
    } else {
        pass.expert.fill(R::zero());
        let open = std::mem::take(&mut pass.open);
        run(parameters, pass, kernels, &open);
        pass.open = open;
        Zip::from(&mut pass.ran).and(&pass.draw.gates).for_each(|ran, &g| *ran = g != R::zero());
    }
}

/// `z` of some pairs.
fn run<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut Kernels<R>, pairs: &OpenGates) {
    let Linear { weight, bias } = &parameters.experts;
    if let Some(bias) = bias.as_slice() {
        kernels.open_forward(&pass.input, weight, bias, pairs, pass.shape.units_per_gate, &mut pass.expert);
    }
    activate(pass);
}

/// The experts' activation; doing it twice changes nothing.
fn activate<R: Real>(pass: &mut Pass<R>) {
    if pass.shape.expert == ExpertActivation::Rectifier {
        pass.expert.mapv_inplace(|z| z.max(R::zero()));
    }
}

/// Gradient of W0, b0 for the minibatch mean: `dz = g ⊙ dh` (through the rectifier, if there is one).
pub(super) fn backward<R: Real>(pass: &mut Pass<R>, kernels: &mut Kernels<R>, gradient: &mut Parameters<R>) {
    let scale = R::one() / R::of(pass.batch().max(1) as f64);
    let units = pass.shape.units_per_gate;
    let rectified = pass.shape.expert == ExpertActivation::Rectifier;
    let delta = &mut pass.gated_gradient;
    scale_blocks(delta, &pass.draw.gates, units);
    Zip::from(&mut *delta).and(&pass.expert).for_each(|d, &z| {
        *d = if rectified && z <= R::zero() { R::zero() } else { *d * scale };
    });
    if pass.open.len() as f64 > DENSE_ABOVE * (pass.labels.len() * pass.shape.gates) as f64 {
        kernels.product(pass.input.t(), delta.view(), R::zero(), gradient.experts.weight.view_mut());
    } else {
        kernels.open_weight_gradient(&pass.input, delta, &pass.open, units, &mut gradient.experts.weight);
    }
    gradient.experts.bias.assign(&delta.sum_axis(Axis(0)));
}

/// Multiplies each block of `units` columns by its gate's value.
pub(super) fn scale_blocks<R: Real>(values: &mut Array2<R>, gates: &Array2<R>, units: usize) {
    for (mut row, gates) in values.rows_mut().into_iter().zip(gates.rows()) {
        if let Some(row) = row.as_slice_mut() {
            for (block, &g) in row.chunks_mut(units).zip(gates) {
                block.iter_mut().for_each(|v| *v *= g);
            }
        }
    }
}
