//! Double control variates: leave-one-out REINFORCE, improved once more by straight lines through the other draws.

use gatelab_kernels::Matrix;
use std::collections::BTreeMap;

use ndarray::Zip;

use super::coefficient::Coefficient;
use crate::estimator::knobs::{self, SAMPLES, SIGNAL};
use crate::estimator::value::draws::Draws;
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, LiveNumber, Needs, Record, StateTensor, room,
};
use crate::schema::Value;
use gatelab_kernels::{RandomSource, Real, dot};

/// Double control variates.
pub(in crate::estimator) static DOUBLE_CV: Record = Record {
    id: "double-cv",
    name: "Double control variates",
    short: "Double CV",
    family: Family::Both,
    level: Level::Advanced,
    bias: Bias::Unbiased,
    needs: Needs::SlopesElsewhere,
    activation: Activation::Probability,
    forward: r"b_1, \ldots, b_K \sim \mathrm{Bernoulli}(\sigma(a)), \quad b = b_1",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{1}{K - 1} \sum_k (b_k - p)(y_k - \bar y) - \frac{\alpha}{K}\,p(1 - p) \sum_k L'(b_k), \quad y_k = L_k + \alpha\,(b_k - p) \cdot \frac{1}{K - 1} \sum_{j \neq k} L'(b_j)",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "Several draws, each other's baseline, and on top of it each draw's slopes predict what the others will lose. \
              How far to trust the slopes is learned; unbiased for any trust.",
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
    slopes: Vec<Matrix<R>>,
    total: Matrix<R>,
    /// What the other draws' slopes predict for each draw, K lists of length B.
    predictions: Vec<Vec<R>>,
    variate: Matrix<R>,
}

impl<R: Real> DoubleCv<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self {
            samples: 2,
            draws: Draws::default(),
            alpha: Coefficient::new(),
            slopes: Vec::new(),
            total: Matrix::zeros((0, 0)),
            predictions: Vec::new(),
            variate: Matrix::zeros((0, 0)),
        }
    }

    /// Losses and slopes at every draw.
    fn ask(&mut self, context: &mut dyn GateContext<R>) {
        context.losses(&mut self.draws.losses[0]);
        let (first, others) = self.slopes.split_at_mut(1);
        context.slopes_of_all(&mut first[0]);
        for ((gates, losses), slopes) in self.draws.further().zip(others) {
            context.slopes_at(gates, losses, slopes);
        }
        self.total.fill(R::zero());
        for slopes in &self.slopes {
            self.total.iter_mut().zip(slopes).for_each(|(total, &slope)| *total += slope);
        }
    }

    /// `x_k = (b_k − p)·mean_{j≠k} L′(b_j)` for every draw.
    fn predict(&mut self, draw: &GateDraw<R>) {
        let others = R::from_f64((self.samples - 1) as f64);
        for (k, (predictions, slopes)) in self.predictions.iter_mut().zip(&self.slopes).enumerate() {
            let gates = self.draws.gates(k, draw);
            let slopes = room::rows(&self.total).zip(room::rows(slopes));
            let coins = room::rows(gates).zip(room::rows(&draw.probability));
            for (prediction, ((total, own), (gates, p))) in predictions.iter_mut().zip(slopes.zip(coins)) {
                // ⟨b − p, total − own⟩, in sums that need no room for the differences.
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
        room::fit_all(&mut self.slopes, self.samples, logits.dim());
        room::fit_lists(&mut self.predictions, self.samples, logits.nrows());
        room::fit(&mut self.total, logits.dim());
        room::fit(&mut self.variate, logits.dim());
        self.ask(context);
        self.predict(draw);
        let losses = std::mem::take(&mut self.draws.losses);
        self.draws.contrast(&losses, draw, out);
        self.draws.losses = losses;
        self.draws.contrast(&self.predictions, draw, &mut self.variate);
        let samples = R::from_f64(self.samples as f64);
        Zip::from(&mut self.variate).and(&self.total).and(&draw.probability).for_each(|variate, &total, &p| {
            *variate -= p * (R::one() - p) * total / samples;
        });
        let alpha = self.alpha.now();
        self.alpha.learn(out, &self.variate);
        out.iter_mut().zip(&self.variate).for_each(|(out, &variate)| *out += alpha * variate);
    }

    fn visit_state<'a>(&'a self, visit: &mut dyn FnMut(StateTensor<'a, R>)) {
        visit(StateTensor::vector("alpha", self.alpha.state()));
    }

    fn visit_state_mut(&mut self, visit: &mut dyn FnMut(&mut [R])) {
        visit(self.alpha.state_mut());
    }

    fn live(&self, out: &mut Vec<f32>) {
        out.push(self.alpha.now().as_f64() as f32);
    }
}
