//! REINFORCE with K draws, the baseline of each being the mean loss of the others: `1/(K−1) Σ_k (L_k − L̄)(b_k − p)`.

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real};

use crate::estimator::draws::Draws;
use crate::estimator::knobs::{self, SAMPLES, SIGNAL};
use crate::estimator::{Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, Needs, Record};
use crate::schema::Value;

/// Leave-one-out REINFORCE.
pub(in crate::estimator) static RLOO: Record = Record {
    id: "rloo",
    name: "REINFORCE, leave-one-out",
    short: "RLOO",
    family: Family::ScoreFunction,
    level: Level::Essential,
    bias: Bias::Unbiased,
    needs: Needs::MoreLosses,
    activation: Activation::Probability,
    forward: r"b_1, \ldots, b_K \sim \mathrm{Bernoulli}(\sigma(a)), \quad b = b_1",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{1}{K - 1} \sum_k (b_k - p)(L_k - \bar L)",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "Draws the gates of each example K times. The baseline of a draw is the mean loss of the others, so nothing has \
              to be learned. A gate with the same value in all draws gets a gradient of 0.",
    source: "Kool, van Hoof & Welling 2019; Salimans & Knowles 2014",
    knobs: &[SAMPLES],
    tuned: &[("samples", 2.0), ("gater-rate", 1.0), ("lambda", 0.3)],
    live: &[SIGNAL],
};

/// `1/(K−1) Σ_k (L_k − L̄)(b_k − p)`.
pub(in crate::estimator) struct Rloo<R> {
    samples: usize,
    draws: Draws<R>,
}

impl<R: Real> Rloo<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self { samples: 2, draws: Draws::default() }
    }
}

impl<R: Real> Estimator<R> for Rloo<R> {
    fn record(&self) -> &'static Record {
        &RLOO
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.samples = knobs::number(knobs, &SAMPLES, 2.0) as usize;
    }

    fn logit_gradient(
        &mut self,
        _: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        noise: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        self.draws.draw(self.samples, draw, noise);
        context.losses(&mut self.draws.losses[0]);
        for (gates, losses) in self.draws.further() {
            context.losses_at(gates, losses);
        }
        let losses = std::mem::take(&mut self.draws.losses);
        self.draws.loo_covariance(&losses, draw, out);
        self.draws.losses = losses;
    }
}
