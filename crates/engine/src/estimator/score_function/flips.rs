//! Local expectation, `p(1 − p)(L(b_i = 1) − L(b_i = 0))`, for every gate, or for one random gate.

use gatelab_kernels::{Matrix, RandomSource, Real};
use ndarray::Zip;

use crate::estimator::knobs::SIGNAL;
use crate::estimator::{Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, Needs, Record};

/// Every gate is flipped.
pub(in crate::estimator) static LEG: Record = Record {
    id: "leg",
    name: "Local expectation",
    short: "Local expectation",
    family: Family::ScoreFunction,
    level: Level::Advanced,
    bias: Bias::Unbiased,
    needs: Needs::Flips,
    activation: Activation::Probability,
    forward: r"b \sim \mathrm{Bernoulli}(\sigma(a))",
    backward: r"\frac{\partial L}{\partial a_i} \coloneqq p_i(1 - p_i)\,(L(b_i = 1) - L(b_i = 0))",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "Computes the loss with each gate open and closed while the others stay as drawn: exact but for the noise of \
              the other gates. All experts run; after that a gate costs one softmax, because the gated layer is linear.",
    source: "Titsias & Lázaro-Gredilla 2015",
    knobs: &[],
    tuned: &[("gater-rate", 1.0), ("lambda", 0.3)],
    live: &[SIGNAL],
};

/// One gate per example is flipped.
pub(in crate::estimator) static BITFLIP: Record = Record {
    id: "bitflip-1",
    name: "One flip per example",
    short: "One flip",
    needs: Needs::MoreLosses,
    backward: r"\frac{\partial L}{\partial a_k} \coloneqq n\,p_k(1 - p_k)\,(L(b_k = 1) - L(b_k = 0)), \quad k \sim \mathcal{U}\{1, \ldots, n\}",
    summary: "Computes the loss with one random gate per example open and closed, and weighs it by the number of gates n. \
              Only that gate's expert runs in addition. The other gates of the example get no gradient in this step.",
    source: "Kunes, Yin, Land, Haviv, Pe'er & Tavaré 2022 (arXiv 2208.06124)",
    tuned: &[("gater-rate", 0.3)],
    ..LEG
};

/// `p(1 − p)` times the difference that the flip of each gate makes.
pub(in crate::estimator) struct LocalExpectation;

impl<R: Real> Estimator<R> for LocalExpectation {
    fn record(&self) -> &'static Record {
        &LEG
    }

    fn logit_gradient(
        &mut self,
        _: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        context.flips(out);
        Zip::from(out).and(&draw.probability).for_each(|out, &p| *out *= p * (R::one() - p));
    }
}

/// The same for one gate `k` of each example, times the number of gates.
#[derive(Default)]
pub(in crate::estimator) struct OneFlip<R> {
    picks: Vec<R>,
    gate: Vec<usize>,
    difference: Vec<R>,
}

impl<R: Real> Estimator<R> for OneFlip<R> {
    fn record(&self) -> &'static Record {
        &BITFLIP
    }

    fn logit_gradient(
        &mut self,
        logits: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        noise: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        let (batch, gates) = logits.dim();
        self.picks.resize(batch, R::zero());
        self.difference.resize(batch, R::zero());
        noise.uniform(&mut self.picks);
        self.gate.clear();
        // A uniform number just below 1 may be rounded up to the number of gates.
        self.gate.extend(self.picks.iter().map(|u| ((u.as_f64() * gates as f64) as usize).min(gates - 1)));
        context.flip(&self.gate, &mut self.difference);
        out.fill(R::zero());
        for (b, (&k, &difference)) in self.gate.iter().zip(&self.difference).enumerate() {
            let p = draw.probability[(b, k)];
            out[(b, k)] = R::from_f64(gates as f64) * p * (R::one() - p) * difference;
        }
    }
}
