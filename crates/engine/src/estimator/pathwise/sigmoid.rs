//! Sigmoid gates, never closed: the smooth baselines, without and with noise on the logit.

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real, sigmoid};
use ndarray::Zip;

use crate::estimator::knobs::{self, NOISE, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDistribution, GateDraw, Level, Needs, Record, SupportPoint,
    distribution,
};
use crate::schema::Value;

/// No randomness; no gate is closed.
pub(in crate::estimator) static SIGMOID: Record = Record {
    id: "sigmoid",
    name: "Sigmoid",
    short: "Sigmoid",
    family: Family::Pathwise,
    level: Level::Essential,
    bias: Bias::UnbiasedForOwnObjective,
    needs: Needs::GateGradsOfActive,
    activation: Activation::Probability,
    forward: r"h = \sigma(a)",
    backward: r"\frac{\partial L}{\partial a} = \frac{\partial L}{\partial h} \cdot h\,(1 - h)",
    test_time: r"\sigma(a)",
    summary: "Every gate is partly open, so ordinary backpropagation is exact and no expert is skipped: the dense reference for \
              hard gates.",
    source: "Bengio, Léonard & Courville 2013, section 5, baseline",
    knobs: &[],
    tuned: &[("lambda", 0.0), ("start-rate", 0.5)],
    live: &[SIGNAL],
};

/// With noise before the sigmoid.
pub(in crate::estimator) static SIGMOID_NOISE: Record = Record {
    id: "sigmoid-noise",
    name: "Sigmoid + noise",
    short: "Sigmoid + noise",
    forward: r"h = \sigma(a + n), \quad n \sim \mathcal{N}(0, \sigma^2)",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial h} \cdot h\,(1 - h)",
    summary: "Noise on the logit drives the gates towards 0 or 1. Backpropagation stays exact, and every expert runs.",
    knobs: &[NOISE],
    tuned: &[("lambda", 0.0), ("start-rate", 0.5), ("noise", 1.0)],
    ..SIGMOID
};

/// `σ(a + n)`.
pub(in crate::estimator) struct Sigmoid {
    noisy: bool,
    scale: f64,
}

impl Sigmoid {
    pub(in crate::estimator) fn new(noisy: bool) -> Self {
        Self { noisy, scale: if noisy { 1.0 } else { 0.0 } }
    }
}

impl<R: Real> Estimator<R> for Sigmoid {
    fn record(&self) -> &'static Record {
        if self.noisy { &SIGMOID_NOISE } else { &SIGMOID }
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        if self.noisy {
            self.scale = knobs::number(knobs, &NOISE, 1.0);
        }
    }

    fn draw(&mut self, logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
        let n = draw.noise.values_mut();
        if self.scale > 0.0 {
            noise.normal(n);
        } else {
            n.fill(R::zero());
        }
        let scale = R::from_f64(self.scale);
        Zip::from(&mut draw.gates).and(logits).and(&draw.noise).for_each(|h, &a, &n| *h = a + scale * n);
        R::sigmoid_inplace(draw.gates.values_mut());
        draw.probability.assign(&draw.gates);
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
        Zip::from(out).and(&draw.gates).for_each(|out, &h| *out *= h * (R::one() - h));
    }

    fn activation(&self, _: &Matrix<R>, draw: &GateDraw<R>, value: &mut Matrix<R>, grad: &mut Matrix<R>) {
        Zip::from(value).and(grad).and(&draw.gates).for_each(|value, grad, &h| {
            *value = h;
            *grad = h * (R::one() - h);
        });
    }

    fn open_probability(&self, _: R) -> R {
        R::one()
    }

    fn distribution(&self, a: f64) -> GateDistribution {
        if self.scale > 0.0 {
            return distribution::normal(a, self.scale, &[], sigmoid::<f64>);
        }
        let h: f64 = sigmoid(a);
        vec![SupportPoint { value: h, weight: 1.0, value_grad: h * (1.0 - h), weight_grad: 0.0 }]
    }

    fn thresholded(&self) -> bool {
        false
    }

    fn test_gates(&self, logits: &Matrix<R>, _: R, out: &mut Matrix<R>) {
        out.assign(logits);
        R::sigmoid_inplace(out.values_mut());
    }
}
