//! Binary Concrete gates: a sigmoid of the noisy logit that gets steeper during training, so that the gate is differentiable
//! and nearly hard in the end (Maddison, Mnih & Teh 2016; Jang, Gu & Poole 2016).

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real, sigmoid};
use ndarray::Zip;

use crate::estimator::annealing::{ANNEAL_EPOCHS, Annealing, TEMPERATURE, TEMPERATURE_END};
use crate::estimator::knobs::SIGNAL;
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDistribution, GateDraw, Level, LiveNumber, Needs, Record,
    bernoulli, distribution, scratch,
};
use crate::schema::Value;

/// Soft in training, hard at test time.
pub(in crate::estimator) static CONCRETE: Record = Record {
    id: "concrete",
    name: "Concrete",
    short: "Concrete",
    family: Family::Pathwise,
    level: Level::Essential,
    bias: Bias::UnbiasedForOwnObjective,
    needs: Needs::GateGradsOfActive,
    activation: Activation::Probability,
    forward: r"g = \sigma(\frac{a + \ell}{\tau}), \quad \ell \sim \mathrm{Logistic}",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial g} \cdot \frac{g(1 - g)}{\tau}",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "A soft Bernoulli gate, whose gradient is exact for the soft network. Nothing is skipped in training, and hard gates \
              are used at test time. The smaller the temperature, the nearer soft and hard gates are, and the noisier the \
              gradient.",
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
    temperature: Annealing,
}

impl Concrete {
    pub(in crate::estimator) fn new() -> Self {
        Self { temperature: Annealing::constant(2.0 / 3.0) }
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
        let temperature = R::from_f64(self.temperature.value());
        scratch::sigmoid_into(&mut draw.probability, logits, |a| a);
        scratch::relaxed_sigmoid_into(&mut draw.gates, logits, &draw.noise, temperature);
    }

    fn logit_gradient(
        &mut self,
        _: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        context.gate_grads_of_active(out);
        let temperature = R::from_f64(self.temperature.value());
        Zip::from(out).and(&draw.gates).for_each(|out, &g| *out *= g * (R::one() - g) / temperature);
    }

    /// A soft gate is never closed. The sparsity control holds `P(a + ℓ > 0) = σ(a)`, the probability that `g > ½`.
    fn activation(&self, _: &Matrix<R>, draw: &GateDraw<R>, value: &mut Matrix<R>, grad: &mut Matrix<R>) {
        bernoulli::activation(draw, value, grad);
    }

    fn open_probability(&self, _: R) -> R {
        R::one()
    }

    fn distribution(&self, logit: f64) -> GateDistribution {
        let temperature = self.temperature.value();
        distribution::tempered(logit, temperature, &[], |z| sigmoid(z / temperature))
    }

    fn live(&self, out: &mut Vec<f32>) {
        out.push(self.temperature.value() as f32);
    }
}
