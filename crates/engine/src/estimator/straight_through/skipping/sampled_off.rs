//! One random closed expert per example runs and represents all closed ones.

use gatelab_kernels::{Matrix, RandomSource, Real};
use ndarray::Zip;

use super::active_only::ST_MASKED;
use crate::estimator::{Estimator, GateContext, GateDraw, Level, Needs, Record};

/// Dense straight-through on average.
pub(in crate::estimator) static ST_SAMPLED_OFF: Record = Record {
    id: "st-sampled-off",
    name: "Straight-through, one closed gate sampled",
    short: "ST sampled",
    level: Level::Advanced,
    needs: Needs::GateGradsOfSome,
    backward: r"\frac{\partial L}{\partial a} \coloneqq w \cdot \frac{\partial L}{\partial b} \cdot p(1 - p), \quad w = 1 \mathrm{\ if\ } b = 1, \quad w = n_0 \cdot \mathbb{1}[\mathrm{chosen}] \mathrm{\ if\ } b = 0",
    summary: "Of the n₀ closed gates of an example one is chosen at random: its expert runs and its slope counts n₀ times. \
              Equal to running them all on average; the random choice adds noise.",
    source: "Uniform sampling of the missing slopes; no paper claimed",
    tuned: &[("gater-rate", 1.0), ("lambda", 0.2)],
    ..ST_MASKED
};

/// One closed gate of each example represents all of its closed gates.
pub(in crate::estimator) struct SampledOff<R> {
    uniform: Vec<R>,
    wanted: Matrix<bool>,
    /// The chosen gate of each example and the number of closed gates; `None` where no gate is closed.
    chosen: Vec<Option<(usize, usize)>>,
}

impl<R: Real> SampledOff<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self { uniform: Vec::new(), wanted: Matrix::default(), chosen: Vec::new() }
    }

    /// Marks open gates and the chosen closed one of each example.
    fn choose(&mut self, gates: &Matrix<R>) {
        self.wanted.resize(gates.dim(), false);
        Zip::from(&mut self.wanted).and(gates).for_each(|wanted, &g| *wanted = g != R::zero());
        self.chosen.clear();
        for (wanted, &u) in self.wanted.rows_mut().zip(&self.uniform) {
            let closed = wanted.iter().filter(|open| !**open).count();
            let rank = ((u.as_f64() * closed as f64) as usize).min(closed.saturating_sub(1));
            let gate = wanted.iter().enumerate().filter(|(_, open)| !**open).nth(rank).map(|(j, _)| j);
            if let Some(j) = gate {
                wanted[j] = true;
            }
            self.chosen.push(gate.map(|j| (j, closed)));
        }
    }
}

impl<R: Real> Estimator<R> for SampledOff<R> {
    fn record(&self) -> &'static Record {
        &ST_SAMPLED_OFF
    }

    fn logit_gradient(
        &mut self,
        _: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        noise: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        self.uniform.resize(draw.gates.nrows(), R::zero());
        noise.uniform(&mut self.uniform);
        self.choose(&draw.gates);
        context.gate_grads_of(&self.wanted, out);
        Zip::from(&mut *out).and(&draw.probability).for_each(|out, &p| *out *= p * (R::one() - p));
        for (b, chosen) in self.chosen.iter().enumerate() {
            if let &Some((j, closed)) = chosen {
                out[(b, j)] *= R::from_f64(closed as f64);
            }
        }
    }
}
