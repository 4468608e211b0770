//! Losses of a few gates, defined for real gate values too, since that is what slopes are taken of.

use serde::{Deserialize, Serialize};

use super::softmax::SoftmaxHead;
use crate::estimator::GateDistribution;

/// A loss `f(g)` of gate values.
pub trait Objective: Send + Sync {
    /// Number of gates n.
    fn gates(&self) -> usize;

    /// `f(g)`; `g` has length n.
    fn value(&self, gates: &[f64]) -> f64;

    /// `∂f/∂g_i` for every gate; both slices have length n.
    fn slopes(&self, gates: &[f64], out: &mut [f64]);

    /// Multiply-adds of one evaluation with `open` gates that aren't zero.
    fn cost(&self, open: usize) -> u64;

    /// A walk over hard gate states that starts with all gates closed.
    fn walk(&self) -> Box<dyn State + '_>;

    /// `∂/∂a_i` of `E f` over gate i's law, the others held at `gates`, for every i: one local expectation each.
    fn local_expectations(&self, gates: &[f64], laws: &[GateDistribution], out: &mut [f64]) {
        let mut moved = gates.to_vec();
        let mut slopes = vec![0.0; gates.len()];
        for (i, (law, out)) in laws.iter().zip(out).enumerate() {
            *out = 0.0;
            for atom in law {
                moved[i] = atom.value;
                *out += atom.weight_grad * self.value(&moved);
                if atom.value_grad != 0.0 {
                    self.slopes(&moved, &mut slopes);
                    *out += atom.weight * atom.value_grad * slopes[i];
                }
            }
            moved[i] = gates[i];
        }
    }
}

/// A hard gate state being walked from neighbour to neighbour.
pub trait State {
    /// Opens or closes one gate.
    fn set(&mut self, gate: usize, open: bool);
    /// `f` here.
    fn value(&self) -> f64;
}

/// The walk that evaluates `f` anew at each state.
struct Plain<'a> {
    objective: &'a dyn Objective,
    gates: Vec<f64>,
}

impl State for Plain<'_> {
    fn set(&mut self, gate: usize, open: bool) {
        self.gates[gate] = f64::from(u8::from(open));
    }

    fn value(&self) -> f64 {
        self.objective.value(&self.gates)
    }
}

/// Which loss, as command line and page say it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum ObjectiveKind {
    /// `Σ |b − target|^power / n`.
    Power {
        /// Where the loss is smallest.
        target: f64,
        /// At least 1.
        power: f64,
    },
    /// `Σ (t² + (1 − 2t) b) / n`: on {0, 1} the same as the square, spelled without one.
    Line {
        /// t.
        target: f64,
    },
    /// `Σ (f₀ + (f₁ − f₀) b + κ b(b − 1)) / n`: values of one's own, and a bend that only slopes can see.
    Values {
        /// f₀.
        closed: f64,
        /// f₁.
        open: f64,
        /// κ.
        bend: f64,
    },
    /// Cross-entropy of a softmax over `classes` whose scores the open gates add up to, with weights from `seed`.
    Softmax {
        /// Number of classes, 2..=100.
        classes: usize,
        /// Seed of weights and label.
        seed: u64,
    },
}

impl ObjectiveKind {
    /// The loss itself, of `gates` gates.
    pub fn build(self, gates: usize) -> Box<dyn Objective> {
        match self {
            Self::Softmax { classes, seed } => Box::new(SoftmaxHead::random(gates, classes, seed)),
            _ => Box::new(Separable { kind: self, gates }),
        }
    }
}

/// The mean over gates of one function of one gate.
struct Separable {
    kind: ObjectiveKind,
    gates: usize,
}

impl Separable {
    /// Value and slope of one gate's share, times n.
    fn share(&self, b: f64) -> (f64, f64) {
        match self.kind {
            ObjectiveKind::Power { target, power } => {
                let distance = b - target;
                let value = libm::pow(distance.abs(), power);
                let slope = if distance == 0.0 { 0.0 } else { power * value / distance };
                (value, slope)
            }
            ObjectiveKind::Line { target } => (target * target + (1.0 - 2.0 * target) * b, 1.0 - 2.0 * target),
            ObjectiveKind::Values { closed, open, bend } => {
                (closed + (open - closed) * b + bend * b * (b - 1.0), open - closed + bend * (2.0 * b - 1.0))
            }
            ObjectiveKind::Softmax { .. } => (0.0, 0.0),
        }
    }
}

impl Objective for Separable {
    fn gates(&self) -> usize {
        self.gates
    }

    fn value(&self, gates: &[f64]) -> f64 {
        gates.iter().map(|&b| self.share(b).0).sum::<f64>() / self.gates as f64
    }

    fn slopes(&self, gates: &[f64], out: &mut [f64]) {
        for (out, &b) in out.iter_mut().zip(gates) {
            *out = self.share(b).1 / self.gates as f64;
        }
    }

    fn cost(&self, _: usize) -> u64 {
        self.gates as u64
    }

    fn walk(&self) -> Box<dyn State + '_> {
        Box::new(Plain { objective: self, gates: vec![0.0; self.gates] })
    }

    fn local_expectations(&self, _: &[f64], laws: &[GateDistribution], out: &mut [f64]) {
        // What the other gates add is the same at every atom, and the slopes of the weights sum to nothing.
        for (law, out) in laws.iter().zip(out) {
            let sum: f64 = law
                .iter()
                .map(|atom| {
                    let (value, slope) = self.share(atom.value);
                    atom.weight_grad * value + atom.weight * atom.value_grad * slope
                })
                .sum();
            *out = sum / self.gates as f64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_spellings_of_one_function_agree_on_hard_gates_only() {
        let t = 0.3;
        let square = ObjectiveKind::Power { target: t, power: 2.0 }.build(2);
        let line = ObjectiveKind::Line { target: t }.build(2);
        let values = ObjectiveKind::Values { closed: t * t, open: (1.0 - t) * (1.0 - t), bend: 1.0 }.build(2);
        for gates in [[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]] {
            assert!((square.value(&gates) - line.value(&gates)).abs() < 1e-15);
            assert!((square.value(&gates) - values.value(&gates)).abs() < 1e-15);
        }
        assert!((square.value(&[0.5, 0.5]) - line.value(&[0.5, 0.5])).abs() > 0.1);
        assert!((square.value(&[0.5, 0.7]) - values.value(&[0.5, 0.7])).abs() < 1e-15);
    }

    #[test]
    fn slopes_are_those_of_the_values() {
        let kinds = [
            ObjectiveKind::Power { target: 0.45, power: 3.0 },
            ObjectiveKind::Line { target: 0.45 },
            ObjectiveKind::Values { closed: 0.2, open: 0.9, bend: -0.7 },
            ObjectiveKind::Softmax { classes: 5, seed: 3 },
        ];
        for kind in kinds {
            let objective = kind.build(3);
            let at = [0.2, 1.0, 0.6];
            let mut slopes = [0.0; 3];
            objective.slopes(&at, &mut slopes);
            for i in 0..3 {
                let moved = |step: f64| {
                    let mut gates = at;
                    gates[i] += step;
                    objective.value(&gates)
                };
                let difference = (moved(1e-5) - moved(-1e-5)) / 2e-5;
                assert!((difference - slopes[i]).abs() < 1e-8, "{kind:?}, gate {i}: {difference} {}", slopes[i]);
            }
        }
    }
}
