//! Sigmoid gates, never closed: the smooth baselines, without and with noise on the logit.

use gatelab_kernels::Matrix;
use std::collections::BTreeMap;

use ndarray::Zip;

use crate::estimator::knobs::{self, NOISE, SIGNAL};
use crate::estimator::{
    Activation, Atom, Bias, Estimator, Family, GateContext, GateDraw, Law, Level, Needs, Record, law, room,
};
use crate::schema::Value;
use gatelab_kernels::{RandomSource, Real, sigmoid};

/// No randomness, nothing closed.
pub(in crate::estimator) static SIGMOID: Record = Record {
    id: "sigmoid",
    name: "Sigmoid",
    short: "Sigmoid",
    family: Family::OwnObjective,
    level: Level::Essential,
    bias: Bias::UnbiasedForOwnObjective,
    needs: Needs::SlopesOfActive,
    activation: Activation::Probability,
    forward: r"h = \sigma(a)",
    backward: r"\frac{\partial L}{\partial a} = \frac{\partial L}{\partial h} \cdot h\,(1 - h)",
    test_time: r"\sigma(a)",
    summary: "Every gate is a little open, so backpropagation just works, and nothing is ever skipped: what hard gates have to \
              measure up to.",
    source: "Bengio, Léonard & Courville 2013, section 5, baseline",
    knobs: &[],
    tuned: &[("lambda", 0.0), ("start-rate", 0.5)],
    live: &[SIGNAL],
};

/// RandomSource before the sigmoid.
pub(in crate::estimator) static SIGMOID_NOISE: Record = Record {
    id: "sigmoid-noise",
    name: "Sigmoid + noise",
    short: "Sigmoid + noise",
    forward: r"h = \sigma(a + n), \quad n \sim \mathcal{N}(0, \sigma^2)",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial h} \cdot h\,(1 - h)",
    summary: "RandomSource on the logit pushes the sigmoid towards its ends: still smooth, still everything runs.",
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
        R::sigmoid_inplace(room::flat(&mut draw.gates));
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
        context.slopes_of_active(out);
        Zip::from(out).and(&draw.gates).for_each(|out, &h| *out *= h * (R::one() - h));
    }

    fn activation(&self, _: &Matrix<R>, draw: &GateDraw<R>, value: &mut Matrix<R>, slope: &mut Matrix<R>) {
        Zip::from(value).and(slope).and(&draw.gates).for_each(|value, slope, &h| {
            *value = h;
            *slope = h * (R::one() - h);
        });
    }

    fn open_probability(&self, _: R) -> R {
        R::one()
    }

    fn law(&self, a: f64) -> Law {
        if self.scale > 0.0 {
            return law::normal(a, self.scale, &[], sigmoid::<f64>);
        }
        let h: f64 = sigmoid(a);
        vec![Atom { value: h, weight: 1.0, value_slope: h * (1.0 - h), weight_slope: 0.0 }]
    }

    fn thresholded(&self) -> bool {
        false
    }

    fn test_gates(&self, logits: &Matrix<R>, _: R, out: &mut Matrix<R>) {
        out.assign(logits);
        R::sigmoid_inplace(room::flat(out));
    }
}
