//! Rectifier gates: `g = max(0, a + n)` with noise in training (paper, Proposition 1), and without (the baseline).

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real, normal_cdf, sigmoid};
use ndarray::Zip;

use crate::estimator::bernoulli::rectified;
use crate::estimator::knobs::{self, NOISE, NOISE_KIND, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDistribution, GateDraw, Level, Needs, Record, SupportPoint,
    distribution,
};
use crate::schema::Value;

/// A rectified logit with noise.
pub(in crate::estimator) static NOISY_RECTIFIER: Record = Record {
    id: "noisy-rectifier",
    name: "Noisy rectifier",
    short: "Noisy rectifier",
    family: Family::Pathwise,
    level: Level::Essential,
    bias: Bias::UnbiasedForOwnObjective,
    needs: Needs::GateGradsOfActive,
    activation: Activation::Value,
    forward: r"h = \max(0, a + n), \quad n \sim \mathcal{N}(0, \sigma^2) \text{ or logistic}",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial h} \cdot \mathbb{1}[a + n > 0]",
    test_time: r"\max(0, a)",
    summary: "The gate is a rectifier with noise instead of a random bit. Backpropagation is exact for this network, and the \
              gradient of a closed gate is exactly 0.",
    source: "Bengio, Léonard & Courville 2013, Proposition 1",
    knobs: &[NOISE, NOISE_KIND],
    tuned: &[("noise", 1.0), ("start-rate", 0.5), ("lambda", 1e-5)],
    live: &[SIGNAL],
};

/// The same without noise.
pub(in crate::estimator) static RECTIFIER: Record = Record {
    id: "rectifier",
    name: "Rectifier",
    short: "Rectifier",
    forward: r"h = \max(0, a)",
    backward: r"\frac{\partial L}{\partial a} = \frac{\partial L}{\partial h} \cdot \mathbb{1}[a > 0]",
    summary: "The same rectifier without noise: a baseline that shows the effect of the noise.",
    source: "Bengio, Léonard & Courville 2013, section 5, baseline",
    knobs: &[],
    tuned: &[("start-rate", 0.5), ("lambda", 1e-5)],
    ..NOISY_RECTIFIER
};

/// `max(0, a + n)`.
pub(in crate::estimator) struct Rectifier {
    noisy: bool,
    scale: f64,
    logistic: bool,
}

impl Rectifier {
    pub(in crate::estimator) fn new(noisy: bool) -> Self {
        Self { noisy, scale: if noisy { 1.0 } else { 0.0 }, logistic: false }
    }
}

impl<R: Real> Estimator<R> for Rectifier {
    fn record(&self) -> &'static Record {
        if self.noisy { &NOISY_RECTIFIER } else { &RECTIFIER }
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        if self.noisy {
            self.scale = knobs::number(knobs, &NOISE, 1.0);
            self.logistic = knobs::is(knobs, &NOISE_KIND, "logistic");
        }
    }

    fn draw(&mut self, logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
        let n = draw.noise.values_mut();
        match (self.scale > 0.0, self.logistic) {
            (true, true) => {
                noise.uniform(n);
                R::logit_inplace(n);
            }
            (true, false) => noise.normal(n),
            (false, _) => n.fill(R::zero()),
        }
        let scale = R::from_f64(self.scale);
        Zip::from(&mut draw.gates).and(logits).and(&draw.noise).for_each(|h, &a, &n| *h = rectified(a + scale * n));
    }

    fn logit_gradient(
        &mut self,
        _: &Matrix<R>,
        _: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        // Slopes are zero where the gate is closed: exactly the indicator.
        context.gate_grads_of_active(out);
    }

    fn activation(&self, _: &Matrix<R>, draw: &GateDraw<R>, value: &mut Matrix<R>, grad: &mut Matrix<R>) {
        Zip::from(value).and(grad).and(&draw.gates).for_each(|value, grad, &h| {
            *value = h;
            *grad = if h > R::zero() { R::one() } else { R::zero() };
        });
    }

    fn open_probability(&self, a: R) -> R {
        match (self.scale > 0.0, self.logistic) {
            (true, true) => sigmoid(a / R::from_f64(self.scale)),
            (true, false) => R::from_f64(normal_cdf(a.as_f64() / self.scale)),
            (false, _) => {
                if a > R::zero() {
                    R::one()
                } else {
                    R::zero()
                }
            }
        }
    }

    fn distribution(&self, a: f64) -> GateDistribution {
        let gate = |z: f64| z.max(0.0);
        match (self.scale > 0.0, self.logistic) {
            (true, true) => distribution::logistic(a, self.scale, &[0.0], gate),
            (true, false) => distribution::normal(a, self.scale, &[0.0], gate),
            (false, _) => {
                let slope = if a > 0.0 { 1.0 } else { 0.0 };
                vec![SupportPoint { value: gate(a), weight: 1.0, value_grad: slope, weight_grad: 0.0 }]
            }
        }
    }

    fn thresholded(&self) -> bool {
        false
    }

    fn test_gates(&self, logits: &Matrix<R>, _: R, out: &mut Matrix<R>) {
        Zip::from(out).and(logits).for_each(|h, &a| *h = rectified(a));
    }
}
