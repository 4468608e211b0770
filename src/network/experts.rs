//! The experts: `z = x·W0 + b0` for the units whose gate is open, or for all; `h = g ⊙ z`; and back.

use ndarray::{Array2, Zip};

use super::parameters::{Linear, Parameters};
use super::pass::Pass;
use super::shape::ExpertActivation;
use crate::numeric::{Kernels, OpenGates, Outer, Real, Skipping};

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
    units(parameters, pass, kernels, run == ExpertsRun::All || is_dense(pass));
    pass.gated.assign(&pass.expert);
    scale_blocks(&mut pass.gated, &pass.draw.gates, pass.shape.units_per_gate);
}

/// Whether the experts' products are done for all pairs.
fn is_dense<R: Real>(pass: &Pass<R>) -> bool {
    pass.input.skipping() == Skipping::Nothing || pass.gate_rate() > DENSE_ABOVE
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
        kernels.affine_of_input(&pass.input, weight, bias.as_slice().unwrap_or_default(), &mut pass.expert);
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
        // Not `max`, which is a call to a function that takes care of NaN; a comparison lets it through just so.
        let rectify = |z: &mut R| *z = if *z < R::zero() { R::zero() } else { *z };
        pass.expert.as_slice_mut().unwrap_or_default().iter_mut().for_each(rectify);
    }
}

/// `∂L/∂(x·W0 + b0)` of the minibatch mean: `dz = g ⊙ dh` (through the rectifier, if there is one), left in
/// `pass.gated_gradient`; 0 at closed gates. Where nothing came back yet, it does now.
#[inline(never)]
pub(super) fn backward<R: Real>(pass: &mut Pass<R>) {
    let scale = R::one() / R::of(pass.batch().max(1) as f64);
    let rectified = pass.shape.expert == ExpertActivation::Rectifier;
    let rows = pass.gated_gradient.rows_mut().into_iter().zip(pass.expert.rows()).zip(pass.draw.gates.rows());
    for ((mut delta, z), gates) in rows {
        let (Some(delta), Some(z)) = (delta.as_slice_mut(), z.to_slice()) else { continue };
        let units = pass.shape.units_per_gate;
        for ((delta, z), &g) in delta.chunks_exact_mut(units).zip(z.chunks_exact(units)).zip(gates) {
            if g == R::zero() {
                delta.fill(R::zero());
            } else if rectified {
                delta.iter_mut().zip(z).for_each(|(d, &z)| *d = if z > R::zero() { *d * g * scale } else { R::zero() });
            } else {
                delta.iter_mut().for_each(|d| *d = *d * g * scale);
            }
        }
    }
}

/// What the pass adds to the gradient of W0, after [`backward`].
pub(super) fn outer<R: Real>(pass: &Pass<R>) -> Outer<'_, R> {
    let (input, delta) = (&pass.input, pass.gated_gradient.view());
    if is_dense(pass) {
        Outer::Pixels { input, delta }
    } else {
        Outer::OpenPixels { input, delta, open: &pass.open, units: pass.shape.units_per_gate }
    }
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
