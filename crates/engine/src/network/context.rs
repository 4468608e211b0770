//! The network as an estimator sees it: questions about the loss, each with its price.

use super::parameters::Parameters;
use super::pass::Pass;
use super::told::Told;
use super::{experts, flips, head};
use crate::estimator::GateContext;
use gatelab_kernels::Matrix;
use gatelab_kernels::{CountingKernels, Real};

/// Answers an estimator's questions about the gates drawn in a pass whose head has run forward; what comes back through the
/// head is computed when it is first asked for.
pub struct PassContext<'a, R: Real> {
    /// The network.
    pub parameters: &'a Parameters<R>,
    /// The pass.
    pub pass: &'a mut Pass<R>,
    /// Counts forward work: experts of closed gates that had to run, and the output layer at other gates.
    pub forward: &'a mut CountingKernels<R>,
    /// Counts backward work.
    pub backward: &'a mut CountingKernels<R>,
    /// What the gater is told.
    pub told: Told,
}

/// `∂L/∂g_j = Σ_{u in block j} dh_u·z_u` for the pairs that are `wanted`, 0 elsewhere.
fn dot_blocks<R: Real>(
    dh: &Matrix<R>,
    z: &Matrix<R>,
    units: usize,
    out: &mut Matrix<R>,
    wanted: impl Fn(usize, usize) -> bool,
) -> usize {
    let mut pairs = 0;
    for (b, ((dh, z), slopes)) in dh.rows().zip(z.rows()).zip(out.rows_mut()).enumerate() {
        let blocks = dh.chunks_exact(units).zip(z.chunks_exact(units));
        for (j, (slope, (dh, z))) in slopes.iter_mut().zip(blocks).enumerate() {
            let asked = wanted(b, j);
            pairs += usize::from(asked);
            // The usual block needs no loop.
            let dot = match (<&[R; 8]>::try_from(dh), <&[R; 8]>::try_from(z)) {
                (Ok(dh), Ok(z)) => dot(dh, z),
                _ => dot(dh, z),
            };
            *slope = if asked { dot } else { R::zero() };
        }
    }
    pairs * units
}

fn dot<R: Real>(a: &[R], b: &[R]) -> R {
    a.iter().zip(b).fold(R::zero(), |sum, (&a, &b)| sum + a * b)
}

impl<R: Real> PassContext<'_, R> {
    fn dot(&mut self, out: &mut Matrix<R>, wanted: impl Fn(&Pass<R>, usize, usize) -> bool) {
        let (pass, units) = (&*self.pass, self.pass.shape.units_per_gate);
        let done = dot_blocks(&pass.gated_gradient, &pass.expert, units, out, |b, j| wanted(pass, b, j));
        self.backward.count(done);
    }
}

impl<R: Real> GateContext<R> for PassContext<'_, R> {
    fn losses(&mut self, out: &mut [R]) {
        self.told.of(&self.pass.scores, &self.pass.labels, out);
    }

    fn losses_at(&mut self, gates: &Matrix<R>, out: &mut [R]) {
        experts::extend(self.parameters, self.pass, self.forward, |b, j| gates[(b, j)] != R::zero());
        head::forward_elsewhere(self.parameters, self.pass, self.forward, gates);
        self.told.of(&self.pass.elsewhere.scores, &self.pass.labels, out);
    }

    fn flips(&mut self, out: &mut Matrix<R>) {
        experts::complete(self.parameters, self.pass, self.forward);
        flips::all(self.parameters, self.pass, self.forward, self.told, out);
    }

    fn flip(&mut self, gate: &[usize], out: &mut [R]) {
        experts::extend(self.parameters, self.pass, self.forward, |b, j| gate[b] == j);
        flips::one(self.parameters, self.pass, self.forward, self.told, gate, out);
    }

    fn gate_grads_of_active(&mut self, out: &mut Matrix<R>) {
        head::slopes_at_open(self.parameters, self.pass, self.backward);
        self.dot(out, Pass::draw_open);
    }

    fn gate_grads_of(&mut self, wanted: &Matrix<bool>, out: &mut Matrix<R>) {
        experts::extend(self.parameters, self.pass, self.forward, |b, j| wanted[(b, j)]);
        head::complete(self.parameters, self.pass, self.backward);
        self.dot(out, |_, b, j| wanted[(b, j)]);
    }

    fn gate_grads_of_all(&mut self, out: &mut Matrix<R>) {
        experts::complete(self.parameters, self.pass, self.forward);
        head::complete(self.parameters, self.pass, self.backward);
        self.dot(out, |_, _, _| true);
    }

    fn gate_grads_at(&mut self, gates: &Matrix<R>, losses: &mut [R], out: &mut Matrix<R>) {
        experts::complete(self.parameters, self.pass, self.forward);
        head::forward_elsewhere(self.parameters, self.pass, self.forward, gates);
        self.told.of(&self.pass.elsewhere.scores, &self.pass.labels, losses);
        head::backward_elsewhere(self.parameters, self.pass, self.backward);
        let pass = &*self.pass;
        let done = dot_blocks(&pass.elsewhere.gated, &pass.expert, pass.shape.units_per_gate, out, |_, _| true);
        self.backward.count(done);
    }

    fn count_macs(&mut self, multiply_adds: usize) {
        self.backward.count(multiply_adds);
    }

    fn units(&self) -> usize {
        self.pass.shape.units()
    }

    fn outputs_of_active(&mut self, sums: &mut [R], counts: &mut [R]) {
        sums.fill(R::zero());
        counts.fill(R::zero());
        let units = self.pass.shape.units_per_gate;
        for (b, z) in self.pass.expert.rows().enumerate() {
            for &j in self.pass.open.of(b) {
                let j = j as usize;
                counts[j] += R::one();
                let block = j * units..(j + 1) * units;
                sums[block.clone()].iter_mut().zip(&z[block]).for_each(|(sum, &z)| *sum += z);
            }
        }
    }

    fn gate_grads_with(&mut self, outputs: &[R], out: &mut Matrix<R>) {
        head::complete(self.parameters, self.pass, self.backward);
        self.dot(out, Pass::draw_open);
        let (pass, units) = (&*self.pass, self.pass.shape.units_per_gate);
        let mut pairs = 0;
        for (b, (dh, slopes)) in pass.gated_gradient.rows().zip(out.rows_mut()).enumerate() {
            let blocks = dh.chunks_exact(units).zip(outputs.chunks_exact(units));
            for (j, (slope, (dh, outputs))) in slopes.iter_mut().zip(blocks).enumerate() {
                if !pass.draw_open(b, j) {
                    pairs += 1;
                    *slope = dh.iter().zip(outputs).map(|(&d, &z)| d * z).sum::<R>();
                }
            }
        }
        self.backward.count(pairs * units);
    }
}
