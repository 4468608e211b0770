//! Experts that don't run are replaced by the moving average of their output (after Panda et al. 2025).

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real};
use ndarray::Zip;

use super::active_only::ST_MASKED;
use crate::estimator::knobs::{self, SIGNAL};
use crate::estimator::{Estimator, GateContext, GateDraw, LiveNumber, Needs, Record, Sizes, StateTensor};
use crate::schema::{Range, Setting, Value};

const DEFAULT_DECAY: Setting = Setting {
    name: "default-decay",
    label: "Memory of the mean output",
    help: "Weight of the past in the moving average of each expert's output.",
    symbol: "β",
    range: Range::Number { min: 0.0, max: 0.9999, slider: (0.0, 0.99), log: false, whole: false },
    live: true,
};

/// The output of a closed expert is replaced by its moving average.
pub(in crate::estimator) static ST_DEFAULT_EXPERT: Record = Record {
    id: "st-default-expert",
    name: "Straight-through, default expert",
    short: "ST default",
    needs: Needs::GateGradsOfSome,
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial b} \cdot p(1 - p), \quad z = \bar z \mathrm{\ where\ } b = 0",
    summary: "The slope of a closed gate is computed with the mean output of its expert in place of the output. No closed \
              expert runs and every gate learns; the error is the difference between an output and its mean.",
    source: "After Panda et al. 2025, “Dense Backpropagation Improves Training for Sparse Mixture-of-Experts”",
    knobs: &[DEFAULT_DECAY],
    tuned: &[("default-decay", 0.95), ("gater-rate", 2.0), ("lambda", 0.2)],
    live: &[SIGNAL, LiveNumber { symbol: "|z̄|", meaning: "mean size of the mean outputs" }],
    ..ST_MASKED
};

/// Straight-through with running means in place of the outputs of closed experts.
pub(in crate::estimator) struct DefaultExpert<R> {
    decay: R,
    /// Moving averages of the sum of each unit's outputs while open, length H, and of how often each gate was, length G.
    sums: Vec<R>,
    counts: Vec<R>,
    /// Sums and counts of this minibatch.
    minibatch: (Vec<R>, Vec<R>),
    means: Vec<R>,
}

impl<R: Real> DefaultExpert<R> {
    pub(in crate::estimator) fn new() -> Self {
        let empty = Vec::new;
        Self { decay: R::from_f64(0.95), sums: empty(), counts: empty(), minibatch: (empty(), empty()), means: empty() }
    }

    /// The means of earlier steps; 0 for an expert that has not run yet.
    fn mean_outputs(&self) -> impl Iterator<Item = R> {
        let units = self.sums.len() / self.counts.len().max(1);
        let blocks = self.sums.chunks_exact(units.max(1)).zip(&self.counts);
        blocks.flat_map(|(sums, &count)| {
            sums.iter().map(move |&sum| if count > R::zero() { sum / count } else { R::zero() })
        })
    }

    /// Updates the averages by this minibatch, unless a sum of outputs overflows: the average would never become finite again.
    fn update_averages(&mut self) {
        if !self.minibatch.0.iter().all(|sum| sum.is_finite()) {
            return;
        }
        let (keep, add) = (self.decay, R::one() - self.decay);
        let averages = self.sums.iter_mut().zip(&self.minibatch.0).chain(self.counts.iter_mut().zip(&self.minibatch.1));
        for (average, &now) in averages {
            *average = keep * *average + add * now;
        }
    }
}

impl<R: Real> Estimator<R> for DefaultExpert<R> {
    fn record(&self) -> &'static Record {
        &ST_DEFAULT_EXPERT
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.decay = R::from_f64(knobs::number(knobs, &DEFAULT_DECAY, 0.95));
    }

    fn logit_gradient(
        &mut self,
        _: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        let (units, gates) = (context.units(), draw.gates.ncols());
        if self.sums.is_empty() {
            Estimator::<R>::reset_state(self, Sizes { gates, units }, 0);
        }
        assert_eq!((self.sums.len(), self.counts.len()), (units, gates), "the state of as many units and gates");
        self.minibatch.0.resize(units, R::zero());
        self.minibatch.1.resize(gates, R::zero());
        // Means of earlier steps only, so that no example's gradient depends on the others in the minibatch.
        let mut means = std::mem::take(&mut self.means);
        means.clear();
        means.extend(self.mean_outputs());
        self.means = means;
        context.gate_grads_with(&self.means, out);
        Zip::from(out).and(&draw.probability).for_each(|out, &p| *out *= p * (R::one() - p));
        context.outputs_of_active(&mut self.minibatch.0, &mut self.minibatch.1);
        self.update_averages();
    }

    fn reset_state(&mut self, sizes: Sizes, _: u64) {
        for (average, length) in [(&mut self.sums, sizes.units), (&mut self.counts, sizes.gates)] {
            average.clear();
            average.resize(length, R::zero());
        }
    }

    fn visit_state<'a>(&'a self, visit: &mut dyn FnMut(StateTensor<'a, R>)) {
        visit(StateTensor::vector("output-sums", &self.sums));
        visit(StateTensor::vector("active-counts", &self.counts));
    }

    fn visit_state_mut(&mut self, visit: &mut dyn FnMut(&mut [R])) {
        visit(&mut self.sums);
        visit(&mut self.counts);
    }

    fn live(&self, out: &mut Vec<f32>) {
        let sum: f64 = self.mean_outputs().map(|z| z.as_f64().abs()).sum();
        out.push((sum / self.sums.len().max(1) as f64) as f32);
    }
}
