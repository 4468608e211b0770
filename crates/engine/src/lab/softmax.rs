//! The loss of one example as a function of its gate values: the gated layer's output layer and a softmax.
//!
//! In a frozen network the experts' outputs `z` are fixed. Gate i then adds `g_i·δ_i` to the class scores, with
//! `δ_i = z_i·W3` `[K]`, whatever the other gates are. So the loss of any gate values costs n·K multiply-adds.

use super::objective::{HardState, Objective};
use crate::estimator::GateDistribution;
use gatelab_kernels::{Purpose, RandomSource, Rng};

/// `f(g) = −ln softmax(bias + Σ_i g_i·δ_i)[label]` in nats, or the 0/1 loss of its argmax.
#[derive(Clone, Debug)]
pub struct SoftmaxHead {
    /// δ: what each gate adds to the class scores at g = 1 [n × K], row-major.
    score_deltas: Vec<f64>,
    /// Class scores with all gates closed `[K]`.
    bias: Vec<f64>,
    label: usize,
    /// Whether the loss is 0 for the right class and 1 for a wrong one, instead of the cross-entropy.
    reward: bool,
}

impl SoftmaxHead {
    /// From `score_deltas` [n × K] (row-major), `bias` `[K]` and `label < K`. With `reward` the loss is 0 where the label has the
    /// highest score and 1 elsewhere.
    ///
    /// # Panics
    /// If `label` is not a class or `score_deltas` is not a whole number of rows.
    pub fn new(score_deltas: Vec<f64>, bias: Vec<f64>, label: usize, reward: bool) -> Self {
        assert!(label < bias.len(), "label {label} is none of {} classes", bias.len());
        assert!(score_deltas.len().is_multiple_of(bias.len()), "score deltas must be rows of {} classes", bias.len());
        Self { score_deltas, bias, label, reward }
    }

    /// Random weights: `δ ~ N(0, 4/n)` and `bias ~ N(0, 1)` from the stream ([`Purpose::Measurement`], step 0) of `seed`; label 0. At
    /// this scale each gate changes the loss and no single gate decides it.
    pub fn random(gates: usize, classes: usize, seed: u64) -> Self {
        let mut rng = Rng::new(seed, Purpose::Measurement, 0);
        let (mut score_deltas, mut bias) = (vec![0.0; gates * classes], vec![0.0; classes]);
        rng.normal(&mut score_deltas);
        rng.normal(&mut bias);
        let scale = 2.0 / (gates.max(1) as f64).sqrt();
        score_deltas.iter_mut().for_each(|delta: &mut f64| *delta *= scale);
        Self::new(score_deltas, bias, 0, false)
    }

    fn classes(&self) -> usize {
        self.bias.len()
    }

    /// δ of one gate `[K]`.
    fn score_delta(&self, gate: usize) -> &[f64] {
        &self.score_deltas[gate * self.classes()..(gate + 1) * self.classes()]
    }

    /// Class scores at these gate values `[K]`.
    fn scores(&self, gates: &[f64]) -> Vec<f64> {
        let mut scores = self.bias.clone();
        for (i, &g) in gates.iter().enumerate().filter(|(_, g)| **g != 0.0) {
            scores.iter_mut().zip(self.score_delta(i)).for_each(|(s, delta)| *s += g * delta);
        }
        scores
    }

    /// The loss at class scores `[K]`. With a reward, the label must beat every class before it and reach every class after it;
    /// scores that are not numbers make the loss NaN, as they do with the cross-entropy.
    fn loss(&self, scores: &[f64]) -> f64 {
        if self.reward {
            if scores.iter().any(|s| s.is_nan()) {
                return f64::NAN;
            }
            let own = scores[self.label];
            let beaten = scores.iter().enumerate().any(|(k, &s)| s > own || (s >= own && k < self.label));
            return f64::from(u8::from(beaten));
        }
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = scores.iter().map(|s| libm::exp(s - largest)).sum();
        largest + libm::log(sum) - scores[self.label]
    }

    /// Replaces class scores `[K]` by `∂f/∂scores` `[K]`: softmax minus one-hot, or 0 with a reward, which has no gradient.
    fn scores_to_gradient(&self, scores: &mut [f64]) {
        if self.reward {
            return scores.fill(0.0);
        }
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        scores.iter_mut().for_each(|s| *s = libm::exp(*s - largest));
        let sum: f64 = scores.iter().sum();
        scores.iter_mut().for_each(|s| *s /= sum);
        scores[self.label] -= 1.0;
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl Objective for SoftmaxHead {
    fn gates(&self) -> usize {
        self.score_deltas.len() / self.classes()
    }

    fn value(&self, gates: &[f64]) -> f64 {
        self.loss(&self.scores(gates))
    }

    fn slopes(&self, gates: &[f64], out: &mut [f64]) {
        let mut gradient = self.scores(gates);
        self.scores_to_gradient(&mut gradient);
        for (i, out) in out.iter_mut().enumerate() {
            *out = dot(&gradient, self.score_delta(i));
        }
    }

    fn cost(&self, active: usize) -> u64 {
        (active * self.classes()) as u64
    }

    fn hard_state(&self) -> Box<dyn HardState + '_> {
        Box::new(Scores { head: self, scores: self.bias.clone() })
    }

    /// The 0/1 loss jumps where another class overtakes the label.
    fn is_smooth(&self) -> bool {
        !self.reward
    }

    fn local_expectations(&self, gates: &[f64], laws: &[GateDistribution], out: &mut [f64]) {
        let scores = self.scores(gates);
        let mut changed = scores.clone();
        for (i, (law, out)) in laws.iter().zip(out).enumerate() {
            *out = 0.0;
            for atom in law {
                let by = atom.value - gates[i];
                changed
                    .iter_mut()
                    .zip(&scores)
                    .zip(self.score_delta(i))
                    .for_each(|((to, s), delta)| *to = s + by * delta);
                *out += atom.weight_grad * self.loss(&changed);
                if atom.value_grad != 0.0 {
                    self.scores_to_gradient(&mut changed);
                    *out += atom.weight * atom.value_grad * dot(&changed, self.score_delta(i));
                }
            }
        }
    }
}

/// Class scores of a hard gate state `[K]`, updated gate by gate.
struct Scores<'a> {
    head: &'a SoftmaxHead,
    scores: Vec<f64>,
}

impl HardState for Scores<'_> {
    fn set(&mut self, gate: usize, open: bool) {
        let sign = if open { 1.0 } else { -1.0 };
        self.scores.iter_mut().zip(self.head.score_delta(gate)).for_each(|(s, delta)| *s += sign * delta);
    }

    fn value(&self) -> f64 {
        self.head.loss(&self.scores)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_that_are_not_numbers_are_no_right_answer() {
        for reward in [false, true] {
            let head = SoftmaxHead::new(vec![f64::NAN, 0.0], vec![0.0, 1.0], 0, reward);
            assert!(head.value(&[1.0]).is_nan(), "reward: {reward}");
            assert!(!head.value(&[0.0]).is_nan());
        }
    }
}
