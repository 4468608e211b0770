//! Straight-through Gumbel: a hard gate forward, a soft one with the same noise backward (Jang, Gu & Poole 2016), with a
//! temperature for each way (Shah et al. 2024).

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real, sigmoid};
use ndarray::Zip;

use crate::estimator::annealing::{ANNEAL_EPOCHS, Annealing, TEMPERATURE, TEMPERATURE_END};
use crate::estimator::knobs::{self, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDistribution, GateDraw, Level, LiveNumber, Needs, Record,
    bernoulli, distribution, scratch,
};
use crate::schema::{Range, Setting, Value};

const FORWARD_TEMPERATURE: Setting = Setting {
    name: "forward-temperature",
    label: "Temperature, forward",
    help: "The logit is divided by it before the gate is drawn: below 1 the probability is nearer to 0 or 1 than σ(a).",
    symbol: "τf",
    range: Range::Number { min: 0.05, max: 10.0, slider: (0.25, 4.0), log: true, whole: false },
    live: true,
};

/// Hard forward, soft backward, same noise.
pub(in crate::estimator) static ST_GUMBEL: Record = Record {
    id: "st-gumbel",
    name: "Straight-through, Gumbel",
    short: "ST Gumbel",
    family: Family::StraightThrough,
    level: Level::Essential,
    bias: Bias::Biased,
    needs: Needs::GateGradsOfAll,
    activation: Activation::Probability,
    forward: r"b = \mathbb{1}[\frac{a}{\tau_f} + \ell > 0], \quad \ell \sim \mathrm{Logistic}",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial b} \cdot \frac{s(1 - s)}{\tau}, \quad s = \sigma(\frac{a + \ell}{\tau})",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "The gradient is large where a + ℓ is near 0, that is, where the gate nearly took the other value. A small \
              temperature gives rare, large gradients; a large one gives little noise and more bias.",
    source: "Jang, Gu & Poole 2016; Maddison, Mnih & Teh 2016; two temperatures: Shah et al. 2024",
    knobs: &[TEMPERATURE, TEMPERATURE_END, ANNEAL_EPOCHS, FORWARD_TEMPERATURE],
    tuned: &[
        ("temperature", 1.0),
        ("temperature-end", 0.5),
        ("anneal-epochs", 0.0),
        ("forward-temperature", 1.0),
        ("gater-rate", 2.0),
        ("lambda", 0.2),
    ],
    live: &[SIGNAL, LiveNumber { symbol: "τ", meaning: "temperature now" }],
};

/// `b = 1[a/τ_f + ℓ > 0]`, back through `σ((a + ℓ)/τ)`.
pub(in crate::estimator) struct Gumbel<R> {
    backward: Annealing,
    forward: f64,
    soft: Matrix<R>,
}

impl<R: Real> Gumbel<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self { backward: Annealing::constant(1.0), forward: 1.0, soft: Matrix::default() }
    }
}

impl<R: Real> Estimator<R> for Gumbel<R> {
    fn record(&self) -> &'static Record {
        &ST_GUMBEL
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.backward.configure(knobs, &TEMPERATURE, &TEMPERATURE_END);
        self.forward = knobs::number(knobs, &FORWARD_TEMPERATURE, self.forward);
    }

    fn advance(&mut self, epoch: f64) {
        self.backward.advance(epoch);
    }

    fn draw(&mut self, logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
        bernoulli::logistic(noise, draw);
        let forward = R::from_f64(self.forward);
        scratch::sigmoid_into(&mut draw.probability, logits, |a| a / forward);
        Zip::from(&mut draw.gates).and(&draw.noise).and(logits).for_each(|b, &n, &a| {
            *b = if a / forward + n > R::zero() { R::one() } else { R::zero() };
        });
    }

    fn logit_gradient(
        &mut self,
        logits: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        context.gate_grads_of_all(out);
        let temperature = R::from_f64(self.backward.value());
        scratch::relaxed_sigmoid_into(&mut self.soft, logits, &draw.noise, temperature);
        Zip::from(out).and(&self.soft).for_each(|out, &s| *out *= s * (R::one() - s) / temperature);
    }

    fn activation(&self, _: &Matrix<R>, draw: &GateDraw<R>, value: &mut Matrix<R>, grad: &mut Matrix<R>) {
        bernoulli::activation(draw, value, grad);
        let forward = R::from_f64(self.forward);
        grad.iter_mut().for_each(|s| *s /= forward);
    }

    fn open_probability(&self, logit: R) -> R {
        sigmoid(logit / R::from_f64(self.forward))
    }

    fn distribution(&self, logit: f64) -> GateDistribution {
        let x = logit / self.forward;
        distribution::two_point(sigmoid(x), sigmoid::<f64>(x) * sigmoid::<f64>(-x) / self.forward)
    }

    fn live(&self, out: &mut Vec<f32>) {
        out.push(self.backward.value() as f32);
    }
}
