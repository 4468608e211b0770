//! `MuProp`: what a straight line through the mean-field point predicts is taken off the loss before it is used as a reward,
//! and given back as the gradient of that line.

use gatelab_kernels::Matrix;
use std::collections::BTreeMap;

use ndarray::Zip;

use crate::estimator::average::Average;
use crate::estimator::knobs::{self, BASELINE_DECAY, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, LiveNumber, Needs, Record, StateTensor, room,
};
use crate::schema::Value;
use crate::schema::{Range, Setting};
use gatelab_kernels::{RandomSource, Real, dot};

/// What is taken off the remainder.
const BASELINE: Setting = Setting {
    name: "baseline",
    label: "Baseline of the remainder",
    help: "The moving average of what the line leaves over is subtracted from it; without it MuProp can be as noisy as REINFORCE.",
    symbol: "",
    range: Range::Choice(&["mean", "none"]),
    live: true,
};

/// `MuProp` with a moving-average baseline on what the line leaves over.
pub(in crate::estimator) static MUPROP: Record = Record {
    id: "muprop",
    name: "MuProp",
    short: "MuProp",
    family: Family::Both,
    level: Level::Essential,
    bias: Bias::Unbiased,
    needs: Needs::SlopesElsewhere,
    activation: Activation::Probability,
    forward: r"b \sim \mathrm{Bernoulli}(\sigma(a))",
    backward: r"\frac{\partial L}{\partial a} \coloneqq (b - p)(R - \bar R) + p(1 - p)\,L'(p), \quad R = L(b) - L(p) - L'(p) \cdot (b - p)",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "Asks the network without any coin flips, all gates at p, for a straight line; the line's gradient is used as \
              it is, and REINFORCE looks after the remainder only. Unbiased, and quieter the straighter the loss.",
    source: "Gu, Levine, Sutskever & Mnih 2016 (arXiv 1511.05176)",
    knobs: &[BASELINE, BASELINE_DECAY],
    tuned: &[("baseline-decay", 0.9), ("gater-rate", 1.0), ("lambda", 0.3)],
    live: &[SIGNAL, LiveNumber { symbol: "R̄", meaning: "moving average of what the line leaves over" }],
};

/// `(b − p)(R − R̄) + p(1 − p)L′(p)`.
pub(in crate::estimator) struct MuProp<R> {
    decay: R,
    bare: bool,
    /// Of the remainder, from earlier steps only: no example's own draw is in it.
    baseline: Average<R>,
    /// Losses, then what the line leaves over of them.
    remainder: Vec<R>,
    mean_field: Vec<R>,
    slopes: Matrix<R>,
}

impl<R: Real> MuProp<R> {
    pub(in crate::estimator) fn new() -> Self {
        let (remainder, mean_field, slopes) = (Vec::new(), Vec::new(), Matrix::zeros((0, 0)));
        Self { decay: R::from_f64(0.9), bare: false, baseline: Average::new(), remainder, mean_field, slopes }
    }
}

impl<R: Real> Estimator<R> for MuProp<R> {
    fn record(&self) -> &'static Record {
        &MUPROP
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.decay = R::from_f64(knobs::number(knobs, &BASELINE_DECAY, 0.9));
        self.bare = knobs::is(knobs, &BASELINE, "none");
    }

    fn logit_gradient(
        &mut self,
        logits: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        let batch = logits.nrows();
        room::fit(&mut self.slopes, logits.dim());
        self.remainder.resize(batch, R::zero());
        self.mean_field.resize(batch, R::zero());
        context.losses(&mut self.remainder);
        context.slopes_at(&draw.probability, &mut self.mean_field, &mut self.slopes);
        Zip::from(&mut *out).and(&draw.gates).and(&draw.probability).for_each(|out, &b, &p| *out = b - p);
        let baseline = if self.bare { R::zero() } else { self.baseline.now() };
        let rows = room::rows_mut(out).zip(room::rows(&self.slopes)).zip(room::rows(&draw.probability));
        for (((out, slopes), p), (left, &at_mean)) in rows.zip(self.remainder.iter_mut().zip(&self.mean_field)) {
            *left = *left - at_mean - dot(out, slopes);
            let weight = *left - baseline;
            for (out, (&slope, &p)) in out.iter_mut().zip(slopes.iter().zip(p)) {
                *out = *out * weight + p * (R::one() - p) * slope;
            }
        }
        self.baseline.learn(&self.remainder, self.decay);
    }

    fn visit_state<'a>(&'a self, visit: &mut dyn FnMut(StateTensor<'a, R>)) {
        visit(StateTensor::vector("baseline", self.baseline.state()));
    }

    fn visit_state_mut(&mut self, visit: &mut dyn FnMut(&mut [R])) {
        visit(self.baseline.state_mut());
    }

    fn live(&self, out: &mut Vec<f32>) {
        out.push(self.baseline.now().as_f64() as f32);
    }
}
