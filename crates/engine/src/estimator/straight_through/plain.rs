//! Straight-through: a Bernoulli sample forward, the identity (or the sigmoid) backward (paper, section 4).

use gatelab_kernels::{Matrix, RandomSource, Real};
use ndarray::Zip;

use crate::estimator::knobs::SIGNAL;
use crate::estimator::{Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, Needs, Record};

/// The paper's choice: without the sigmoid's derivative.
pub(in crate::estimator) static ST: Record = Record {
    id: "st",
    name: "Straight-through",
    short: "Straight-through",
    family: Family::StraightThrough,
    level: Level::Essential,
    bias: Bias::Biased,
    needs: Needs::GateGradsOfAll,
    activation: Activation::Probability,
    forward: r"b \sim \mathrm{Bernoulli}(\sigma(a))",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial b}",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "Uses the slope ∂L/∂b at the drawn gate as if sampling were the identity. Little noise; biased, in a direction \
              that mostly lowers the loss. It needs the slopes of closed gates too, so every expert runs.",
    source: "Bengio, Léonard & Courville 2013, section 4; Hinton 2012",
    knobs: &[],
    // The slope without σ′ is several times too long for the logit, so the gater rate is smaller.
    tuned: &[("gater-rate", 0.3)],
    live: &[SIGNAL],
};

/// With the sigmoid's derivative.
pub(in crate::estimator) static ST_SIGMOID: Record = Record {
    id: "st-sigmoid",
    name: "Straight-through × σ′",
    short: "ST × σ′",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial b} \cdot p\,(1 - p)",
    summary: "Straight-through times the slope of the sigmoid: exact on average where the loss is linear in each gate, and small \
              once p is near 0 or 1. It runs every expert; masked, open gates only, default expert and one sampled are its \
              sparse variants.",
    tuned: &[("gater-rate", 1.0), ("lambda", 0.3)],
    ..ST
};

/// `∂L/∂b`, times `σ′(a)` or not.
pub(in crate::estimator) struct StraightThrough {
    pub(in crate::estimator) derivative: bool,
}

impl<R: Real> Estimator<R> for StraightThrough {
    fn record(&self) -> &'static Record {
        if self.derivative { &ST_SIGMOID } else { &ST }
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
        if self.derivative {
            Zip::from(out).and(&draw.probability).for_each(|out, &p| *out *= p * (R::one() - p));
        }
    }
}
