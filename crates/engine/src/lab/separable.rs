//! Losses that are the mean over gates of one function of one gate: `f(g) = Σ_i φ(g_i) / n`.

use super::objective::{HardState, Objective};
use crate::estimator::GateDistribution;

/// The function φ of one gate value b.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum GateLoss {
    /// `|b − target|^power`.
    Power {
        /// The b at which the loss is smallest.
        target: f64,
        /// Exponent, 1..=20.
        power: f64,
    },
    /// `t² + (1 − 2t) b`: equals `(b − t)²` on {0, 1}, but is linear in between.
    Line {
        /// t.
        target: f64,
    },
    /// `f₀ + (f₁ − f₀) b + κ b(b − 1)`: any two values on {0, 1}, and a bend that changes gate gradients only.
    Values {
        /// f₀.
        closed: f64,
        /// f₁.
        open: f64,
        /// κ.
        bend: f64,
    },
}

impl GateLoss {
    /// `φ(b)` and `φ′(b)`. Where `|b − t|` has no derivative, 0 is returned for it.
    fn at(self, b: f64) -> (f64, f64) {
        match self {
            Self::Power { target, power } => {
                let distance = b - target;
                let value = libm::pow(distance.abs(), power);
                let slope = if distance == 0.0 { 0.0 } else { power * value / distance };
                (value, slope)
            }
            Self::Line { target } => (target * target + (1.0 - 2.0 * target) * b, 1.0 - 2.0 * target),
            Self::Values { closed, open, bend } => {
                (closed + (open - closed) * b + bend * b * (b - 1.0), open - closed + bend * (2.0 * b - 1.0))
            }
        }
    }
}

/// `f(g) = Σ_i φ(g_i) / n`.
#[derive(Clone, Copy, Debug)]
pub struct SeparableLoss {
    loss: GateLoss,
    gates: usize,
}

impl SeparableLoss {
    /// The mean of `loss` over `gates` gates (at least 1).
    pub fn new(loss: GateLoss, gates: usize) -> Self {
        Self { loss, gates }
    }
}

impl Objective for SeparableLoss {
    fn gates(&self) -> usize {
        self.gates
    }

    fn value(&self, gates: &[f64]) -> f64 {
        gates.iter().map(|&b| self.loss.at(b).0).sum::<f64>() / self.gates as f64
    }

    fn slopes(&self, gates: &[f64], out: &mut [f64]) {
        for (out, &b) in out.iter_mut().zip(gates) {
            *out = self.loss.at(b).1 / self.gates as f64;
        }
    }

    fn cost(&self, _: usize) -> u64 {
        self.gates as u64
    }

    fn hard_state(&self) -> Box<dyn HardState + '_> {
        Box::new(GateValues { objective: self, gates: vec![0.0; self.gates] })
    }

    /// `|b − t|^p` has all derivatives for even p only.
    fn is_smooth(&self) -> bool {
        match self.loss {
            GateLoss::Power { power, .. } => power % 2.0 == 0.0,
            GateLoss::Line { .. } | GateLoss::Values { .. } => true,
        }
    }

    fn local_expectations(&self, _: &[f64], laws: &[GateDistribution], out: &mut [f64]) {
        // The share of the other gates is the same at every support point, and Σ ∂w/∂a = 0, so that share drops out.
        for (law, out) in laws.iter().zip(out) {
            let sum: f64 = law
                .iter()
                .map(|atom| {
                    let (value, slope) = self.loss.at(atom.value);
                    atom.weight_grad * value + atom.weight * atom.value_grad * slope
                })
                .sum();
            *out = sum / self.gates as f64;
        }
    }
}

/// Gate values, with `f` evaluated anew at each state.
struct GateValues<'a> {
    objective: &'a SeparableLoss,
    gates: Vec<f64>,
}

impl HardState for GateValues<'_> {
    fn set(&mut self, gate: usize, open: bool) {
        self.gates[gate] = f64::from(u8::from(open));
    }

    fn value(&self) -> f64 {
        self.objective.value(&self.gates)
    }
}
