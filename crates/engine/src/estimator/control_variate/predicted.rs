//! A learned prediction of the unbiased estimate from the biased one, by linear regression.
//!
//! For each gate a straight line is fitted, by least squares with exponential weights, that predicts the REINFORCE sample
//! `(L − L̄)(b − p)` from `φ = (1, ∂L/∂b, p, b)`. The prediction replaces the sample and has far less
//! noise. Its bias is the part of the gradient that is not linear in `φ`.

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real};

use super::least_squares::{self, FEATURES, NUMBERS};
use crate::estimator::average::Average;
use crate::estimator::knobs::{self, BASELINE_DECAY, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, LiveNumber, Needs, Record, Sizes, StateTensor,
};
use crate::schema::{Range, Setting, Value};

/// Weight of the past in the regression's sums.
const REGRESSION_MEMORY: Setting = Setting {
    name: "regression-memory",
    label: "Regression's memory",
    help: "Share of the regression's sums that is kept at each step.",
    symbol: "",
    range: Range::Number { min: 0.0, max: 0.9999, slider: (0.9, 0.9999), log: false, whole: false },
    live: true,
};

/// How strongly the regression's coefficients are pulled to 0.
const RIDGE: Setting = Setting {
    name: "ridge",
    label: "Ridge",
    help: "Pulls the regression's coefficients towards 0, in units of each input's mean square.",
    symbol: "ρ",
    range: Range::Number { min: 1e-6, max: 10.0, slider: (1e-4, 1.0), log: true, whole: false },
    live: true,
};

/// The learned prediction.
pub(in crate::estimator) static PREDICTED: Record = Record {
    id: "predicted",
    name: "Predicted REINFORCE",
    short: "Predicted",
    family: Family::ControlVariate,
    level: Level::Advanced,
    bias: Bias::Biased,
    needs: Needs::GateGradsOfAll,
    activation: Activation::Probability,
    forward: r"b \sim \mathrm{Bernoulli}(\sigma(a))",
    backward: r"\frac{\partial L}{\partial a} \coloneqq w_0 + w_1 \frac{\partial L}{\partial b} + w_2\,p + w_3\,b, \quad w \text{ least squares for } (b - p)(L - \bar L)",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "Each gate fits, by least squares during the run, a line that predicts the REINFORCE sample (unbiased, noisy) \
              from the straight-through slope (biased, little noise), p and b. The bias left is what a line cannot express.",
    source: "Bengio 2013, Estimating or propagating gradients through stochastic neurons (arXiv 1305.2982)",
    knobs: &[BASELINE_DECAY, REGRESSION_MEMORY, RIDGE],
    tuned: &[
        ("baseline-decay", 0.9),
        ("regression-memory", 0.99),
        ("ridge", 0.01),
        ("gater-rate", 1.0),
        ("lambda", 0.3),
    ],
    live: &[SIGNAL, LiveNumber { symbol: "w₁", meaning: "weight of the slope, mean over gates" }],
};

/// Predicts `(b − p)(L − L̄)` by a line in `(1, ∂L/∂b, p, b)`, gate by gate. Baseline and coefficients come from earlier steps.
pub(in crate::estimator) struct Predicted<R> {
    decay: R,
    keep: f64,
    ridge: f64,
    baseline: Average<R>,
    /// [`NUMBERS`] of each gate's normal equations.
    sums: Vec<R>,
    losses: Vec<R>,
}

impl<R: Real> Predicted<R> {
    pub(in crate::estimator) fn new() -> Self {
        let (sums, losses) = (Vec::new(), Vec::new());
        Self { decay: R::from_f64(0.9), keep: 0.99, ridge: 0.01, baseline: Average::new(), sums, losses }
    }
}

impl<R: Real> Estimator<R> for Predicted<R> {
    fn record(&self) -> &'static Record {
        &PREDICTED
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.decay = R::from_f64(knobs::number(knobs, &BASELINE_DECAY, 0.9));
        self.keep = knobs::number(knobs, &REGRESSION_MEMORY, 0.99);
        self.ridge = knobs::number(knobs, &RIDGE, 0.01);
    }

    fn logit_gradient(
        &mut self,
        logits: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        let (batch, gates) = logits.dim();
        self.losses.resize(batch, R::zero());
        if self.sums.is_empty() {
            self.sums.resize(NUMBERS * gates, R::zero());
        }
        assert_eq!(self.sums.len(), NUMBERS * gates, "the state of as many gates");
        context.losses(&mut self.losses);
        context.gate_grads_of_all(out);
        let baseline = self.baseline.value();
        for (j, (mut column, sums)) in
            out.view_mut().columns_mut().into_iter().zip(self.sums.chunks_exact_mut(NUMBERS)).enumerate()
        {
            let line = least_squares::solve(sums, self.ridge);
            let mut new = [0.0; NUMBERS];
            for (b, slope) in column.iter_mut().enumerate() {
                let (open, p) = (draw.gates[(b, j)], draw.probability[(b, j)]);
                let inputs = [1.0, slope.as_f64(), p.as_f64(), open.as_f64()];
                let sample = (open - p) * (self.losses[b] - baseline);
                least_squares::add(&mut new, &inputs, sample.as_f64());
                *slope = R::from_f64((0..FEATURES).map(|i| line[i] * inputs[i]).sum());
            }
            let mut next = [R::zero(); NUMBERS];
            for (next, (sum, new)) in next.iter_mut().zip(sums.iter().zip(new)) {
                *next = R::from_f64(self.keep * sum.as_f64() + (1.0 - self.keep) * new / batch.max(1) as f64);
            }
            // Sums that overflow would never become finite again: the gate's minibatch is left out.
            if next.iter().all(|x| x.is_finite()) {
                sums.copy_from_slice(&next);
            }
        }
        self.baseline.update(&self.losses, self.decay);
    }

    fn reset_state(&mut self, sizes: Sizes, _: u64) {
        self.baseline = Average::new();
        self.sums.clear();
        self.sums.resize(NUMBERS * sizes.gates, R::zero());
    }

    fn visit_state<'a>(&'a self, visit: &mut dyn FnMut(StateTensor<'a, R>)) {
        visit(StateTensor::vector("baseline", self.baseline.state()));
        visit(StateTensor::matrix("regression", NUMBERS, &self.sums));
    }

    fn visit_state_mut(&mut self, visit: &mut dyn FnMut(&mut [R])) {
        visit(self.baseline.state_mut());
        visit(&mut self.sums);
    }

    fn live(&self, out: &mut Vec<f32>) {
        let gates = self.sums.chunks_exact(NUMBERS);
        let count = gates.len().max(1) as f64;
        out.push((gates.map(|sums| least_squares::solve(sums, self.ridge)[1]).sum::<f64>() / count) as f32);
    }
}
