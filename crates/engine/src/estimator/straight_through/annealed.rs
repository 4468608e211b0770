//! Slope annealing: Bernoulli gates whose sigmoid gets steeper during training, so that the straight-through gradient
//! approximates the gate ever better (Chung, Ahn & Bengio 2016).

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real, sigmoid};
use ndarray::Zip;

use crate::estimator::annealing::{ANNEAL_EPOCHS, Annealing, SLOPE, SLOPE_END};
use crate::estimator::knobs::SIGNAL;
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDistribution, GateDraw, Level, LiveNumber, Needs, Record,
    bernoulli, distribution, scratch,
};
use crate::schema::Value;

/// `σ(s·a)` with a rising `s`.
pub(in crate::estimator) static ST_SLOPE: Record = Record {
    id: "st-slope",
    name: "Straight-through, slope annealed",
    short: "ST slope",
    family: Family::StraightThrough,
    level: Level::Advanced,
    bias: Bias::Biased,
    needs: Needs::GateGradsOfAll,
    activation: Activation::Probability,
    forward: r"b \sim \mathrm{Bernoulli}(p), \quad p = \sigma(s a)",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial b} \cdot s p (1 - p)",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "The factor s before the sigmoid grows on a schedule. At the end the probability is nearly a step function of the \
              logit, so that little randomness is left.",
    source: "Chung, Ahn & Bengio 2016, “Hierarchical Multiscale Recurrent Neural Networks”",
    knobs: &[SLOPE, SLOPE_END, ANNEAL_EPOCHS],
    tuned: &[("slope", 1.0), ("slope-end", 5.0), ("anneal-epochs", 10.0), ("gater-rate", 2.0), ("lambda", 0.2)],
    live: &[SIGNAL, LiveNumber { symbol: "s", meaning: "slope now" }],
};

/// `b ~ Bernoulli(σ(s·a))`.
pub(in crate::estimator) struct Annealed {
    slope: Annealing,
}

impl Annealed {
    pub(in crate::estimator) fn new() -> Self {
        Self { slope: Annealing::constant(1.0) }
    }
}

impl<R: Real> Estimator<R> for Annealed {
    fn record(&self) -> &'static Record {
        &ST_SLOPE
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.slope.configure(knobs, &SLOPE, &SLOPE_END);
    }

    fn advance(&mut self, epoch: f64) {
        self.slope.advance(epoch);
    }

    fn draw(&mut self, logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
        let slope = R::from_f64(self.slope.value());
        scratch::sigmoid_into(&mut draw.probability, logits, |a| slope * a);
        bernoulli::sample(noise, draw);
    }

    fn logit_gradient(
        &mut self,
        _: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        context.gate_grads_of_all(out);
        let slope = R::from_f64(self.slope.value());
        Zip::from(out).and(&draw.probability).for_each(|out, &p| *out *= slope * p * (R::one() - p));
    }

    fn activation(&self, _: &Matrix<R>, draw: &GateDraw<R>, value: &mut Matrix<R>, grad: &mut Matrix<R>) {
        bernoulli::activation(draw, value, grad);
        let slope = R::from_f64(self.slope.value());
        grad.iter_mut().for_each(|grad| *grad *= slope);
    }

    fn open_probability(&self, logit: R) -> R {
        sigmoid(R::from_f64(self.slope.value()) * logit)
    }

    fn distribution(&self, logit: f64) -> GateDistribution {
        let slope = self.slope.value();
        let x = slope * logit;
        distribution::two_point(sigmoid(x), slope * sigmoid::<f64>(x) * sigmoid::<f64>(-x))
    }

    fn live(&self, out: &mut Vec<f32>) {
        out.push(self.slope.value() as f32);
    }
}
