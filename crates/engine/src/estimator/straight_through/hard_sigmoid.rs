//! Straight-through with a hard sigmoid: the probability is a clipped line, and logits beyond its ends get no gradient
//! (Courbariaux et al. 2016; Chung, Ahn & Bengio 2016).

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real};
use ndarray::Zip;

use crate::estimator::bernoulli::{self, clip};
use crate::estimator::knobs::{self, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDistribution, GateDraw, Level, Needs, Record, distribution,
};
use crate::schema::{Range, Setting, Value};

const WINDOW_SLOPE: Setting = Setting {
    name: "window-slope",
    label: "Slope of the window",
    help: "The probability rises by this much per unit of the logit; the window in which gates learn has the width 1/k.",
    symbol: "k",
    range: Range::Number { min: 0.02, max: 2.0, slider: (0.05, 1.0), log: true, whole: false },
    live: true,
};

/// `p = clip(k·a + ½)`.
pub(in crate::estimator) static ST_HARD_SIGMOID: Record = Record {
    id: "st-hard-sigmoid",
    name: "Straight-through, hard sigmoid",
    short: "ST hard σ",
    family: Family::StraightThrough,
    level: Level::Advanced,
    bias: Bias::Biased,
    needs: Needs::GateGradsOfAll,
    activation: Activation::Probability,
    forward: r"b \sim \mathrm{Bernoulli}(p), \quad p = \min(1, \max(0, k a + \tfrac12))",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial b} \cdot k \cdot \mathbb{1}[0 < p < 1]",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "The probability is a clipped line. Inside its window every gate has the same slope k; outside the gradient is 0, \
              that of the sparsity control included, so a gate that has left the window stays where it is.",
    source: "Courbariaux et al. 2016 (BinaryNet, hard sigmoid); Chung, Ahn & Bengio 2016",
    knobs: &[WINDOW_SLOPE],
    // The bias starts at the logit of this rate: −2 = −0.4/k, where p is 0.1.
    tuned: &[("window-slope", 0.2), ("start-rate", 0.119_202_922_022_117_56), ("gater-rate", 1.0), ("lambda", 0.2)],
    live: &[SIGNAL],
};

/// `b ~ Bernoulli(clip(k·a + ½))`.
pub(in crate::estimator) struct HardSigmoid {
    window: f64,
}

impl HardSigmoid {
    pub(in crate::estimator) fn new() -> Self {
        Self { window: 0.2 }
    }

    fn probability<R: Real>(&self, a: R) -> R {
        clip(R::from_f64(self.window) * a + R::from_f64(0.5))
    }
}

/// `k` inside the window, where `0 < p < 1`, and 0 outside.
fn slope<R: Real>(k: R, p: R) -> R {
    if p > R::zero() && p < R::one() { k } else { R::zero() }
}

impl<R: Real> Estimator<R> for HardSigmoid {
    fn record(&self) -> &'static Record {
        &ST_HARD_SIGMOID
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.window = knobs::number(knobs, &WINDOW_SLOPE, self.window);
    }

    fn draw(&mut self, logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
        Zip::from(&mut draw.probability).and(logits).for_each(|p, &a| *p = self.probability(a));
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
        let k = R::from_f64(self.window);
        Zip::from(out).and(&draw.probability).for_each(|out, &p| *out *= slope(k, p));
    }

    fn activation(&self, _: &Matrix<R>, draw: &GateDraw<R>, value: &mut Matrix<R>, grad: &mut Matrix<R>) {
        let k = R::from_f64(self.window);
        Zip::from(value).and(grad).and(&draw.probability).for_each(|value, out, &p| {
            *value = p;
            *out = slope(k, p);
        });
    }

    fn open_probability(&self, logit: R) -> R {
        self.probability(logit)
    }

    fn distribution(&self, logit: f64) -> GateDistribution {
        let p = self.probability(logit);
        distribution::two_point(p, slope(self.window, p))
    }
}
