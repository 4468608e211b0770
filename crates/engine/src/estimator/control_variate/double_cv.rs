//! Double control variates: leave-one-out REINFORCE with a second control variate, linear predictions from the other draws.

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real, dot};
use ndarray::Zip;

use super::coefficient::Coefficient;
use crate::estimator::draws::Draws;
use crate::estimator::knobs::{self, SAMPLES, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, LiveNumber, Needs, Record, StateTensor, scratch,
};
use crate::schema::Value;

/// Double control variates.
pub(in crate::estimator) static DOUBLE_CV: Record = Record {
    id: "double-cv",
    name: "Double control variates",
    short: "Double CV",
    family: Family::ControlVariate,
    level: Level::Advanced,
    bias: Bias::Unbiased,
    needs: Needs::GateGradsElsewhere,
    activation: Activation::Probability,
    forward: r"b_1, \ldots, b_K \sim \mathrm{Bernoulli}(\sigma(a)), \quad b = b_1",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{1}{K - 1} \sum_k (b_k - p)(y_k - \bar y) - \frac{\alpha}{K}\,p(1 - p) \sum_k L'(b_k), \quad y_k = L_k + \alpha\,(b_k - p) \cdot \frac{1}{K - 1} \sum_{j \neq k} L'(b_j)",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "Leave-one-out REINFORCE with a second control variate: the slopes at the other draws predict the loss of each \
              draw. The weight α of the prediction is learned; the estimate is unbiased for any α.",
    source: "Titsias & Shi 2022 (arXiv 2111.05300)",
    knobs: &[SAMPLES],
    tuned: &[("samples", 2.0), ("gater-rate", 1.0), ("lambda", 0.3)],
    live: &[SIGNAL, LiveNumber { symbol: "α", meaning: "weight of the slopes' predictions" }],
};

/// Leave-one-out REINFORCE plus `α` times a control variate of mean zero.
pub(in crate::estimator) struct DoubleCv<R> {
    samples: usize,
    draws: Draws<R>,
    alpha: Coefficient<R>,
    /// `L′` at each draw, K arrays [B × G], and their sum.
    gate_grads: Vec<Matrix<R>>,
    total: Matrix<R>,
    /// Prediction for each draw from the gate gradients at the other draws, K lists of length B.
    predictions: Vec<Vec<R>>,
    variate: Matrix<R>,
}

impl<R: Real> DoubleCv<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self {
            samples: 2,
            draws: Draws::default(),
            alpha: Coefficient::new(),
            gate_grads: Vec::new(),
            total: Matrix::zeros((0, 0)),
            predictions: Vec::new(),
            variate: Matrix::zeros((0, 0)),
        }
    }

    /// Losses and gate gradients at every draw.
    fn evaluate(&mut self, context: &mut dyn GateContext<R>) {
        context.losses(&mut self.draws.losses[0]);
        let (first, others) = self.gate_grads.split_at_mut(1);
        context.gate_grads_of_all(&mut first[0]);
        for ((gates, losses), gate_grads) in self.draws.further().zip(others) {
            context.gate_grads_at(gates, losses, gate_grads);
        }
        self.total.fill(R::zero());
        for gate_grads in &self.gate_grads {
            self.total.iter_mut().zip(gate_grads).for_each(|(total, &grad)| *total += grad);
        }
    }

    /// `x_k = (b_k − p)·mean_{j≠k} L′(b_j)` for every draw.
    fn predict(&mut self, draw: &GateDraw<R>) {
        let others = R::from_f64((self.samples - 1) as f64);
        for (k, (predictions, gate_grads)) in self.predictions.iter_mut().zip(&self.gate_grads).enumerate() {
            let gates = self.draws.gates(k, draw);
            let gate_grads = self.total.rows().zip(gate_grads.rows());
            let samples = gates.rows().zip(draw.probability.rows());
            for (prediction, ((total, own), (gates, p))) in predictions.iter_mut().zip(gate_grads.zip(samples)) {
                // ⟨b − p, total − own⟩ as four products, so that the differences need not be stored.
                *prediction = (dot(gates, total) - dot(p, total) - dot(gates, own) + dot(p, own)) / others;
            }
        }
    }
}

impl<R: Real> Estimator<R> for DoubleCv<R> {
    fn record(&self) -> &'static Record {
        &DOUBLE_CV
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.samples = knobs::number(knobs, &SAMPLES, 2.0) as usize;
    }

    fn logit_gradient(
        &mut self,
        logits: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        noise: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        self.draws.draw(self.samples, draw, noise);
        scratch::resize_all(&mut self.gate_grads, self.samples, logits.dim());
        scratch::resize_lists(&mut self.predictions, self.samples, logits.nrows());
        self.total.resize(logits.dim(), R::zero());
        self.variate.resize(logits.dim(), R::zero());
        self.evaluate(context);
        self.predict(draw);
        let losses = std::mem::take(&mut self.draws.losses);
        self.draws.loo_covariance(&losses, draw, out);
        self.draws.losses = losses;
        self.draws.loo_covariance(&self.predictions, draw, &mut self.variate);
        let samples = R::from_f64(self.samples as f64);
        Zip::from(&mut self.variate).and(&self.total).and(&draw.probability).for_each(|variate, &total, &p| {
            *variate -= p * (R::one() - p) * total / samples;
        });
        let alpha = self.alpha.value();
        self.alpha.update(out, &self.variate);
        out.iter_mut().zip(&self.variate).for_each(|(out, &variate)| *out += alpha * variate);
    }

    fn visit_state<'a>(&'a self, visit: &mut dyn FnMut(StateTensor<'a, R>)) {
        visit(StateTensor::vector("alpha", self.alpha.state()));
    }

    fn visit_state_mut(&mut self, visit: &mut dyn FnMut(&mut [R])) {
        visit(self.alpha.state_mut());
    }

    fn live(&self, out: &mut Vec<f32>) {
        out.push(self.alpha.value().as_f64() as f32);
    }
}
