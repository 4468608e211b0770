//! ReinMax: the trapezoid rule, the mean of the gate gradients at both ends, `b = 0` and `b = 1`, estimated from a sample of
//! one end (Liu et al. 2023).

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real};
use ndarray::Zip;

use crate::estimator::knobs::{self, SIGNAL};
use crate::estimator::{Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, Needs, Record, scratch};
use crate::schema::{Range, Setting, Value};

/// Its own name, because below 1 the rule has no meaning while other temperatures live there.
const BACKWARD_TEMPERATURE: Setting = Setting {
    name: "backward-temperature",
    label: "Temperature, backward",
    help: "1 is the trapezoid rule; a little more can reduce the noise; it is then no longer exact for quadratic losses.",
    symbol: "τ",
    range: Range::Number { min: 1.0, max: 10.0, slider: (1.0, 2.0), log: false, whole: false },
    live: true,
};

/// Second order from one sample.
pub(in crate::estimator) static REINMAX: Record = Record {
    id: "reinmax",
    name: "ReinMax",
    short: "ReinMax",
    family: Family::StraightThrough,
    level: Level::Essential,
    bias: Bias::Biased,
    needs: Needs::GateGradsOfAll,
    activation: Activation::Probability,
    forward: r"b \sim \mathrm{Bernoulli}(\sigma(a))",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \tfrac12 \frac{\partial L}{\partial b} |b - p|",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "Weighs the slope by ½|b − p|, so that on average both ends, b = 0 and b = 1, count ½ whatever p is. Exact on \
              average for every quadratic loss, and noisier than straight-through when gates are sparse.",
    source: "Liu, Dong, Liu, Yu & Gao 2023, “Bridging Discrete and Backpropagation”, for two outcomes",
    knobs: &[BACKWARD_TEMPERATURE],
    tuned: &[("backward-temperature", 1.0), ("gater-rate", 2.0), ("lambda", 0.2)],
    live: &[SIGNAL],
};

/// `f'·(2π(1−π) − ½pq)` with `π = (b + σ(a/τ))/2`; at τ = 1 that is `½f'|b−p|`.
pub(in crate::estimator) struct ReinMax<R> {
    temperature: f64,
    tempered: Matrix<R>,
}

impl<R: Real> ReinMax<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self { temperature: 1.0, tempered: Matrix::default() }
    }
}

impl<R: Real> Estimator<R> for ReinMax<R> {
    fn record(&self) -> &'static Record {
        &REINMAX
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.temperature = knobs::number(knobs, &BACKWARD_TEMPERATURE, 1.0);
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
        let half = R::from_f64(0.5);
        if self.temperature > 1.0 {
            let temperature = R::from_f64(self.temperature);
            scratch::sigmoid_into(&mut self.tempered, logits, |a| a / temperature);
            Zip::from(out).and(&draw.gates).and(&draw.probability).and(&self.tempered).for_each(|out, &b, &p, &s| {
                let middle = half * (b + s);
                *out *= R::from_f64(2.0) * middle * (R::one() - middle) - half * p * (R::one() - p);
            });
        } else {
            Zip::from(out).and(&draw.gates).and(&draw.probability).for_each(|out, &b, &p| *out *= half * (b - p).abs());
        }
    }
}
