//! REINFORCE-like estimators: `(b − p)(L − L̄)`, unbiased from the loss alone (paper, Theorem 1 and Corollary 1).

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real};
use ndarray::Zip;

use crate::estimator::knobs::{self, BASELINE_DECAY, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDraw, Level, LiveNumber, Needs, Record, Sizes, StateTensor,
};
use crate::schema::Value;

const PLAIN: Record = Record {
    id: "reinforce",
    name: "REINFORCE",
    short: "REINFORCE",
    family: Family::ScoreFunction,
    level: Level::Essential,
    bias: Bias::Unbiased,
    needs: Needs::Losses,
    activation: Activation::Probability,
    forward: r"b \sim \mathrm{Bernoulli}(\sigma(a))",
    backward: r"\frac{\partial L}{\partial a} \coloneqq (b - p)\,L",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "Makes the gate values that came with a low loss more probable. Right on average, needs no slope, and very \
              noisy: the loss that each gate is judged by also depends on all the other gates.",
    source: "Bengio, Léonard & Courville 2013, Theorem 1; Williams 1992",
    knobs: &[],
    tuned: &[("gater-rate", 0.3)],
    live: &[SIGNAL],
};

/// Plain REINFORCE.
pub(in crate::estimator) static REINFORCE: Record = PLAIN;

/// One baseline for all gates.
pub(in crate::estimator) static REINFORCE_MEAN: Record = Record {
    id: "reinforce-mean",
    name: "REINFORCE, mean baseline",
    short: "REINFORCE −mean",
    backward: r"\frac{\partial L}{\partial a} \coloneqq (b - p)(L - \bar L)",
    summary: "Subtracts the average loss. That changes nothing on average and removes most of the noise.",
    source: "Bengio, Léonard & Courville 2013, Corollary 1; Williams 1992",
    knobs: &[BASELINE_DECAY],
    tuned: &[("baseline-decay", 0.9), ("gater-rate", 0.3)],
    live: &[SIGNAL, LiveNumber { symbol: "L̄", meaning: "moving average of the loss" }],
    ..PLAIN
};

/// The best constant for each gate.
pub(in crate::estimator) static REINFORCE_OPTIMAL: Record = Record {
    id: "reinforce-optimal",
    name: "REINFORCE, optimal baseline",
    short: "REINFORCE −opt",
    backward: concat!(
        r"\frac{\partial L}{\partial a_i} \coloneqq (b_i - p_i)(L - \bar L_i), \quad ",
        r"\bar L_i = \frac{\mathbb{E}[(b_i - p_i)^2 L]}{\mathbb{E}[(b_i - p_i)^2]}",
    ),
    summary: "Each gate has a baseline of its own, the one with the smallest variance. With a single gate no noise is left.",
    source: "Bengio, Léonard & Courville 2013, Corollary 1; Weaver & Tao 2001",
    knobs: &[BASELINE_DECAY],
    tuned: &[("baseline-decay", 0.9), ("gater-rate", 0.3)],
    live: &[SIGNAL, LiveNumber { symbol: "L̄", meaning: "mean of the gates' baselines" }],
    ..PLAIN
};

/// What is subtracted from the loss.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::estimator) enum Baseline {
    None,
    Mean,
    Optimal,
}

/// Initial value of both averages, as in the released code: the first baseline is 1.
const START: f64 = 1e-6;

/// `(b − p)(L − L̄)`.
pub(in crate::estimator) struct Reinforce<R> {
    baseline: Baseline,
    decay: R,
    /// Moving averages of `(b−p)²L` and of `(b−p)²`, one per gate; with the mean baseline one entry, of `L` and of 1.
    numerator: Vec<R>,
    denominator: Vec<R>,
    /// The baseline of each gate, length G.
    baselines: Vec<R>,
    /// Sums over the minibatch for the averages, each of length G.
    sums: [Vec<R>; 2],
    losses: Vec<R>,
}

/// `n/d`, or 0 where the weight `d` has underflowed: `(b − p)²` of a gate with `p` near 0 or 1 vanishes.
fn ratio<R: Real>(n: R, d: R) -> R {
    if d > R::zero() { n / d } else { R::zero() }
}

impl<R: Real> Reinforce<R> {
    pub(in crate::estimator) fn new(baseline: Baseline) -> Self {
        let empty = Vec::new;
        Self {
            baseline,
            decay: R::from_f64(0.9),
            numerator: empty(),
            denominator: empty(),
            baselines: empty(),
            sums: [empty(), empty()],
            losses: empty(),
        }
    }

    /// How many baselines there are for this many gates.
    fn baselines_in(&self, gates: usize) -> usize {
        match self.baseline {
            Baseline::None => 0,
            Baseline::Mean => 1,
            Baseline::Optimal => gates,
        }
    }

    /// Computes the baseline of each gate from the averages of earlier steps. Call it before
    /// [`Reinforce::update_averages`]: a baseline with the example's own loss in it would bias the estimate.
    fn update_baselines(&mut self, gates: usize) {
        let size = self.baselines_in(gates);
        if self.numerator.is_empty() {
            self.numerator.resize(size, R::from_f64(START));
            self.denominator.resize(size, R::from_f64(START));
        }
        assert_eq!(self.numerator.len(), size, "the state of as many gates");
        self.baselines.clear();
        self.baselines.extend(self.numerator.iter().zip(&self.denominator).map(|(&n, &d)| ratio(n, d)));
        let common = self.baselines.first().copied().unwrap_or_default();
        self.baselines.resize(gates, common);
    }

    /// Updates the averages by this minibatch.
    fn update_averages(&mut self, draw: &GateDraw<R>) {
        for sums in &mut self.sums {
            sums.clear();
            sums.resize(self.numerator.len(), R::zero());
        }
        match self.baseline {
            Baseline::None => {}
            Baseline::Mean => {
                self.sums[0][0] = self.losses.iter().copied().sum();
                self.sums[1][0] = R::from_f64(self.losses.len() as f64);
            }
            Baseline::Optimal => self.sum_weighted(draw),
        }
        let (keep, add) = (self.decay, (R::one() - self.decay) / R::from_f64(self.losses.len().max(1) as f64));
        let [weighted, weight] = &self.sums;
        let averages = self.numerator.iter_mut().zip(&mut self.denominator);
        for ((numerator, denominator), (&weighted, &weight)) in averages.zip(weighted.iter().zip(weight)) {
            let next = (keep * *numerator + add * weighted, keep * *denominator + add * weight);
            // A sum of losses that overflows would never become finite again: it is left out.
            if next.0.is_finite() && next.1.is_finite() {
                (*numerator, *denominator) = next;
            }
        }
    }

    /// `Σ (b−p)²L` and `Σ (b−p)²` of each gate, row after row.
    fn sum_weighted(&mut self, draw: &GateDraw<R>) {
        let [weighted, weight] = &mut self.sums;
        let rows = draw.gates.rows().zip(draw.probability.rows());
        for ((gates, probability), &loss) in rows.zip(&self.losses) {
            let sums = weighted.iter_mut().zip(weight.iter_mut());
            for ((weighted, weight), (&b, &p)) in sums.zip(gates.iter().zip(probability)) {
                let squared = (b - p) * (b - p);
                *weighted += squared * loss;
                *weight += squared;
            }
        }
    }
}

impl<R: Real> Estimator<R> for Reinforce<R> {
    fn record(&self) -> &'static Record {
        match self.baseline {
            Baseline::None => &REINFORCE,
            Baseline::Mean => &REINFORCE_MEAN,
            Baseline::Optimal => &REINFORCE_OPTIMAL,
        }
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.decay = R::from_f64(knobs::number(knobs, &BASELINE_DECAY, 0.9));
    }

    fn logit_gradient(
        &mut self,
        logits: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        let (batch, gates) = logits.dim();
        self.losses.resize(batch, R::zero());
        context.losses(&mut self.losses);
        self.update_baselines(gates);
        let rows = out.rows_mut().zip(draw.gates.rows()).zip(draw.probability.rows());
        for (((out, gates), p), &loss) in rows.zip(&self.losses) {
            let baselines = &self.baselines[..];
            Zip::from(out)
                .and(gates)
                .and(p)
                .and(baselines)
                .for_each(|out, &b, &p, &baseline| *out = (b - p) * (loss - baseline));
        }
        self.update_averages(draw);
    }

    fn reset_state(&mut self, sizes: Sizes, _: u64) {
        let size = self.baselines_in(sizes.gates);
        for average in [&mut self.numerator, &mut self.denominator] {
            average.clear();
            average.resize(size, R::from_f64(START));
        }
    }

    fn visit_state<'a>(&'a self, visit: &mut dyn FnMut(StateTensor<'a, R>)) {
        if self.baseline != Baseline::None {
            visit(StateTensor::vector("baseline-numerator", &self.numerator));
            visit(StateTensor::vector("baseline-denominator", &self.denominator));
        }
    }

    fn visit_state_mut(&mut self, visit: &mut dyn FnMut(&mut [R])) {
        if self.baseline != Baseline::None {
            visit(&mut self.numerator);
            visit(&mut self.denominator);
        }
    }

    fn live(&self, out: &mut Vec<f32>) {
        if self.baseline != Baseline::None {
            let ratios = self.numerator.iter().zip(&self.denominator).map(|(&n, &d)| ratio(n, d).as_f64());
            out.push((ratios.sum::<f64>() / self.numerator.len().max(1) as f64) as f32);
        }
    }
}
