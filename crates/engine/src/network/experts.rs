//! The experts: `z = x·W0 + b0` for the units whose gate is active, or for all; `h = g ⊙ z`; and their backward pass.

use gatelab_kernels::{BlockMask, CountingKernels, Input, Matrix, Real, Skipping, WeightGradTerm};
use ndarray::Zip;

use super::parameters::{Linear, Parameters};
use super::pass::{Deltas, ExpertOutputs, Extent, LossGrads, Pass};
use super::shape::Shape;
use crate::schema::ExpertActivation;

/// Above this share of active pairs, one dense product replaces the work pair by pair; the meter then counts the dense product,
/// because that is what is done.
const DENSE_ABOVE: f64 = 0.5;

/// Which experts a forward pass computes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExpertsRun {
    /// Those of active gates.
    Active,
    /// All of them.
    All,
}

/// What the experts' products need beside their outputs.
#[derive(Clone, Copy)]
pub(super) struct ExpertInputs<'a, R: Real> {
    pub(super) parameters: &'a Parameters<R>,
    pub(super) shape: Shape,
    pub(super) input: &'a Input<R>,
}

/// From the gates in `pass.draw` and `pass.active` to `z`, then `h = g ⊙ z`.
pub(super) fn forward<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut CountingKernels<R>,
    run: ExpertsRun,
) {
    let dense = run == ExpertsRun::All || is_dense(pass);
    let units = pass.shape.units_per_gate;
    let Pass { shape, input, draw, active, experts, .. } = pass;
    let inputs = ExpertInputs { parameters, shape: *shape, input };
    if dense {
        compute_all(inputs, experts, kernels);
    } else {
        experts.z.fill(R::zero());
        compute(inputs, active, &mut experts.z, kernels);
        Zip::from(&mut experts.computed).and(&draw.gates).for_each(|computed, &g| *computed = g != R::zero());
    }
    gate(&experts.z, &draw.gates, units, &mut experts.gated);
}

/// Whether the experts' products are done for all pairs.
fn is_dense<R: Real>(pass: &Pass<R>) -> bool {
    pass.input.skipping() == Skipping::Nothing || pass.gate_rate() > DENSE_ABOVE
}

/// Computes `z` of every expert that has not been computed; `h` is not affected.
pub(super) fn ensure_all<R: Real>(
    inputs: ExpertInputs<'_, R>,
    experts: &mut ExpertOutputs<R>,
    kernels: &mut CountingKernels<R>,
) {
    if !experts.computed.iter().all(|computed| *computed) {
        compute_all(inputs, experts, kernels);
    }
}

/// Computes `z` for the pairs for which `wanted(example, gate)` holds and that have not been computed; `h` is not affected.
pub(super) fn ensure<R: Real>(
    inputs: ExpertInputs<'_, R>,
    experts: &mut ExpertOutputs<R>,
    kernels: &mut CountingKernels<R>,
    wanted: impl Fn(usize, usize) -> bool,
) {
    let ExpertOutputs { z, computed, missing, .. } = experts;
    missing.refill_where(computed.dim(), |b, j| wanted(b, j) && !computed[(b, j)]);
    if missing.is_empty() {
        return;
    }
    if missing.len() as f64 > DENSE_ABOVE * computed.len() as f64 {
        return compute_all(inputs, experts, kernels);
    }
    compute(inputs, missing, z, kernels);
    for b in 0..computed.nrows() {
        missing.blocks_of_row(b).iter().for_each(|&j| computed[(b, j as usize)] = true);
    }
}

/// `z` of all pairs, as one dense product.
fn compute_all<R: Real>(inputs: ExpertInputs<'_, R>, experts: &mut ExpertOutputs<R>, kernels: &mut CountingKernels<R>) {
    let Linear { weight, bias } = &inputs.parameters.experts;
    kernels.sparse_affine(inputs.input, weight, bias, &mut experts.z);
    activate(inputs.shape, &mut experts.z);
    experts.computed.fill(true);
}

/// `z` of some pairs.
fn compute<R: Real>(
    inputs: ExpertInputs<'_, R>,
    pairs: &BlockMask,
    z: &mut Matrix<R>,
    kernels: &mut CountingKernels<R>,
) {
    let Linear { weight, bias } = &inputs.parameters.experts;
    kernels.masked_forward(inputs.input, weight, bias, pairs, inputs.shape.units_per_gate, z);
    activate(inputs.shape, z);
}

/// The experts' activation, of all units: it is idempotent, so units that already have it are not affected.
fn activate<R: Real>(shape: Shape, z: &mut Matrix<R>) {
    match shape.expert {
        ExpertActivation::Linear => {}
        // A comparison instead of `max`: it keeps NaN, and needs no call.
        ExpertActivation::Rectifier => z.iter_mut().for_each(|z| *z = if *z < R::zero() { R::zero() } else { *z }),
    }
}

/// `∂L/∂(x·W0 + b0)` of the minibatch mean, `δ = g ⊙ ∂L/∂h / B` (through the activation), into `pass.deltas.experts`.
pub(super) fn backward<R: Real>(pass: &mut Pass<R>) {
    let scale = R::one() / R::from_f64(pass.batch().max(1) as f64);
    let (units, dense) = (pass.shape.units_per_gate, is_dense(pass));
    let Pass { shape, draw, active, experts, loss_grads, deltas, labels, .. } = pass;
    let LossGrads { gated: dh, extent, .. } = loss_grads;
    let Deltas { experts: delta, .. } = deltas;
    let rectified = shape.expert == ExpertActivation::Rectifier;
    // Without a branch for each number.
    let kept = |d: R, g: R, closed: bool| if closed { R::zero() } else { d * g * scale };
    if *extent != Extent::All {
        if dense {
            // A dense product reads inactive units too.
            delta.fill(R::zero());
        }
        let (delta, dh, z, gates) = (delta.values_mut(), dh.values(), experts.z.values(), draw.gates.values());
        for (b, j) in (0..labels.len()).flat_map(|b| active.blocks_of_row(b).iter().map(move |&j| (b, j as usize))) {
            let gate = b * shape.gates + j;
            let block = gate * units..(gate + 1) * units;
            for ((delta, &d), &z) in delta[block.clone()].iter_mut().zip(&dh[block.clone()]).zip(&z[block]) {
                *delta = kept(d, gates[gate], rectified & (z <= R::zero()));
            }
        }
        return;
    }
    let arrays = (delta.values_mut(), dh.values(), experts.z.values(), draw.gates.values());
    if rectified {
        each_block(arrays, units, |delta, d, z, g| *delta = kept(d, g, (g == R::zero()) | (z <= R::zero())));
    } else {
        each_block(arrays, units, |delta, d, _, g| *delta = kept(d, g, g == R::zero()));
    }
}

/// `f(out, x, y, g)` for all units: `out`, `x`, `y` [B × H], and `g` [B × G] the value of the unit's gate.
fn each_block<R: Real>((out, x, y, gates): (&mut [R], &[R], &[R], &[R]), units: usize, f: impl Fn(&mut R, R, R, R)) {
    assert!(out.len() == gates.len() * units && x.len() == out.len() && y.len() == out.len(), "one block per gate");
    // One unit per gate needs no inner loop, and blocks of eight have a fixed length: both become vector code.
    match units {
        1 => out.iter_mut().zip(x).zip(y).zip(gates).for_each(|(((out, &x), &y), &g)| f(out, x, y, g)),
        8 => {
            let inputs = x.as_chunks::<8>().0.iter().zip(y.as_chunks::<8>().0);
            let blocks = out.as_chunks_mut::<8>().0.iter_mut().zip(inputs).zip(gates);
            blocks.for_each(|((out, (x, y)), &g)| {
                out.iter_mut().zip(x).zip(y).for_each(|((out, &x), &y)| f(out, x, y, g));
            });
        }
        _ => {
            let inputs = x.chunks_exact(units).zip(y.chunks_exact(units));
            let blocks = out.chunks_exact_mut(units).zip(inputs).zip(gates);
            blocks.for_each(|((out, (x, y)), &g)| {
                out.iter_mut().zip(x).zip(y).for_each(|((out, &x), &y)| f(out, x, y, g));
            });
        }
    }
}

/// What the pass adds to the gradient of W0, after [`backward`].
pub(super) fn weight_grad<R: Real>(pass: &Pass<R>) -> WeightGradTerm<'_, R> {
    let (input, delta) = (&pass.input, &pass.deltas.experts);
    if is_dense(pass) {
        WeightGradTerm::SparseInput { input, delta }
    } else {
        WeightGradTerm::MaskedColumns { input, delta, mask: &pass.active, block_width: pass.shape.units_per_gate }
    }
}

/// `h = g ⊙ z`, each gate's value for its block of `units` columns.
pub(super) fn gate<R: Real>(z: &Matrix<R>, gates: &Matrix<R>, units: usize, h: &mut Matrix<R>) {
    each_block((h.values_mut(), z.values(), z.values(), gates.values()), units, |h, z, _, g| *h = z * g);
}
