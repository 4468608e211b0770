//! Losses of a few gates, and the real estimators run on every state those gates can take.

use gatelab_engine::estimator::{Estimator, GateContext, GateDraw};
use gatelab_kernels::Matrix;
use gatelab_kernels::RandomSource;
use ndarray::ArrayView2;

use super::plain_sigmoid;
use super::script::Script;

type Value = Box<dyn Fn(&[f64]) -> f64>;
type Slope = Box<dyn Fn(&[f64], usize) -> f64>;

/// A loss of gate values, defined for real gates too, with its partial derivatives.
pub(crate) struct Loss {
    value: Value,
    slope: Slope,
}

impl Loss {
    /// From the function and `∂f/∂g_i`.
    pub(crate) fn new(value: impl Fn(&[f64]) -> f64 + 'static, slope: impl Fn(&[f64], usize) -> f64 + 'static) -> Self {
        Self { value: Box::new(value), slope: Box::new(slope) }
    }

    /// Of the first gate alone.
    pub(crate) fn of_one(value: impl Fn(f64) -> f64 + 'static, slope: impl Fn(f64) -> f64 + 'static) -> Self {
        Self::new(move |g| value(g[0]), move |g, _| slope(g[0]))
    }

    /// The same loss plus a constant.
    pub(crate) fn plus(self, constant: f64) -> Self {
        let Self { value, slope } = self;
        Self { value: Box::new(move |g| value(g) + constant), slope }
    }

    /// The loss with every gate's meaning reversed: `f(1 − g)`.
    pub(crate) fn reversed(self) -> Self {
        let Self { value, slope } = self;
        let turn = |g: &[f64]| g.iter().map(|x| 1.0 - x).collect::<Vec<_>>();
        Self { value: Box::new(move |g| value(&turn(g))), slope: Box::new(move |g, i| -slope(&turn(g), i)) }
    }

    /// `f(g)`.
    pub(crate) fn at(&self, gates: &[f64]) -> f64 {
        (self.value)(gates)
    }

    /// `∂f/∂g_i`.
    pub(crate) fn slope_at(&self, gates: &[f64], i: usize) -> f64 {
        (self.slope)(gates, i)
    }
}

/// The three-gate toy of the paper's oracles: `L = (1.5h₁ − 2h₂ + 0.7h₃ + 1.1h₁h₂ − 0.4)²` at `a = (−1, 0.3, 1.2)`.
pub(crate) const TOY_LOGITS: [f64; 3] = [-1.0, 0.3, 1.2];

/// Its loss.
pub(crate) fn toy_loss() -> Loss {
    let root = |h: &[f64]| 1.5 * h[0] - 2.0 * h[1] + 0.7 * h[2] + 1.1 * h[0] * h[1] - 0.4;
    let inner = |h: &[f64], i: usize| match i {
        0 => 1.5 + 1.1 * h[1],
        1 => -2.0 + 1.1 * h[0],
        _ => 0.7,
    };
    Loss::new(move |h| root(h).powi(2), move |h, i| 2.0 * root(h) * inner(h, i))
}

/// What an estimator may ask, answered from a [`Loss`]; notes which questions were asked.
pub(crate) struct ToyContext<'a> {
    loss: &'a Loss,
    gates: ArrayView2<'a, f64>,
    /// Names of the questions asked.
    pub(crate) asked: Vec<&'static str>,
}

impl<'a> ToyContext<'a> {
    /// For gates [B × G] that were drawn.
    pub(crate) fn new(loss: &'a Loss, gates: &'a Matrix<f64>) -> Self {
        Self { loss, gates: gates.view(), asked: Vec::new() }
    }

    /// `f(g_j = 1) − f(g_j = 0)`.
    fn difference(&self, b: usize, j: usize) -> f64 {
        let at = |value: f64| {
            let mut gates = self.gates.row(b).to_vec();
            gates[j] = value;
            self.loss.at(&gates)
        };
        at(1.0) - at(0.0)
    }

    fn slopes(&self, out: &mut Matrix<f64>, all: bool) {
        for (row, slopes) in self.gates.rows().into_iter().zip(out.rows_mut()) {
            let gates = row.to_vec();
            for (i, slope) in slopes.iter_mut().enumerate() {
                let wanted = all || gates[i].abs() > 0.0;
                *slope = if wanted { self.loss.slope_at(&gates, i) } else { 0.0 };
            }
        }
    }
}

impl GateContext<f64> for ToyContext<'_> {
    fn losses(&mut self, out: &mut [f64]) {
        self.asked.push("losses");
        assert_eq!(out.len(), self.gates.nrows());
        for (row, loss) in self.gates.rows().into_iter().zip(out) {
            *loss = self.loss.at(&row.to_vec());
        }
    }

    fn gate_grads_of_active(&mut self, out: &mut Matrix<f64>) {
        self.asked.push("slopes of active");
        self.slopes(out, false);
    }

    fn gate_grads_of_all(&mut self, out: &mut Matrix<f64>) {
        self.asked.push("slopes of all");
        self.slopes(out, true);
    }

    fn losses_at(&mut self, gates: &Matrix<f64>, out: &mut [f64]) {
        self.asked.push("losses elsewhere");
        for (row, loss) in gates.rows().zip(out) {
            *loss = self.loss.at(row);
        }
    }

    fn flips(&mut self, out: &mut Matrix<f64>) {
        self.asked.push("flips");
        *out = Matrix::from_shape_fn(out.dim(), |(b, j)| self.difference(b, j));
    }

    fn flip(&mut self, gate: &[usize], out: &mut [f64]) {
        self.asked.push("one flip");
        for (b, (&j, out)) in gate.iter().zip(out).enumerate() {
            *out = self.difference(b, j);
        }
    }

    fn gate_grads_of(&mut self, wanted: &Matrix<bool>, out: &mut Matrix<f64>) {
        self.asked.push("slopes of some");
        self.slopes(out, true);
        out.iter_mut().zip(wanted).for_each(|(slope, wanted)| *slope = if *wanted { *slope } else { 0.0 });
    }

    fn gate_grads_at(&mut self, gates: &Matrix<f64>, losses: &mut [f64], out: &mut Matrix<f64>) {
        self.asked.push("slopes elsewhere");
        for ((row, loss), slopes) in gates.rows().zip(losses).zip(out.rows_mut()) {
            let gates = row.to_vec();
            *loss = self.loss.at(&gates);
            slopes.iter_mut().enumerate().for_each(|(i, slope)| *slope = self.loss.slope_at(&gates, i));
        }
    }

    /// A gate of a toy has one unit, whose output is 1.
    fn units(&self) -> usize {
        self.gates.ncols()
    }

    fn outputs_of_active(&mut self, sums: &mut [f64], counts: &mut [f64]) {
        self.asked.push("outputs of active");
        for (j, (sum, count)) in sums.iter_mut().zip(counts).enumerate() {
            *count = self.gates.column(j).iter().filter(|g| g.abs() > 0.0).count() as f64;
            *sum = *count;
        }
    }

    fn gate_grads_with(&mut self, outputs: &[f64], out: &mut Matrix<f64>) {
        self.asked.push("slopes with outputs");
        self.slopes(out, true);
        for (gates, slopes) in self.gates.rows().into_iter().zip(out.rows_mut()) {
            for ((slope, gate), output) in slopes.iter_mut().zip(gates).zip(outputs) {
                *slope *= if gate.abs() > 0.0 { 1.0 } else { *output };
            }
        }
    }
}

/// One thing that can happen, and how probable it is.
#[derive(Clone, Debug)]
pub(crate) struct Outcome {
    /// Its probability.
    pub(crate) weight: f64,
    /// Gate values drawn.
    pub(crate) gates: Vec<f64>,
    /// The estimate of the logits' gradient.
    pub(crate) gradient: Vec<f64>,
    /// The loss.
    pub(crate) loss: f64,
}

/// Runs an estimator on one example whose randomness is scripted.
pub(crate) fn run(
    estimator: &mut dyn Estimator<f64>,
    logits: &[f64],
    script: &mut dyn RandomSource<f64>,
    loss: &Loss,
) -> Outcome {
    let logits = Matrix::from_vec((1, logits.len()), logits.to_vec());
    let mut draw = GateDraw::new(1, logits.ncols());
    estimator.draw(&logits, script, &mut draw);
    let gates = draw.gates.clone();
    let mut gradient = Matrix::from_elem(logits.dim(), f64::NAN);
    estimator.logit_gradient(&logits, &draw, &mut ToyContext::new(loss, &gates), script, &mut gradient);
    let gates = gates.row(0).to_vec();
    Outcome { weight: 1.0, loss: loss.at(&gates), gates, gradient: gradient.row(0).to_vec() }
}

/// Runs an estimator on each of the 2ⁿ states that n independent coins can show. Coin i shows 1 with probability
/// `chance(σ(a_i))`: the uniform number is put in the middle of the part that fires, or of the part that doesn't.
/// `prepare` is called before each state, to put the estimator's memory in place.
pub(crate) fn enumerate(
    estimator: &mut dyn Estimator<f64>,
    logits: &[f64],
    loss: &Loss,
    chance: impl Fn(f64) -> f64,
    mut prepare: impl FnMut(&mut dyn Estimator<f64>),
) -> Vec<Outcome> {
    let chances: Vec<f64> = logits.iter().map(|&a| chance(plain_sigmoid(a))).collect();
    (0..1_usize << logits.len())
        .map(|state| {
            let fires = |i: usize| state >> i & 1 == 1;
            let middle = |(i, &c): (usize, &f64)| if fires(i) { 0.5 * c } else { 0.5 * (1.0 + c) };
            let uniform: Vec<f64> = chances.iter().enumerate().map(middle).collect();
            prepare(estimator);
            let mut script = Script::uniform(&uniform);
            let mut outcome = run(estimator, logits, &mut script, loss);
            assert!(script.is_spent(), "randomness was asked for once per gate");
            for (i, gate) in outcome.gates.iter().enumerate() {
                assert_eq!(fires(i), gate.abs() > 0.0, "gate {i} of state {state:b}");
            }
            outcome.weight = chances.iter().enumerate().map(|(i, c)| if fires(i) { *c } else { 1.0 - c }).product();
            outcome
        })
        .collect()
}

/// The same for plain Bernoulli gates, memory left alone.
pub(crate) fn enumerate_coins(estimator: &mut dyn Estimator<f64>, logits: &[f64], loss: &Loss) -> Vec<Outcome> {
    enumerate(estimator, logits, loss, |p| p, |_| {})
}

/// `E f(outcome)`.
pub(crate) fn mean(outcomes: &[Outcome], f: impl Fn(&Outcome) -> f64) -> f64 {
    outcomes.iter().map(|o| o.weight * f(o)).sum()
}

/// `Var f(outcome)`.
pub(crate) fn variance(outcomes: &[Outcome], f: impl Fn(&Outcome) -> f64) -> f64 {
    let centre = mean(outcomes, &f);
    mean(outcomes, |o| (f(o) - centre).powi(2))
}

/// Mean of each logit's gradient.
pub(crate) fn mean_gradient(outcomes: &[Outcome]) -> Vec<f64> {
    (0..outcomes[0].gradient.len()).map(|i| mean(outcomes, |o| o.gradient[i])).collect()
}

/// `E f(b)` over independent coins, written out without any estimator.
pub(crate) fn expected_loss(logits: &[f64], loss: &Loss) -> f64 {
    (0..1_usize << logits.len())
        .map(|state| {
            let gates: Vec<f64> = (0..logits.len()).map(|i| (state >> i & 1) as f64).collect();
            let weight: f64 = logits
                .iter()
                .zip(&gates)
                .map(|(&a, &b)| if b > 0.5 { plain_sigmoid(a) } else { plain_sigmoid(-a) })
                .product();
            weight * loss.at(&gates)
        })
        .sum()
}

/// The exact gradient of [`expected_loss`]: `p_i q_i E[f(b_i=1) − f(b_i=0)]`.
pub(crate) fn exact_gradient(logits: &[f64], loss: &Loss) -> Vec<f64> {
    (0..logits.len())
        .map(|i| {
            let at = |a: f64| {
                let mut moved = logits.to_vec();
                moved[i] = a;
                expected_loss(&moved, loss)
            };
            let p = plain_sigmoid(logits[i]);
            // A gate whose logit is ±∞ is stuck: that conditions on it.
            p * (1.0 - p) * (at(f64::INFINITY) - at(f64::NEG_INFINITY))
        })
        .collect()
}

/// Puts constant baselines into the state of a REINFORCE estimator, one per gate (or a single one).
pub(crate) fn set_baselines(estimator: &mut dyn Estimator<f64>, baselines: &[f64]) {
    let ones = vec![1.0; baselines.len()];
    let state = [("baseline-numerator", baselines), ("baseline-denominator", &ones)];
    super::set_state(estimator, baselines.len(), &state);
}

/// All states of a REINFORCE estimator with constant baselines.
pub(crate) fn with_baselines(logits: &[f64], loss: &Loss, baselines: &[f64]) -> Vec<Outcome> {
    let mut estimator = super::make("reinforce-optimal");
    enumerate(estimator.as_mut(), logits, loss, |p| p, |e| set_baselines(e, baselines))
}
