//! The experts: `z = x·W0 + b0` for the units whose gate is open, or for all; `h = g ⊙ z`; and back.

use gatelab_kernels::Matrix;
use ndarray::Zip;

use super::parameters::{Linear, Parameters};
use super::pass::{GradientAt, Pass};
use super::shape::ExpertActivation;
use gatelab_kernels::{BlockMask, CountingKernels, Real, Skipping, WeightGradTerm};

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
pub fn forward<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut CountingKernels<R>,
    run: ExpertsRun,
) {
    units(parameters, pass, kernels, run == ExpertsRun::All || is_dense(pass));
    gate(&pass.expert, &pass.draw.gates, pass.shape.units_per_gate, &mut pass.gated);
}

/// Whether the experts' products are done for all pairs.
fn is_dense<R: Real>(pass: &Pass<R>) -> bool {
    pass.input.skipping() == Skipping::Nothing || pass.gate_rate() > DENSE_ABOVE
}

/// Completes `z` for closed gates too, if it isn't yet; `h` is not affected.
pub(super) fn complete<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut CountingKernels<R>) {
    if !pass.ran.iter().all(|ran| *ran) {
        units(parameters, pass, kernels, true);
    }
}

/// Runs the experts of the pairs for which `wanted(example, gate)` holds and that haven't run; `h` is not affected.
pub(super) fn extend<R: Real>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    kernels: &mut CountingKernels<R>,
    wanted: impl Fn(usize, usize) -> bool,
) {
    let ran = &pass.ran;
    let mut missing = BlockMask::default();
    missing.refill_where(ran.dim(), |b, j| wanted(b, j) && !ran[(b, j)]);
    if missing.is_empty() {
        return;
    }
    if missing.len() as f64 > DENSE_ABOVE * ran.len() as f64 {
        return units(parameters, pass, kernels, true);
    }
    run(parameters, pass, kernels, &missing);
    for b in 0..pass.batch() {
        missing.blocks_of_row(b).iter().for_each(|&j| pass.ran[(b, j as usize)] = true);
    }
}

/// `z`, densely or at open gates only.
fn units<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut CountingKernels<R>, dense: bool) {
    if dense {
        let Linear { weight, bias } = &parameters.experts;
        kernels.sparse_affine(&pass.input, weight, bias, &mut pass.expert);
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
fn run<R: Real>(parameters: &Parameters<R>, pass: &mut Pass<R>, kernels: &mut CountingKernels<R>, pairs: &BlockMask) {
    let Linear { weight, bias } = &parameters.experts;
    kernels.masked_forward(&pass.input, weight, bias, pairs, pass.shape.units_per_gate, &mut pass.expert);
    activate(pass);
}

/// The experts' activation; doing it twice changes nothing.
fn activate<R: Real>(pass: &mut Pass<R>) {
    if pass.shape.expert == ExpertActivation::Rectifier {
        // Not `max`, which is a call to a function that takes care of NaN; a comparison lets it through just so.
        let rectify = |z: &mut R| *z = if *z < R::zero() { R::zero() } else { *z };
        pass.expert.iter_mut().for_each(rectify);
    }
}

/// `∂L/∂(x·W0 + b0)` of the minibatch mean: `dz = g ⊙ dh` (through the rectifier, if there is one), left in
/// `pass.gated_gradient`; 0 at closed gates. `at` says where `∂L/∂h` is.
pub(super) fn backward<R: Real>(pass: &mut Pass<R>, at: GradientAt) {
    let scale = R::one() / R::from_f64(pass.batch().max(1) as f64);
    let units = pass.shape.units_per_gate;
    let (delta, z, gates) = (pass.gated_gradient.values_mut(), pass.expert.values(), pass.draw.gates.values());
    let rectified = pass.shape.expert == ExpertActivation::Rectifier;
    // Without a branch for each number.
    let kept = |d: R, g: R, closed: bool| if closed { R::zero() } else { d * g * scale };
    if at == GradientAt::Open {
        // Elsewhere it is 0 already.
        for (b, j) in (0..pass.labels.len()).flat_map(|b| pass.open.blocks_of_row(b).iter().map(move |&j| (b, j as usize))) {
            let gate = b * pass.shape.gates + j;
            let block = gate * units..(gate + 1) * units;
            for (d, &z) in delta[block.clone()].iter_mut().zip(&z[block]) {
                *d = kept(*d, gates[gate], rectified & (z <= R::zero()));
            }
        }
    } else if rectified {
        each_block(delta, z, gates, units, |d, z, g| *d = kept(*d, g, (g == R::zero()) | (z <= R::zero())));
    } else {
        each_block(delta, z, gates, units, |d, _, g| *d = kept(*d, g, g == R::zero()));
    }
}

/// Calls `f` with every number, its partner, and its gate.
fn each_block<R: Real>(numbers: &mut [R], partners: &[R], gates: &[R], units: usize, f: impl Fn(&mut R, R, R)) {
    // Blocks of one unit are no blocks, and the usual ones need no loop: both become vectors.
    match units {
        1 => numbers.iter_mut().zip(partners).zip(gates).for_each(|((x, &y), &g)| f(x, y, g)),
        8 => {
            let blocks = numbers.as_chunks_mut::<8>().0.iter_mut().zip(partners.as_chunks::<8>().0).zip(gates);
            blocks.for_each(|((x, y), &g)| x.iter_mut().zip(y).for_each(|(x, &y)| f(x, y, g)));
        }
        _ => {
            let blocks = numbers.chunks_exact_mut(units).zip(partners.chunks_exact(units)).zip(gates);
            blocks.for_each(|((x, y), &g)| x.iter_mut().zip(y).for_each(|(x, &y)| f(x, y, g)));
        }
    }
}

/// What the pass adds to the gradient of W0, after [`backward`].
pub(super) fn outer<R: Real>(pass: &Pass<R>) -> WeightGradTerm<'_, R> {
    let (input, delta) = (&pass.input, &pass.gated_gradient);
    if is_dense(pass) {
        WeightGradTerm::SparseInput { input, delta }
    } else {
        WeightGradTerm::MaskedColumns { input, delta, mask: &pass.open, block_width: pass.shape.units_per_gate }
    }
}

/// `h = g ⊙ z`, each gate's value for its block of `units` columns.
pub(super) fn gate<R: Real>(z: &Matrix<R>, gates: &Matrix<R>, units: usize, h: &mut Matrix<R>) {
    each_block(h.values_mut(), z.values(), gates.values(), units, |h, z, g| *h = z * g);
}
