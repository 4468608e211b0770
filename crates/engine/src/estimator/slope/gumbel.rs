//! Straight-through Gumbel: a hard gate forward, a soft one with the same noise backward (Jang, Gu & Poole 2016), with a
//! temperature for each way (Shah et al. 2024).

use gatelab_kernels::Matrix;
use std::collections::BTreeMap;

use ndarray::Zip;

use crate::estimator::anneal::{ANNEAL_EPOCHS, Schedule, TEMPERATURE, TEMPERATURE_END};
use crate::estimator::bernoulli;
use crate::estimator::knobs::{self, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDraw, Law, Level, LiveNumber, Needs, Record, law, room,
};
use crate::schema::Value;
use crate::schema::{Range, Setting};
use gatelab_kernels::{RandomSource, Real, sigmoid};

const FORWARD_TEMPERATURE: Setting = Setting {
    name: "forward-temperature",
    label: "Temperature, forward",
    help: "The logit is divided by it before the coin is thrown: below 1 gates are surer than their logits say.",
    symbol: "τf",
    range: Range::Number { min: 0.05, max: 10.0, slider: (0.25, 4.0), log: true, whole: false },
    live: true,
};

/// Hard forward, soft backward, same noise.
pub(in crate::estimator) static ST_GUMBEL: Record = Record {
    id: "st-gumbel",
    name: "Straight-through, Gumbel",
    short: "ST Gumbel",
    family: Family::Slope,
    level: Level::Essential,
    bias: Bias::Biased,
    needs: Needs::SlopesOfAll,
    activation: Activation::Probability,
    forward: r"b = \mathbb{1}[\frac{a}{\tau_f} + \ell > 0], \quad \ell \sim \mathrm{Logistic}",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial b} \cdot \frac{s(1 - s)}{\tau}, \quad s = \sigma(\frac{a + \ell}{\tau})",
    test_time: r"\mathbb{1}[a > \theta]",
    summary: "The backward pass knows how close the coin was: only gates that nearly fell the other way learn. A small \
              temperature gives rare and large gradients, a large one quiet and wrong ones.",
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
    backward: Schedule,
    forward: f64,
    soft: Matrix<R>,
}

impl<R: Real> Gumbel<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self { backward: Schedule::constant(1.0), forward: 1.0, soft: Matrix::default() }
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
        room::sigmoid_of(&mut draw.probability, logits, |a| a / forward);
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
        context.slopes_of_all(out);
        let temperature = R::from_f64(self.backward.now());
        room::relaxed(&mut self.soft, logits, &draw.noise, temperature);
        Zip::from(out).and(&self.soft).for_each(|out, &s| *out *= s * (R::one() - s) / temperature);
    }

    fn activation(&self, _: &Matrix<R>, draw: &GateDraw<R>, value: &mut Matrix<R>, slope: &mut Matrix<R>) {
        bernoulli::activation(draw, value, slope);
        let forward = R::from_f64(self.forward);
        slope.iter_mut().for_each(|s| *s /= forward);
    }

    fn open_probability(&self, logit: R) -> R {
        sigmoid(logit / R::from_f64(self.forward))
    }

    fn law(&self, logit: f64) -> Law {
        let x = logit / self.forward;
        law::coin(sigmoid(x), sigmoid::<f64>(x) * sigmoid::<f64>(-x) / self.forward)
    }

    fn live(&self, out: &mut Vec<f32>) {
        out.push(self.backward.now() as f32);
    }
}
