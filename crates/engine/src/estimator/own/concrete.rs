//! Binary Concrete gates: a sigmoid of the noisy logit, ever steeper, so that the gate may be followed by backpropagation and
//! still ends up nearly hard (Maddison, Mnih & Teh 2016; Jang, Gu & Poole 2016).

use gatelab_kernels::Matrix;
use std::collections::BTreeMap;

use ndarray::Zip;

use crate::estimator::anneal::{ANNEAL_EPOCHS, Schedule, TEMPERATURE, TEMPERATURE_END};
use crate::estimator::bernoulli;
use crate::estimator::knobs::SIGNAL;
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDraw, Law, Level, LiveNumber, Needs, Record, law, room,
};
use crate::schema::Value;
use gatelab_kernels::{RandomSource, Real, sigmoid};

/// Soft in training, hard at test time.
pub(in crate::estimator) static CONCRETE: Record = Record {
    id: "concrete",
    name: "Concrete",
    short: "Concrete",
    family: Family::OwnObjective,
    level: Level::Essential,
    bias: Bias::UnbiasedForOwnObjective,
    needs: Needs::SlopesOfActive,
    activation: Activation::Probability,
    forward: r"g = \sigma(\frac{a + \ell}{\tau}), \quad \ell \sim \mathrm{Logistic}",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial g} \cdot \frac{g(1 - g)}{\tau}",
    test_time: r"\mathbb{1}[a > \theta]",
    summary: "A soft coin: its gradient is exact for the soft network. Nothing is skipped in training, and the test, with hard \
              gates, is on a network that was never trained: the smaller the temperature, the nearer the two and the noisier \
              the gradient.",
    source: "Maddison, Mnih & Teh 2016; Jang, Gu & Poole 2016",
    knobs: &[TEMPERATURE, TEMPERATURE_END, ANNEAL_EPOCHS],
    tuned: &[
        ("temperature", 2.0 / 3.0),
        ("temperature-end", 0.3),
        ("anneal-epochs", 5.0),
        ("gater-rate", 2.0),
        ("lambda", 0.2),
    ],
    live: &[SIGNAL, LiveNumber { symbol: "τ", meaning: "temperature now" }],
};

/// `σ((a + ℓ)/τ)`.
pub(in crate::estimator) struct Concrete {
    temperature: Schedule,
}

impl Concrete {
    pub(in crate::estimator) fn new() -> Self {
        Self { temperature: Schedule::constant(2.0 / 3.0) }
    }
}

impl<R: Real> Estimator<R> for Concrete {
    fn record(&self) -> &'static Record {
        &CONCRETE
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.temperature.configure(knobs, &TEMPERATURE, &TEMPERATURE_END);
    }

    fn advance(&mut self, epoch: f64) {
        self.temperature.advance(epoch);
    }

    fn draw(&mut self, logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
        bernoulli::logistic(noise, draw);
        let temperature = R::from_f64(self.temperature.now());
        room::sigmoid_of(&mut draw.probability, logits, |a| a);
        room::relaxed(&mut draw.gates, logits, &draw.noise, temperature);
    }

    fn logit_gradient(
        &mut self,
        _: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        context.slopes_of_active(out);
        let temperature = R::from_f64(self.temperature.now());
        Zip::from(out).and(&draw.gates).for_each(|out, &g| *out *= g * (R::one() - g) / temperature);
    }

    /// A soft gate is never closed, but held is the rate at which it is nearer to open: `P(a + ℓ > 0) = σ(a)`, the rate of
    /// the coins that stand in for it at test time.
    fn activation(&self, _: &Matrix<R>, draw: &GateDraw<R>, value: &mut Matrix<R>, slope: &mut Matrix<R>) {
        bernoulli::activation(draw, value, slope);
    }

    fn open_probability(&self, _: R) -> R {
        R::one()
    }

    fn law(&self, logit: f64) -> Law {
        let temperature = self.temperature.now();
        law::tempered(logit, temperature, &[], |z| sigmoid(z / temperature))
    }

    fn live(&self, out: &mut Vec<f32>) {
        out.push(self.temperature.now() as f32);
    }
}
