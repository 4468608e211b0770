//! Smooth times stochastic (STS): `h = b·√p` with `b ~ Bernoulli(√p)`, so that `E h = p`; ordinary backpropagation with `b`
//! held constant (paper, Eq. 2 and Proposition 2).

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real, sigmoid};
use ndarray::Zip;

use crate::estimator::distribution::beta_rule;
use crate::estimator::knobs::{self, BETA, LOGIT_NOISE, SIGNAL, beta_alpha, beta_scale};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDistribution, GateDraw, Level, Needs, Record, SupportPoint,
};
use crate::schema::{Range, Setting, Value};

/// What Eq. 14 holds at the target.
const fn penalty_on(choices: &'static [&'static str]) -> Setting {
    Setting {
        name: "penalty-on",
        label: "Sparsity control acts on",
        help: "The mean of √p or of p; the one that is the firing probability holds the firing rate.",
        symbol: "",
        range: Range::Choice(choices),
        live: true,
    }
}
const ON_ROOT: Setting = penalty_on(&["root-p", "p"]);
const ON_P: Setting = penalty_on(&["p", "root-p"]);

/// The mode of the Beta noise, and the probability it gives alone.
const MODE: f64 = 0.1;

/// As Eq. 2 has it.
pub(in crate::estimator) static STS: Record = Record {
    id: "sts",
    name: "Smooth × stochastic",
    short: "STS",
    family: Family::StraightThrough,
    level: Level::Essential,
    bias: Bias::Biased,
    needs: Needs::GateGradsOfActive,
    activation: Activation::RootProbability,
    forward: r"b \sim \mathrm{Bernoulli}(\sqrt{p}), \quad h = b \sqrt{p}, \quad p = \sigma(a)",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial h} \cdot b \cdot \tfrac12 \sqrt{p}\,(1 - p)",
    test_time: r"\sqrt{p} \cdot \mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "The gate is a random bit b times a smooth factor √p, and only the factor is differentiated. Closed gates get no \
              gradient from the loss. For a loss linear in h the estimate has half the right length on average.",
    source: "Bengio, Léonard & Courville 2013, Eq. 2",
    knobs: &[ON_ROOT, LOGIT_NOISE, BETA],
    tuned: &[("lambda", 0.03), ("beta", 40.1)],
    live: &[SIGNAL],
};

/// As the authors' released code has it.
pub(in crate::estimator) static STS_RELEASED: Record = Record {
    id: "sts-released",
    name: "Smooth × stochastic, released code",
    short: "STS code",
    activation: Activation::Probability,
    forward: r"b \sim \mathrm{Bernoulli}(p), \quad h = b \sqrt{p}, \quad p = \sigma(a)",
    summary: "As in the authors' code: b has probability p, not √p, so that E h = p√p. The numbers in the paper's table were \
              probably measured with it.",
    source: "Léonard's code of 2013, all versions",
    knobs: &[ON_P, LOGIT_NOISE, BETA],
    tuned: &[("lambda", 0.02), ("beta", 40.1)],
    ..STS
};

/// `b·√p`, with `b` of probability `√p` or (released) `p`.
pub(in crate::estimator) struct SmoothTimesStochastic<R> {
    released: bool,
    on_root: bool,
    beta: Option<f64>,
    scratch: Vec<R>,
}

impl<R: Real> SmoothTimesStochastic<R> {
    pub(in crate::estimator) fn new(released: bool) -> Self {
        Self { released, on_root: !released, beta: None, scratch: Vec::new() }
    }

    /// Adds `c·(Beta − ½)` to the logits, if that is chosen; leaves `p = σ` of the sum in the draw.
    fn probabilities(&mut self, logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, probability: &mut Matrix<R>) {
        probability.assign(logits);
        if let Some(beta) = self.beta {
            self.scratch.resize(logits.len(), R::zero());
            noise.beta(beta_alpha(MODE, beta), beta, &mut self.scratch);
            let (half, scale) = (R::from_f64(0.5), R::from_f64(beta_scale(MODE)));
            let noisy = probability.values_mut().iter_mut().zip(&self.scratch);
            noisy.for_each(|(p, &n)| *p += scale * (n - half));
        }
        R::sigmoid_inplace(probability.values_mut());
    }

    /// Mean of the logit noise, which replaces it at test time.
    fn mean_noise(&self) -> R {
        self.beta.map_or(R::zero(), |beta| {
            let alpha = beta_alpha(MODE, beta);
            R::from_f64(beta_scale(MODE) * (alpha / (alpha + beta) - 0.5))
        })
    }
}

impl<R: Real> Estimator<R> for SmoothTimesStochastic<R> {
    fn record(&self) -> &'static Record {
        if self.released { &STS_RELEASED } else { &STS }
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.on_root = knobs::is(knobs, if self.released { &ON_P } else { &ON_ROOT }, "root-p");
        self.beta = knobs::is(knobs, &LOGIT_NOISE, "beta").then(|| knobs::number(knobs, &BETA, 40.1));
    }

    fn draw(&mut self, logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
        self.probabilities(logits, noise, &mut draw.probability);
        noise.uniform(draw.noise.values_mut());
        let released = self.released;
        Zip::from(&mut draw.gates).and(&draw.probability).and(&draw.noise).for_each(|h, &p, &u| {
            let root = p.sqrt();
            let chance = if released { p } else { root };
            *h = if u < chance { root } else { R::zero() };
        });
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
        let half = R::from_f64(0.5);
        // h = b√p already, so ½·h·(1−p) is the slope with b held constant.
        Zip::from(out)
            .and(&draw.gates)
            .and(&draw.probability)
            .for_each(|out, &h, &p| *out *= half * h * (R::one() - p));
    }

    fn activation(&self, _: &Matrix<R>, draw: &GateDraw<R>, value: &mut Matrix<R>, grad: &mut Matrix<R>) {
        let half = R::from_f64(0.5);
        Zip::from(value).and(grad).and(&draw.probability).for_each(|value, grad, &p| {
            (*value, *grad) =
                if self.on_root { (p.sqrt(), half * p.sqrt() * (R::one() - p)) } else { (p, p * (R::one() - p)) };
        });
    }

    fn open_probability(&self, logit: R) -> R {
        let p = sigmoid(logit + self.mean_noise());
        if self.released { p } else { p.sqrt() }
    }

    /// `h = b√p` with `p = σ(a + c·(n − ½))`: an expectation over the Beta noise n, at whose nodes `√p` depends on the logit, and
    /// over the sample b.
    fn distribution(&self, logit: f64) -> GateDistribution {
        let noise = self.beta.map_or_else(|| vec![(0.5, 1.0)], |beta| beta_rule(beta_alpha(MODE, beta), beta));
        let (mut open, mut grad_of_open) = (0.0, 0.0);
        let mut points: GateDistribution = noise
            .into_iter()
            .map(|(n, share)| {
                let p: f64 = sigmoid(logit + beta_scale(MODE) * (n - 0.5));
                let (root, grad) = (p.sqrt(), 0.5 * p.sqrt() * (1.0 - p));
                let (chance, chance_grad) = if self.released { (p, p * (1.0 - p)) } else { (root, grad) };
                open += share * chance;
                grad_of_open += share * chance_grad;
                SupportPoint { value: root, weight: share * chance, value_grad: grad, weight_grad: share * chance_grad }
            })
            .collect();
        points.insert(0, SupportPoint { value: 0.0, weight: 1.0 - open, value_grad: 0.0, weight_grad: -grad_of_open });
        points
    }

    fn test_gates(&self, logits: &Matrix<R>, threshold: R, out: &mut Matrix<R>) {
        let mean = self.mean_noise();
        Zip::from(&mut *out).and(logits).for_each(|h, &a| *h = a + mean);
        R::sigmoid_inplace(out.values_mut());
        Zip::from(out).and(logits).for_each(|h, &a| *h = if a > threshold { h.sqrt() } else { R::zero() });
    }
}
