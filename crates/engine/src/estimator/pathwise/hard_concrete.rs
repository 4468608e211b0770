//! Hard concrete gates: a Concrete gate stretched beyond 0 and 1 and clipped, so that it is exactly closed or open with a
//! positive probability and soft between (Louizos, Welling & Kingma 2018).

use std::collections::BTreeMap;

use gatelab_kernels::{Matrix, RandomSource, Real, sigmoid};
use ndarray::Zip;

use crate::estimator::annealing::TEMPERATURE;
use crate::estimator::bernoulli::{self, clip};
use crate::estimator::knobs::{self, SIGNAL};
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDistribution, GateDraw, Level, Needs, Record, distribution,
    scratch,
};
use crate::schema::{Range, Setting, Value};

/// β of the paper: the same setting as other gates' temperature.
const BETA: Setting = Setting { symbol: "β", ..TEMPERATURE };

const LOW: Setting = Setting {
    name: "stretch-low",
    label: "Lower end of the stretch",
    help: "How far below 0 the gate reaches before it is clipped: the further, the more often it is exactly closed.",
    symbol: "γ",
    range: Range::Number { min: -5.0, max: -0.001, slider: (-1.0, -0.01), log: false, whole: false },
    live: true,
};

const HIGH: Setting = Setting {
    name: "stretch-high",
    label: "Upper end of the stretch",
    help: "How far above 1 the gate reaches before it is clipped: the further, the more often it is exactly open.",
    symbol: "ζ",
    range: Range::Number { min: 1.001, max: 6.0, slider: (1.01, 2.0), log: false, whole: false },
    live: true,
};

/// Exactly 0, exactly 1, or between.
pub(in crate::estimator) static HARD_CONCRETE: Record = Record {
    id: "hard-concrete",
    name: "Hard concrete",
    short: "Hard concrete",
    family: Family::Pathwise,
    level: Level::Advanced,
    bias: Bias::UnbiasedForOwnObjective,
    needs: Needs::GateGradsOfActive,
    activation: Activation::Probability,
    forward: r"g = \min(1, \max(0, \bar s)), \quad \bar s = \sigma(\frac{a + \ell}{\beta})(\zeta - \gamma) + \gamma, \quad \ell \sim \mathrm{Logistic}",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial g} \cdot (\zeta - \gamma) \cdot \frac{s(1 - s)}{\beta} \cdot \mathbb{1}[0 < g < 1], \quad s = \sigma(\frac{a + \ell}{\beta})",
    test_time: r"\min(1, \max(0, \sigma(a)(\zeta - \gamma) + \gamma))",
    summary: "A Concrete gate stretched beyond 0 and 1 and clipped: differentiable between, exactly 0 or 1 otherwise, so closed \
              experts are skipped. The sparsity control holds the probability of g > 0; at test time gates may lie between.",
    source: "Louizos, Welling & Kingma 2018, “Learning Sparse Neural Networks through L0 Regularization”, Eq. 10–13",
    knobs: &[BETA, LOW, HIGH],
    // With the built-in stretch a gate with this start is open in training with probability 0.1.
    tuned: &[
        ("temperature", 2.0 / 3.0),
        ("stretch-low", -0.1),
        ("stretch-high", 1.1),
        ("start-rate", 0.021_97),
        ("gater-rate", 3.0),
        ("lambda", 0.1),
    ],
    live: &[SIGNAL],
};

/// `clip(σ((a + ℓ)/β)(ζ − γ) + γ)`.
pub(in crate::estimator) struct HardConcrete<R> {
    temperature: f64,
    low: f64,
    high: f64,
    soft: Matrix<R>,
}

impl<R: Real> HardConcrete<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self { temperature: 2.0 / 3.0, low: -0.1, high: 1.1, soft: Matrix::default() }
    }

    /// The gate for `σ` at this place.
    fn stretched<T: Real>(&self, s: T) -> T {
        clip(s * T::from_f64(self.high - self.low) + T::from_f64(self.low))
    }

    /// Noisy logits at which the gate leaves 0 and reaches 1: `β ln(−γ/ζ)` and `β ln((1−γ)/(ζ−1))`.
    fn edges(&self) -> [f64; 2] {
        let Self { temperature, low, high, .. } = self;
        [temperature * libm::log(-low / high), temperature * libm::log((1.0 - low) / (high - 1.0))]
    }
}

impl<R: Real> Estimator<R> for HardConcrete<R> {
    fn record(&self) -> &'static Record {
        &HARD_CONCRETE
    }

    fn configure(&mut self, knobs: &BTreeMap<String, Value>) {
        self.temperature = knobs::number(knobs, &BETA, self.temperature);
        self.low = knobs::number(knobs, &LOW, self.low);
        self.high = knobs::number(knobs, &HIGH, self.high);
    }

    fn draw(&mut self, logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
        bernoulli::logistic(noise, draw);
        let (temperature, edge) = (R::from_f64(self.temperature), R::from_f64(self.edges()[0]));
        scratch::sigmoid_into(&mut draw.probability, logits, |a| a - edge);
        scratch::relaxed_sigmoid_into(&mut draw.gates, logits, &draw.noise, temperature);
        draw.gates.iter_mut().for_each(|s| *s = self.stretched(*s));
    }

    fn logit_gradient(
        &mut self,
        logits: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        context.gate_grads_of_active(out);
        let (temperature, width) = (R::from_f64(self.temperature), R::from_f64(self.high - self.low));
        scratch::relaxed_sigmoid_into(&mut self.soft, logits, &draw.noise, temperature);
        Zip::from(out).and(&draw.gates).and(&self.soft).for_each(|out, &g, &s| {
            let soft = g > R::zero() && g < R::one();
            *out = if soft { *out * width * s * (R::one() - s) / temperature } else { R::zero() };
        });
    }

    fn activation(&self, _: &Matrix<R>, draw: &GateDraw<R>, value: &mut Matrix<R>, grad: &mut Matrix<R>) {
        bernoulli::activation(draw, value, grad);
    }

    fn open_probability(&self, logit: R) -> R {
        sigmoid(logit - R::from_f64(self.edges()[0]))
    }

    fn distribution(&self, logit: f64) -> GateDistribution {
        distribution::tempered(logit, self.temperature, &self.edges(), |z| {
            self.stretched(sigmoid(z / self.temperature))
        })
    }

    fn thresholded(&self) -> bool {
        false
    }

    /// Without noise, and without β: as the paper has it.
    fn test_gates(&self, logits: &Matrix<R>, _: R, out: &mut Matrix<R>) {
        out.assign(logits);
        R::sigmoid_inplace(out.values_mut());
        out.iter_mut().for_each(|s| *s = self.stretched(*s));
    }
}
