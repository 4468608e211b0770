//! Gate gradients of open gates only: those of closed gates are taken as 0, without or with a correction by `1/p`.

use gatelab_kernels::{Matrix, RandomSource, Real};
use ndarray::Zip;

use crate::estimator::knobs::SIGNAL;
use crate::estimator::{Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, Needs, Record};

/// Closed experts are skipped and their gate gradients taken as 0, without a correction.
pub(in crate::estimator) static ST_MASKED: Record = Record {
    id: "st-masked",
    name: "Straight-through, masked",
    short: "ST masked",
    family: Family::StraightThrough,
    level: Level::Essential,
    bias: Bias::Biased,
    needs: Needs::GateGradsOfActive,
    activation: Activation::Probability,
    forward: r"b \sim \mathrm{Bernoulli}(p), \quad p = \sigma(a)",
    backward: r"\frac{\partial L}{\partial a} \coloneqq b \cdot \frac{\partial L}{\partial b} \cdot p(1 - p)",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "The trap: experts of closed gates are skipped and their slopes taken as 0. That multiplies the gradient by about \
              p: a gate that is open in 10 % of the examples learns a tenth as fast.",
    source: "What sparse code computes without a correction; no paper claimed",
    knobs: &[],
    // As for the dense estimator, so that only the missing gate gradients differ. Three times the gater rate compensates for a
    // part of the missing length, but not for its dependence on p.
    tuned: &[("gater-rate", 1.0), ("lambda", 0.3)],
    live: &[SIGNAL],
};

/// The right end-point rule: gate gradients of open gates, weighted by `1/p`.
pub(in crate::estimator) static ST_ON_ONLY: Record = Record {
    id: "st-on-only",
    name: "Straight-through, open gates only",
    short: "ST open only",
    backward: r"\frac{\partial L}{\partial a} \coloneqq b \cdot \frac{\partial L}{\partial b} \cdot (1 - p)",
    summary: "Learns from open gates only and weighs their slopes by 1/p, because they are rare. Exact on average where the \
              loss is linear in each gate, and no closed expert runs.",
    source: "Importance sampling of the right end point; no paper claimed",
    tuned: &[("gater-rate", 1.0), ("lambda", 0.2)],
    ..ST_MASKED
};

/// `b·f'·p(1−p)`, or without the `p`.
pub(in crate::estimator) struct ActiveOnly {
    pub(in crate::estimator) corrected: bool,
}

impl<R: Real> Estimator<R> for ActiveOnly {
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
        context.gate_grads_of_active(out);
        let corrected = self.corrected;
        Zip::from(out).and(&draw.probability).for_each(|out, &p| {
            let weight = if corrected { R::one() - p } else { p * (R::one() - p) };
            *out *= weight;
        });
    }
}
