//! Gradients without sampling: sums over every state of the gates.

use super::objective::Objective;
use crate::estimator::{GateDistribution, distribution};
use gatelab_kernels::sigmoid;

/// Most Bernoulli gates that are enumerated: 65,536 states.
pub const MOST_GATES: usize = 16;
/// Most states that are enumerated for gates with more than two values.
const MOST_STATES: usize = 1 << 17;
/// Steps after which the running state is built anew, so that rounding errors do not accumulate.
const REBUILD_EVERY: usize = 256;

/// The expected loss over independent Bernoulli gates, and its gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct ExactExpectation {
    /// `E f`.
    pub expected: f64,
    /// `∂E f/∂a_i` [n].
    pub gradient: Vec<f64>,
}

/// `E f(b)` with `b_i ~ Bernoulli(σ(a_i))`, and its gradient with respect to the logits `a` [n]. Sums over all 2ⁿ states in
/// the order of a Gray code, where successive states differ in one gate. `None` for more than [`MOST_GATES`] gates.
///
/// Formula: `∂E f/∂a_i = Σ_b P(b)·(f(b) − f(0))·(b_i − p_i)`; `f(0)` is subtracted to keep the digits of small differences.
///
/// # Panics
/// If the number of logits is not that of the objective's gates.
pub fn enumerate(objective: &dyn Objective, logits: &[f64]) -> Option<ExactExpectation> {
    let n = logits.len();
    if n > MOST_GATES {
        return None;
    }
    assert_eq!(n, objective.gates(), "one logit for each gate");
    let open: Vec<f64> = logits.iter().map(|&a| sigmoid(a)).collect();
    let closed: Vec<f64> = logits.iter().map(|&a| sigmoid(-a)).collect();
    let mut hard = objective.hard_state();
    let base = hard.value();
    let (mut expected, mut gradient) = (base, vec![0.0; n]);
    for step in 1..1_usize << n {
        let state = step ^ step >> 1;
        let is_open = |i: usize| state >> i & 1 == 1;
        if step % REBUILD_EVERY == 0 {
            hard = objective.hard_state();
            (0..n).filter(|i| is_open(*i)).for_each(|i| hard.set(i, true));
        } else {
            let gate = step.trailing_zeros() as usize;
            hard.set(gate, is_open(gate));
        }
        let probability: f64 = (0..n).map(|i| if is_open(i) { open[i] } else { closed[i] }).product();
        let share = probability * (hard.value() - base);
        expected += share;
        for (i, g) in gradient.iter_mut().enumerate() {
            *g += share * if is_open(i) { closed[i] } else { -open[i] };
        }
    }
    Some(ExactExpectation { expected, gradient })
}

/// Gradient [n] of `E f` over independent gates of any distributions `laws` [n], summed over all combinations of their
/// values. `None` if there are more than 2¹⁷ combinations.
pub fn enumerate_laws(objective: &dyn Objective, laws: &[GateDistribution]) -> Option<Vec<f64>> {
    let states = laws.iter().try_fold(1_usize, |n, law| n.checked_mul(law.len()).filter(|n| *n <= MOST_STATES))?;
    let n = laws.len();
    let (mut gates, mut slopes, mut gradient) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let needs_slopes = laws.iter().flatten().any(|atom| atom.value_grad != 0.0);
    let mut chosen = vec![0_usize; n];
    for _ in 0..states {
        for (gate, (law, &k)) in gates.iter_mut().zip(laws.iter().zip(&chosen)) {
            *gate = law[k].value;
        }
        let value = objective.value(&gates);
        if needs_slopes {
            objective.slopes(&gates, &mut slopes);
        }
        for i in 0..n {
            let others: f64 = (0..n).filter(|j| *j != i).map(|j| laws[j][chosen[j]].weight).product();
            let atom = &laws[i][chosen[i]];
            gradient[i] += others * (atom.weight_grad * value + atom.weight * atom.value_grad * slopes[i]);
        }
        for (k, law) in chosen.iter_mut().zip(laws) {
            *k += 1;
            if *k < law.len() {
                break;
            }
            *k = 0;
        }
    }
    Some(gradient)
}

/// The first support point at which the cumulated probability of a gate's distribution reaches `u` (0..=1): inverse-transform
/// sampling. Returns the gate value; the last one if rounding keeps the sum below `u`.
///
/// # Panics
/// If the distribution has no support points.
pub fn sample(law: &GateDistribution, u: f64) -> f64 {
    let mut rest = u;
    for atom in law {
        rest -= atom.weight;
        if rest <= 0.0 {
            return atom.value;
        }
    }
    let last = law.last();
    assert!(last.is_some(), "a distribution needs support points");
    last.map_or(0.0, |atom| atom.value)
}

/// Whether a gate of this distribution is Bernoulli with probability `σ(logit)`, to 1e-12.
pub fn is_bernoulli(found: &GateDistribution, logit: f64) -> bool {
    let coin = distribution::bernoulli(logit);
    let close = |x: f64, y: f64| (x - y).abs() < 1e-12;
    found.len() == coin.len()
        && found.iter().zip(&coin).all(|(x, y)| {
            close(x.value, y.value)
                && close(x.weight, y.weight)
                && close(x.weight_grad, y.weight_grad)
                && x.value_grad == 0.0
        })
}

#[cfg(test)]
mod tests {
    use super::super::ObjectiveKind;
    use super::*;

    fn objectives(n: usize) -> Vec<Box<dyn Objective>> {
        vec![
            ObjectiveKind::Power { target: 0.45, power: 2.0 }.build(n),
            ObjectiveKind::Softmax { classes: 10, seed: 5 }.build(n),
        ]
    }

    /// `p_i q_i E[f(b_i = 1) − f(b_i = 0)]` written out.
    #[test]
    fn enumeration_equals_the_sum_written_out() {
        let logits = [-1.3, 0.2, 2.0, -0.4, 0.9];
        for objective in objectives(5) {
            let found = enumerate(objective.as_ref(), &logits).unwrap();
            for i in 0..5 {
                let mut exact = 0.0;
                for state in 0..32_usize {
                    let gates: Vec<f64> = (0..5).map(|j| f64::from(u8::from(state >> j & 1 == 1))).collect();
                    let weight: f64 = (0..5)
                        .filter(|j| *j != i)
                        .map(|j| sigmoid(if gates[j] > 0.5 { logits[j] } else { -logits[j] }))
                        .product();
                    let sign = if gates[i] > 0.5 { 1.0 } else { -1.0 };
                    exact += sign * weight * objective.value(&gates);
                }
                let p: f64 = sigmoid(logits[i]);
                exact *= p * (1.0 - p);
                assert!((found.gradient[i] - exact).abs() < 1e-14, "gate {i}: {} {exact}", found.gradient[i]);
            }
        }
    }

    #[test]
    fn bernoulli_laws_give_the_same_and_sixteen_gates_are_enumerated() {
        let logits: Vec<f64> = (0..10).map(|i| 0.4 * f64::from(i) - 2.0).collect();
        let laws: Vec<GateDistribution> = logits.iter().map(|&a| distribution::bernoulli(a)).collect();
        for objective in objectives(10) {
            let enumerated = enumerate(objective.as_ref(), &logits).unwrap().gradient;
            let summed = enumerate_laws(objective.as_ref(), &laws).unwrap();
            enumerated.iter().zip(&summed).for_each(|(x, y)| assert!((x - y).abs() < 1e-14));
        }
        let many: Vec<f64> = (0..16).map(|i| 0.1 * f64::from(i) - 0.7).collect();
        let objective = ObjectiveKind::Softmax { classes: 10, seed: 1 }.build(16);
        let found = enumerate(objective.as_ref(), &many).unwrap();
        // The derivative of the expectation, by differences.
        let at = |step: f64| {
            let mut logits = many.clone();
            logits[7] += step;
            enumerate(objective.as_ref(), &logits).unwrap().expected
        };
        assert!(((at(1e-4) - at(-1e-4)) / 2e-4 - found.gradient[7]).abs() < 1e-9);
        assert!(enumerate(objective.as_ref(), &[0.0; 17]).is_none());
    }

    /// The average of local expectations over draws of the other gates is the exact gradient.
    #[test]
    fn local_expectations_average_to_the_exact_gradient() {
        let logits = [-1.0, 0.3, 1.2, -0.2];
        let laws: Vec<GateDistribution> = logits.iter().map(|&a| distribution::bernoulli(a)).collect();
        for objective in objectives(4) {
            let exact = enumerate(objective.as_ref(), &logits).unwrap().gradient;
            let (mut mean, mut local) = ([0.0; 4], [0.0; 4]);
            for state in 0..16_usize {
                let gates: Vec<f64> = (0..4).map(|j| f64::from(u8::from(state >> j & 1 == 1))).collect();
                let weight: f64 =
                    (0..4).map(|j| sigmoid::<f64>(if gates[j] > 0.5 { logits[j] } else { -logits[j] })).product();
                objective.local_expectations(&gates, &laws, &mut local);
                mean.iter_mut().zip(&local).for_each(|(m, l)| *m += weight * l);
            }
            mean.iter().zip(&exact).for_each(|(x, y)| assert!((x - y).abs() < 1e-14));
        }
    }
}
