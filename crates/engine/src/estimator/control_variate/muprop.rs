//! `MuProp`: the prediction of a linear expansion around the mean field is subtracted from the loss before REINFORCE, and the
//! gradient of that expansion is added.

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real, dot};
use ndarray::Zip;

use crate::estimator::average::Average;
use crate::estimator::knobs::{self, BASELINE_DECAY, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, LiveNumber, Needs, Record, StateTensor,
};
use crate::schema::{Range, Setting, Value};

/// The baseline that is subtracted from the remainder.
const BASELINE: Setting = Setting {
    name: "baseline",
    label: "Baseline of the remainder",
    help: "The moving average of the remainder is subtracted from it; without it MuProp can be as noisy as REINFORCE.",
    symbol: "",
    range: Range::Choice(&["mean", "none"]),
    live: true,
};

/// `MuProp` with a moving-average baseline on what the line leaves over.
pub(in crate::estimator) static MUPROP: Record = Record {
    id: "muprop",
    name: "MuProp",
    short: "MuProp",
    family: Family::ControlVariate,
    level: Level::Essential,
    bias: Bias::Unbiased,
    needs: Needs::GateGradsElsewhere,
    activation: Activation::Probability,
    forward: r"b \sim \mathrm{Bernoulli}(\sigma(a))",
    backward: r"\frac{\partial L}{\partial a} \coloneqq (b - p)(R - \bar R) + p(1 - p)\,L'(p), \quad R = L(b) - L(p) - L'(p) \cdot (b - p)",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "Expands the loss linearly around the mean field, where every gate has the value p. The gradient of that line is \
              used as it is, and REINFORCE only for the remainder. Unbiased; the nearer the loss is to linear, the less noise.",
    source: "Gu, Levine, Sutskever & Mnih 2016 (arXiv 1511.05176)",
    knobs: &[BASELINE, BASELINE_DECAY],
    tuned: &[("baseline-decay", 0.9), ("gater-rate", 1.0), ("lambda", 0.3)],
    live: &[SIGNAL, LiveNumber { symbol: "R̄", meaning: "moving average of the remainder" }],
};

/// `(b − p)(R − R̄) + p(1 − p)L′(p)`.
pub(in crate::estimator) struct MuProp<R> {
    decay: R,
    bare: bool,
    /// Baseline of the remainder, from earlier steps only: an example's own draw in it would bias the estimate.
    baseline: Average<R>,
    /// Losses, then the remainder after subtracting the linear expansion [B].
    remainder: Vec<R>,
    mean_field: Vec<R>,
    gate_grads: Matrix<R>,
}

impl<R: Real> MuProp<R> {
    pub(in crate::estimator) fn new() -> Self {
        let (remainder, mean_field, gate_grads) = (Vec::new(), Vec::new(), Matrix::zeros((0, 0)));
        Self { decay: R::from_f64(0.9), bare: false, baseline: Average::new(), remainder, mean_field, gate_grads }
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
        self.gate_grads.resize(logits.dim(), R::zero());
        self.remainder.resize(batch, R::zero());
        self.mean_field.resize(batch, R::zero());
        context.losses(&mut self.remainder);
        context.gate_grads_at(&draw.probability, &mut self.mean_field, &mut self.gate_grads);
        Zip::from(&mut *out).and(&draw.gates).and(&draw.probability).for_each(|out, &b, &p| *out = b - p);
        let baseline = if self.bare { R::zero() } else { self.baseline.value() };
        let rows = out.rows_mut().zip(self.gate_grads.rows()).zip(draw.probability.rows());
        for (((out, gate_grads), p), (left, &at_mean)) in rows.zip(self.remainder.iter_mut().zip(&self.mean_field)) {
            *left = *left - at_mean - dot(out, gate_grads);
            let weight = *left - baseline;
            for (out, (&grad, &p)) in out.iter_mut().zip(gate_grads.iter().zip(p)) {
                *out = *out * weight + p * (R::one() - p) * grad;
            }
        }
        self.baseline.update(&self.remainder, self.decay);
    }

    fn visit_state<'a>(&'a self, visit: &mut dyn FnMut(StateTensor<'a, R>)) {
        visit(StateTensor::vector("baseline", self.baseline.state()));
    }

    fn visit_state_mut(&mut self, visit: &mut dyn FnMut(&mut [R])) {
        visit(self.baseline.state_mut());
    }

    fn live(&self, out: &mut Vec<f32>) {
        out.push(self.baseline.value().as_f64() as f32);
    }
}
