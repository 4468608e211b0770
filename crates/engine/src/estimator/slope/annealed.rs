//! Slope annealing: coins from a sigmoid that gets steeper while the network learns, so that the straight-through slope fits
//! ever better what the gate does (Chung, Ahn & Bengio 2016).

use gatelab_kernels::Matrix;
use std::collections::BTreeMap;

use ndarray::Zip;

use crate::estimator::anneal::{ANNEAL_EPOCHS, SLOPE, SLOPE_END, Schedule};
use crate::estimator::bernoulli;
use crate::estimator::knobs::SIGNAL;
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDraw, Law, Level, LiveNumber, Needs, Record, law, room,
};
use crate::schema::Value;
use gatelab_kernels::{RandomSource, Real, sigmoid};

/// `σ(s·a)` with a rising `s`.
pub(in crate::estimator) static ST_SLOPE: Record = Record {
    id: "st-slope",
    name: "Straight-through, slope annealed",
    short: "ST slope",
    family: Family::Slope,
    level: Level::Advanced,
    bias: Bias::Biased,
    needs: Needs::SlopesOfAll,
    activation: Activation::Probability,
    forward: r"b \sim \mathrm{Bernoulli}(p), \quad p = \sigma(s a)",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial b} \cdot s p (1 - p)",
    test_time: r"\mathbb{1}[a > \theta]",
    summary: "Starts with soft coins and makes them surer on a schedule: at the end the gate is nearly a step, and chance has \
              left the network.",
    source: "Chung, Ahn & Bengio 2016, “Hierarchical Multiscale Recurrent Neural Networks”",
    knobs: &[SLOPE, SLOPE_END, ANNEAL_EPOCHS],
    tuned: &[("slope", 1.0), ("slope-end", 5.0), ("anneal-epochs", 10.0), ("gater-rate", 2.0), ("lambda", 0.2)],
    live: &[SIGNAL, LiveNumber { symbol: "s", meaning: "slope now" }],
};

/// `b ~ Bernoulli(σ(s·a))`.
pub(in crate::estimator) struct Annealed {
    slope: Schedule,
}

impl Annealed {
    pub(in crate::estimator) fn new() -> Self {
        Self { slope: Schedule::constant(1.0) }
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
        let slope = R::from_f64(self.slope.now());
        room::sigmoid_of(&mut draw.probability, logits, |a| slope * a);
        bernoulli::toss(noise, draw);
    }

    fn logit_gradient(
        &mut self,
        _: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        context.slopes_of_all(out);
        let slope = R::from_f64(self.slope.now());
        Zip::from(out).and(&draw.probability).for_each(|out, &p| *out *= slope * p * (R::one() - p));
    }

    fn activation(&self, _: &Matrix<R>, draw: &GateDraw<R>, value: &mut Matrix<R>, slope: &mut Matrix<R>) {
        bernoulli::activation(draw, value, slope);
        let steepness = R::from_f64(self.slope.now());
        slope.iter_mut().for_each(|s| *s *= steepness);
    }

    fn open_probability(&self, logit: R) -> R {
        sigmoid(R::from_f64(self.slope.now()) * logit)
    }

    fn law(&self, logit: f64) -> Law {
        let slope = self.slope.now();
        let x = slope * logit;
        law::coin(sigmoid(x), slope * sigmoid::<f64>(x) * sigmoid::<f64>(-x))
    }

    fn live(&self, out: &mut Vec<f32>) {
        out.push(self.slope.now() as f32);
    }
}
