//! Slopes of open gates only: with the rest silently taken as 0, and with that made up for.

use gatelab_kernels::Matrix;
use ndarray::Zip;

use crate::estimator::knobs::SIGNAL;
use crate::estimator::{Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, Needs, Record};
use gatelab_kernels::{RandomSource, Real};

/// What a program does that skips closed experts and thinks no more of it.
pub(in crate::estimator) static ST_MASKED: Record = Record {
    id: "st-masked",
    name: "Straight-through, masked",
    short: "ST masked",
    family: Family::Slope,
    level: Level::Essential,
    bias: Bias::Biased,
    needs: Needs::SlopesOfActive,
    activation: Activation::Probability,
    forward: r"b \sim \mathrm{Bernoulli}(p), \quad p = \sigma(a)",
    backward: r"\frac{\partial L}{\partial a} \coloneqq b \cdot \frac{\partial L}{\partial b} \cdot p(1 - p)",
    test_time: r"\mathbb{1}[a > \theta]",
    summary: "The trap: experts of closed gates are skipped and their slopes taken as 0. That multiplies the gradient by about \
              p, so that a gate learns the less the rarer it is open.",
    source: "What sparse code does when nothing is done about it",
    knobs: &[],
    // Those of the dense estimator: nothing but the missing slopes differs. A gater three times as fast makes up for a part of
    // the missing length, not for which gates are short of it.
    tuned: &[("gater-rate", 1.0), ("lambda", 0.3)],
    live: &[SIGNAL],
};

/// The end of the gate's way at 1, weighed for how rarely it is seen.
pub(in crate::estimator) static ST_ON_ONLY: Record = Record {
    id: "st-on-only",
    name: "Straight-through, open gates only",
    short: "ST open only",
    backward: r"\frac{\partial L}{\partial a} \coloneqq b \cdot \frac{\partial L}{\partial b} \cdot (1 - p)",
    summary: "Learns from open gates only, and weighs them by 1/p because they are rare: exact on average where the loss is \
              linear in each gate, and no closed expert ever runs.",
    source: "Importance sampling of the right end point; no paper claimed",
    tuned: &[("gater-rate", 1.0), ("lambda", 0.2)],
    ..ST_MASKED
};

/// `b·f'·p(1−p)`, or without the `p`.
pub(in crate::estimator) struct OpenOnly {
    pub(in crate::estimator) corrected: bool,
}

impl<R: Real> Estimator<R> for OpenOnly {
    fn record(&self) -> &'static Record {
        if self.corrected { &ST_ON_ONLY } else { &ST_MASKED }
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
        let corrected = self.corrected;
        Zip::from(out).and(&draw.probability).for_each(|out, &p| {
            let weight = if corrected { R::one() - p } else { p * (R::one() - p) };
            *out *= weight;
        });
    }
}
