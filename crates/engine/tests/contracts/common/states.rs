//! Everything that an estimator's own randomness can be, laid out as one minibatch: coins as cells of their uniform numbers,
//! integrals as nodes with weights.

use gatelab_engine::estimator::{Estimator, GateDraw};
use gatelab_kernels::Matrix;

use super::plain_sigmoid;
use super::script::Script;
use super::toy::{Loss, Outcome, ToyContext, mean_gradient};

/// Values of one uniform number, each with its weight.
pub(crate) type Axis = Vec<(f64, f64)>;

/// All combinations of the values of several uniform numbers.
pub(crate) struct States {
    weights: Vec<f64>,
    /// For each time that numbers are asked for, those of all states, state by state.
    questions: Vec<Vec<f64>>,
}

impl States {
    /// From the axes of each question, in the order in which an estimator asks.
    pub(crate) fn product(questions: &[Vec<Axis>]) -> Self {
        let axes: Vec<&Axis> = questions.iter().flatten().collect();
        let mut rows: Vec<(f64, Vec<f64>)> = vec![(1.0, Vec::new())];
        for axis in axes {
            let longer = |(weight, row): &(f64, Vec<f64>)| {
                let with = |&(w, x): &(f64, f64)| (weight * w, [row.as_slice(), &[x]].concat());
                axis.iter().map(with).collect::<Vec<_>>()
            };
            rows = rows.iter().flat_map(longer).collect();
        }
        let mut from = 0;
        let questions = questions.iter().map(|axes| {
            let range = from..from + axes.len();
            from = range.end;
            rows.iter().flat_map(|(_, row)| row[range.clone()].to_vec()).collect()
        });
        let questions = questions.collect();
        Self { weights: rows.into_iter().map(|(weight, _)| weight).collect(), questions }
    }

    /// Runs an estimator on all of them as one minibatch.
    pub(crate) fn outcomes(&self, estimator: &mut dyn Estimator<f64>, logits: &[f64], loss: &Loss) -> Vec<Outcome> {
        let batch = self.weights.len();
        let logits = Matrix::from_shape_fn((batch, logits.len()), |(_, j)| logits[j]);
        let mut script = Script::uniform(&self.questions.concat());
        let mut draw = GateDraw::new(batch, logits.ncols());
        estimator.draw(&logits, &mut script, &mut draw);
        let mut gradient = Matrix::from_elem(logits.dim(), f64::NAN);
        let gates = draw.gates.clone();
        estimator.logit_gradient(&logits, &draw, &mut ToyContext::new(loss, &gates), &mut script, &mut gradient);
        assert!(script.is_spent(), "all randomness is accounted for");
        let rows = gates.rows().zip(gradient.rows()).zip(&self.weights);
        rows.map(|((gates, gradient), &weight)| {
            let gates = gates.to_vec();
            Outcome { weight, loss: loss.at(&gates), gates, gradient: gradient.to_vec() }
        })
        .collect()
    }
}

/// The two cells of a coin that fires below `p`.
pub(crate) fn coin(p: f64) -> Axis {
    vec![(p, 0.5 * p), (1.0 - p, 0.5 * (1.0 + p))]
}

/// Coins of these logits.
pub(crate) fn coins(logits: &[f64]) -> Vec<Axis> {
    logits.iter().map(|&a| coin(plain_sigmoid(a))).collect()
}

/// The cells of a coin and its antithetic partner: cut at `p` and `1 − p`. Two Gauss nodes a cell integrate what is a cubic
/// within each; one node is enough for what is constant.
fn pair(p: f64, nodes: &[f64]) -> Axis {
    let (low, high) = (p.min(1.0 - p), p.max(1.0 - p));
    let cells = [(0.0, low), (low, high), (high, 1.0)];
    cells
        .iter()
        .filter(|(from, to)| to > from)
        .flat_map(|&(from, to)| {
            let node = move |x: &f64| ((to - from) / nodes.len() as f64, from + (to - from) * x);
            nodes.iter().map(node).collect::<Vec<_>>()
        })
        .collect()
}

/// Cells of antithetic pairs, for estimates that are constant in each.
pub(crate) fn pairs(logits: &[f64]) -> Vec<Axis> {
    logits.iter().map(|&a| pair(plain_sigmoid(a), &[0.5])).collect()
}

/// The same for estimates whose square is at most a cubic in the uniform number.
pub(crate) fn pairs_by_gauss(logits: &[f64]) -> Vec<Axis> {
    let offset = 0.5 / 3.0_f64.sqrt();
    logits.iter().map(|&a| pair(plain_sigmoid(a), &[0.5 - offset, 0.5 + offset])).collect()
}

/// One of `n`, uniformly.
pub(crate) fn pick(n: usize) -> Axis {
    (0..n).map(|k| (1.0 / n as f64, (k as f64 + 0.5) / n as f64)).collect()
}

/// Nodes on `from..to` that crowd towards both ends (the double-exponential rule), `2·half + 1` of them.
fn crowded(from: f64, to: f64, half: i32) -> Axis {
    let step = 3.0 / f64::from(half);
    let node = |k: i32| {
        let t = step * f64::from(k);
        let x = std::f64::consts::PI * t.sinh();
        let density = std::f64::consts::PI * t.cosh() * plain_sigmoid(x) * plain_sigmoid(-x);
        (step * density * (to - from), from + (to - from) * plain_sigmoid(x))
    };
    (-half..=half).map(node).collect()
}

/// The whole uniform number of a coin whose relaxed twin matters too: cut where the coin turns.
pub(crate) fn relaxed(p: f64, half: i32) -> Axis {
    [crowded(0.0, p, half), crowded(p, 1.0, half)].concat()
}

/// A uniform number in smooth integrands that may be steep near its ends.
pub(crate) fn smooth(half: i32) -> Axis {
    crowded(0.0, 1.0, half)
}

/// Mean of an estimate that is the sum of a part of the coins' uniform numbers alone and a part of coins and further uniform
/// numbers: so the two sets of numbers need not be combined.
pub(crate) fn mean_of_relaxed(
    estimator: &mut dyn Estimator<f64>,
    prepare: impl Fn(&mut dyn Estimator<f64>),
    logits: &[f64],
    loss: &Loss,
    half: i32,
) -> Vec<f64> {
    let free: Vec<Axis> = logits.iter().map(|&a| relaxed(plain_sigmoid(a), half)).collect();
    let fixed: Vec<Axis> = logits.iter().map(|_| vec![(1.0, 0.37)]).collect();
    let tied: Vec<Axis> = logits.iter().map(|_| smooth(half)).collect();
    let mut mean = |questions: &[Vec<Axis>]| {
        prepare(estimator);
        mean_gradient(&States::product(questions).outcomes(estimator, logits, loss))
    };
    let first = mean(&[free, fixed.clone()]);
    let second = mean(&[coins(logits), tied]);
    let twice = mean(&[coins(logits), fixed]);
    (0..logits.len()).map(|i| first[i] + second[i] - twice[i]).collect()
}
