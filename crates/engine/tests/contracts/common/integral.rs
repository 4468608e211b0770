//! Means over an estimator's own randomness, by enumerating coins' two sides and by quadrature over continuous noise, one or
//! two numbers to a gate.

use gatelab_engine::estimator::{Estimator, GateDistribution};

use super::quadrature;
use super::script::Script;
use super::toy::{Loss, Outcome, run};

/// Which numbers an estimator asks for, one per gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asks {
    /// Nothing.
    Nothing,
    /// Uniform numbers.
    Uniform,
    /// Normal numbers.
    Normal,
    /// Normal numbers, then a fair coin.
    NormalAndCoin,
}

/// Noise of one gate: uniform, normal and coin, with its probability.
#[derive(Clone, Copy, Debug)]
struct Node {
    uniform: Option<f64>,
    normal: Option<f64>,
    weight: f64,
}

/// Nodes for a gate of logit `a` whose value bends or jumps where `a + noise` is one of `kinks`.
fn nodes(asks: Asks, a: f64, kinks: &[f64]) -> Vec<Node> {
    match asks {
        Asks::Nothing => vec![Node { uniform: None, normal: None, weight: 1.0 }],
        Asks::Uniform => {
            // Logistic noise is ± the logit of the uniform number, whichever way the estimator turns it.
            let cuts: Vec<f64> = kinks.iter().flat_map(|z| [z - a, a - z]).collect();
            let of = |(u, weight)| Node { uniform: Some(u), normal: None, weight };
            quadrature::uniform_by_logit(&cuts).into_iter().map(of).collect()
        }
        Asks::Normal | Asks::NormalAndCoin => {
            let cuts: Vec<f64> = kinks.iter().map(|z| z - a).collect();
            let coins: &[Option<f64>] = if asks == Asks::Normal { &[None] } else { &[Some(0.25), Some(0.75)] };
            let share = 1.0 / coins.len() as f64;
            let of = |(n, weight): (f64, f64)| {
                coins.iter().map(move |&uniform| Node { uniform, normal: Some(n), weight: weight * share })
            };
            quadrature::normal(&cuts).into_iter().flat_map(of).collect()
        }
    }
}

/// Every outcome for one or more gates, weighed. The number of outcomes is the product over gates.
pub(crate) fn outcomes(
    estimator: &mut dyn Estimator<f64>,
    logits: &[f64],
    loss: &Loss,
    asks: Asks,
    kinks: &[f64],
) -> Vec<Outcome> {
    let per_gate: Vec<Vec<Node>> = logits.iter().map(|&a| nodes(asks, a, kinks)).collect();
    let total: usize = per_gate.iter().map(Vec::len).product();
    (0..total)
        .map(|mut index| {
            let chosen: Vec<Node> = per_gate
                .iter()
                .map(|nodes| {
                    let node = nodes[index % nodes.len()];
                    index /= nodes.len();
                    node
                })
                .collect();
            let uniform: Vec<f64> = chosen.iter().filter_map(|node| node.uniform).collect();
            let normal: Vec<f64> = chosen.iter().filter_map(|node| node.normal).collect();
            let mut script = Script::uniform(&uniform).and_normal(&normal);
            let outcome = run(estimator, logits, &mut script, loss);
            assert!(script.is_spent(), "{}: asked for fewer numbers than {asks:?}", estimator.record().id);
            Outcome { weight: chosen.iter().map(|node| node.weight).product(), ..outcome }
        })
        .collect()
}

/// The gradient of the own objective `E f(g)` of independent gates with these laws: for each logit
/// `Σ (∂weight·f + weight·∂value·∂f/∂g)`, the other gates averaged over.
pub(crate) fn objective_gradient(laws: &[GateDistribution], loss: &Loss) -> Vec<f64> {
    (0..laws.len()).map(|i| walk(laws, loss, i, &mut Vec::new(), 1.0)).collect()
}

fn walk(laws: &[GateDistribution], loss: &Loss, of: usize, gates: &mut Vec<f64>, weight: f64) -> f64 {
    let at = gates.len();
    let Some(law) = laws.get(at) else {
        return weight * loss.at(gates);
    };
    let mut sum = 0.0;
    for atom in law {
        gates.push(atom.value);
        if at == of {
            sum += walk(laws, loss, of, gates, weight * atom.weight_grad);
            if atom.value_grad.abs() > 0.0 {
                sum += walk_slope(laws, loss, of, gates, weight * atom.weight * atom.value_grad);
            }
        } else {
            sum += walk(laws, loss, of, gates, weight * atom.weight);
        }
        gates.pop();
    }
    sum
}

/// The mean of `∂f/∂g_of` over the gates still to come.
fn walk_slope(laws: &[GateDistribution], loss: &Loss, of: usize, gates: &mut Vec<f64>, weight: f64) -> f64 {
    let Some(law) = laws.get(gates.len()) else {
        return weight * loss.slope_at(gates, of);
    };
    let mut sum = 0.0;
    for atom in law {
        gates.push(atom.value);
        sum += walk_slope(laws, loss, of, gates, weight * atom.weight);
        gates.pop();
    }
    sum
}
