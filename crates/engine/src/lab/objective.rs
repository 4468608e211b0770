//! Losses of a few gates. They are defined for real gate values too, because gate gradients `∂f/∂g` are taken of them.

use crate::estimator::GateDistribution;

/// A loss `f(g)` of n gate values.
pub trait Objective: Send + Sync {
    /// Number of gates n.
    fn gates(&self) -> usize;

    /// `f(g)`; `gates` [n].
    fn value(&self, gates: &[f64]) -> f64;

    /// Writes `∂f/∂g_i` of every gate to `out` [n]; `gates` [n].
    fn slopes(&self, gates: &[f64], out: &mut [f64]);

    /// Multiply-adds of one evaluation with `active` gates that are not zero.
    fn cost(&self, active: usize) -> u64;

    /// A hard gate state with all gates closed, which can be changed one gate at a time.
    fn hard_state(&self) -> Box<dyn HardState + '_>;

    /// Whether `f` has all derivatives in each gate value. Only then does a Gauss rule over a continuous gate value reach full
    /// accuracy; a kink leaves an error of up to some per cent.
    fn is_smooth(&self) -> bool {
        true
    }

    /// Local expectations: writes `∂/∂a_i E f` over gate i's distribution to `out` [n], with the other gates held at `gates`
    /// [n]; `laws` [n].
    ///
    /// Formula: `Σ_k (∂w_k/∂a · f(g_i = v_k) + w_k · ∂v_k/∂a · ∂f/∂g_i(g_i = v_k))` over the values `v_k` of gate i and their
    /// probabilities `w_k`. Source: Titsias & Lázaro-Gredilla 2015 (local expectation gradients).
    fn local_expectations(&self, gates: &[f64], laws: &[GateDistribution], out: &mut [f64]) {
        let mut changed = gates.to_vec();
        let mut slopes = vec![0.0; gates.len()];
        for (i, (law, out)) in laws.iter().zip(out).enumerate() {
            *out = 0.0;
            for atom in law {
                changed[i] = atom.value;
                *out += atom.weight_grad * self.value(&changed);
                if atom.value_grad != 0.0 {
                    self.slopes(&changed, &mut slopes);
                    *out += atom.weight * atom.value_grad * slopes[i];
                }
            }
            changed[i] = gates[i];
        }
    }
}

/// A state of hard gates (each 0 or 1) that enumeration changes one gate at a time.
pub trait HardState {
    /// Opens or closes one gate. The gate must be in the other state before.
    fn set(&mut self, gate: usize, open: bool);
    /// `f` of this state.
    fn value(&self) -> f64;
}
