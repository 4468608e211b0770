//! The gated layer as one example sees it: every open gate adds its share to the class scores, then a softmax.
//!
//! This is what a frozen network is to the laboratory: with the experts' outputs known, the loss of any gate values costs one
//! addition a gate and class.

use super::objective::{Objective, State};
use crate::estimator::GateDistribution;
use gatelab_kernels::{Purpose, RandomSource, Rng};

/// `f(g) = −ln softmax(bias + Σ g_i·move_i)[label]`, or 0 and 1 for right and wrong.
#[derive(Clone, Debug)]
pub struct SoftmaxHead {
    /// What each gate adds to the scores when it is open [n × K].
    moves: Vec<f64>,
    /// Scores with all gates closed, K.
    bias: Vec<f64>,
    label: usize,
    /// Whether only right or wrong counts.
    reward: bool,
}

impl SoftmaxHead {
    /// From `moves` [n × K] and `bias` [K]; `label < K`.
    pub fn new(moves: Vec<f64>, bias: Vec<f64>, label: usize, reward: bool) -> Self {
        Self { moves, bias, label, reward }
    }

    /// Random weights, of a size at which single gates matter and none decides.
    pub(super) fn random(gates: usize, classes: usize, seed: u64) -> Self {
        let mut noise = Rng::new(seed, Purpose::Lab, 0);
        let (mut moves, mut bias) = (vec![0.0; gates * classes], vec![0.0; classes]);
        noise.normal(&mut moves);
        noise.normal(&mut bias);
        let scale = 2.0 / (gates.max(1) as f64).sqrt();
        moves.iter_mut().for_each(|m: &mut f64| *m *= scale);
        Self { moves, bias, label: 0, reward: false }
    }

    fn classes(&self) -> usize {
        self.bias.len()
    }

    fn move_of(&self, gate: usize) -> &[f64] {
        &self.moves[gate * self.classes()..(gate + 1) * self.classes()]
    }

    fn scores(&self, gates: &[f64]) -> Vec<f64> {
        let mut scores = self.bias.clone();
        for (i, &g) in gates.iter().enumerate().filter(|(_, g)| **g != 0.0) {
            scores.iter_mut().zip(self.move_of(i)).for_each(|(s, m)| *s += g * m);
        }
        scores
    }

    fn loss(&self, scores: &[f64]) -> f64 {
        if self.reward {
            let own = scores[self.label];
            let beaten = scores.iter().enumerate().any(|(k, &s)| s > own || (s >= own && k < self.label));
            return f64::from(u8::from(beaten));
        }
        let largest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = scores.iter().map(|s| libm::exp(s - largest)).sum();
        largest + libm::log(sum) - scores[self.label]
    }

    /// `∂f/∂scores` in place of scores.
    fn to_gradient(&self, scores: &mut [f64]) {
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
        self.moves.len() / self.classes().max(1)
    }

    fn value(&self, gates: &[f64]) -> f64 {
        self.loss(&self.scores(gates))
    }

    fn slopes(&self, gates: &[f64], out: &mut [f64]) {
        let mut scores = self.scores(gates);
        self.to_gradient(&mut scores);
        for (i, out) in out.iter_mut().enumerate() {
            *out = dot(&scores, self.move_of(i));
        }
    }

    fn cost(&self, open: usize) -> u64 {
        (open * self.classes()) as u64
    }

    fn walk(&self) -> Box<dyn State + '_> {
        Box::new(Walk { head: self, scores: self.bias.clone() })
    }

    fn local_expectations(&self, gates: &[f64], laws: &[GateDistribution], out: &mut [f64]) {
        let scores = self.scores(gates);
        let mut moved = scores.clone();
        for (i, (law, out)) in laws.iter().zip(out).enumerate() {
            *out = 0.0;
            for atom in law {
                let by = atom.value - gates[i];
                moved.iter_mut().zip(&scores).zip(self.move_of(i)).for_each(|((to, s), m)| *to = s + by * m);
                *out += atom.weight_grad * self.loss(&moved);
                if atom.value_grad != 0.0 {
                    self.to_gradient(&mut moved);
                    *out += atom.weight * atom.value_grad * dot(&moved, self.move_of(i));
                }
            }
        }
    }
}

/// Scores carried along from state to state.
struct Walk<'a> {
    head: &'a SoftmaxHead,
    scores: Vec<f64>,
}

impl State for Walk<'_> {
    fn set(&mut self, gate: usize, open: bool) {
        let sign = if open { 1.0 } else { -1.0 };
        self.scores.iter_mut().zip(self.head.move_of(gate)).for_each(|(s, m)| *s += sign * m);
    }

    fn value(&self) -> f64 {
        self.head.loss(&self.scores)
    }
}
