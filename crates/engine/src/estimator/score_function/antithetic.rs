//! ARM and `DisARM`: the losses of two antithetic draws, made from the same uniform numbers, are compared.
//!
//! The papers write `b = 1[u > 1 − p]` and `b̃ = 1[u < p]`. Here `b = 1[u < p]`, so the papers' u is `1 − u`, and the partner is
//! `b̃ = 1[1 − u < p]`. Each of the two alone is Bernoulli with probability `p`; the formulas need their joint distribution.

use gatelab_kernels::{Matrix, RandomSource, Real};
use ndarray::Zip;

use crate::estimator::bernoulli::hard_gate;
use crate::estimator::knobs::SIGNAL;
use crate::estimator::{Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, Needs, Record};

/// Augment–REINFORCE–merge.
pub(in crate::estimator) static ARM: Record = Record {
    id: "arm",
    name: "ARM",
    short: "ARM",
    family: Family::ScoreFunction,
    level: Level::Essential,
    bias: Bias::Unbiased,
    needs: Needs::MoreLosses,
    activation: Activation::Probability,
    forward: r"b = \mathbb{1}[u < p], \quad \tilde b = \mathbb{1}[1 - u < p]",
    backward: r"\frac{\partial L}{\partial a} \coloneqq (\tfrac12 - u)\,(L(b) - L(\tilde b))",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "Draws the gates twice, from the same uniform numbers u and from 1 − u, and compares the two losses. Unbiased \
              without a baseline. A gate with the same value in both draws still gets a gradient, by ½ − u: that is noise.",
    source: "Yin & Zhou 2019, Theorem 1",
    knobs: &[],
    tuned: &[("gater-rate", 0.3)],
    live: &[SIGNAL],
};

/// ARM, averaged over the uniform numbers given both draws.
pub(in crate::estimator) static DISARM: Record = Record {
    id: "disarm",
    name: "DisARM",
    short: "DisARM",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \tfrac12 (b - \tilde b)(L(b) - L(\tilde b))\,\sigma(|a|)",
    summary: "The mean of ARM given both draws. Its variance is at most that of ARM: a gate with the same value in both \
              draws gets a gradient of 0, and a single gate with p = ½ has no noise at all.",
    tuned: &[("gater-rate", 1.0), ("lambda", 0.3)],
    source: "Dong, Mnih & Tucker 2020 (arXiv 2006.10680); Yin, Ho, Yan, Qian & Zhou 2020 (U2G)",
    ..ARM
};

/// `(½ − u)(L − L̃)`, or its mean given both draws.
pub(in crate::estimator) struct Antithetic<R> {
    averaged: bool,
    partner: Matrix<R>,
    losses: Vec<R>,
    partner_losses: Vec<R>,
}

impl<R: Real> Antithetic<R> {
    /// `DisARM` if `averaged`, else ARM.
    pub(in crate::estimator) fn new(averaged: bool) -> Self {
        Self { averaged, partner: Matrix::default(), losses: Vec::new(), partner_losses: Vec::new() }
    }
}

impl<R: Real> Estimator<R> for Antithetic<R> {
    fn record(&self) -> &'static Record {
        if self.averaged { &DISARM } else { &ARM }
    }

    fn logit_gradient(
        &mut self,
        logits: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        self.partner.resize(logits.dim(), R::zero());
        self.losses.resize(logits.nrows(), R::zero());
        self.partner_losses.resize(logits.nrows(), R::zero());
        Zip::from(&mut self.partner).and(&draw.noise).and(&draw.probability).for_each(|partner, &u, &p| {
            *partner = hard_gate(R::one() - u, p);
        });
        context.losses(&mut self.losses);
        context.losses_at(&self.partner, &mut self.partner_losses);
        let half = R::from_f64(0.5);
        if self.averaged {
            let probability = &draw.probability;
            Zip::from(&mut *out).and(&draw.gates).and(&self.partner).and(probability).for_each(
                |out, &b, &partner, &p| {
                    // σ(|a|) is the larger of p and 1 − p.
                    let larger = if p < half { R::one() - p } else { p };
                    *out = half * (b - partner) * larger;
                },
            );
        } else {
            Zip::from(&mut *out).and(&draw.noise).for_each(|out, &u| *out = half - u);
        }
        for (row, (&loss, &partner)) in out.rows_mut().zip(self.losses.iter().zip(&self.partner_losses)) {
            row.iter_mut().for_each(|weight| *weight *= loss - partner);
        }
    }
}
