//! The losses that command line and page offer, and how each is built.

use serde::{Deserialize, Serialize};

use super::objective::Objective;
use super::separable::{GateLoss, SeparableLoss};
use super::softmax::SoftmaxHead;

/// A loss by its parameters, as command line and page state it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum ObjectiveKind {
    /// `Σ |b − target|^power / n`.
    Power {
        /// The b at which the loss is smallest.
        target: f64,
        /// Exponent, 1..=20.
        power: f64,
    },
    /// `Σ (t² + (1 − 2t) b) / n`: equals the square on {0, 1}, but is linear in between.
    Line {
        /// t.
        target: f64,
    },
    /// `Σ (f₀ + (f₁ − f₀) b + κ b(b − 1)) / n`: any two values on {0, 1}, and a bend that changes gate gradients only.
    Values {
        /// f₀.
        closed: f64,
        /// f₁.
        open: f64,
        /// κ.
        bend: f64,
    },
    /// Cross-entropy of a softmax over `classes`, whose scores are a bias plus the sum of the open gates' weights; see
    /// [`SoftmaxHead::random`].
    Softmax {
        /// Number of classes, 2..=100.
        classes: usize,
        /// Seed of the weights.
        seed: u64,
    },
}

impl ObjectiveKind {
    /// The loss of `gates` gates.
    pub fn build(self, gates: usize) -> Box<dyn Objective> {
        let loss = match self {
            Self::Softmax { classes, seed } => return Box::new(SoftmaxHead::random(gates, classes, seed)),
            Self::Power { target, power } => GateLoss::Power { target, power },
            Self::Line { target } => GateLoss::Line { target },
            Self::Values { closed, open, bend } => GateLoss::Values { closed, open, bend },
        };
        Box::new(SeparableLoss::new(loss, gates))
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
                let changed = |step: f64| {
                    let mut gates = at;
                    gates[i] += step;
                    objective.value(&gates)
                };
                let difference = (changed(1e-5) - changed(-1e-5)) / 2e-5;
                assert!((difference - slopes[i]).abs() < 1e-8, "{kind:?}, gate {i}: {difference} {}", slopes[i]);
            }
        }
    }
}
