//! Learning on a toy: the logits follow an estimator's gradient, and the exact expected loss is reported on the way.

use serde::{Deserialize, Serialize};

use super::exact::{enumerate, sample};
use super::finite;
use super::objective::Objective;
use super::objective_kind::ObjectiveKind;
use super::toy_context::ToyContext;
use super::toy_spec::{LabError, ToySpec, make};
use crate::estimator::{Estimator, GateDistribution, GateDraw, distribution};
use gatelab_kernels::{Adam, AdamUpdate, Matrix, Purpose, RandomSource, Rng, sigmoid};

/// Draws that the expected loss is averaged over where the states are too many to enumerate.
const AVERAGED_OVER: usize = 256;

/// How the logits are updated from the gradient.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Plain gradient descent.
    #[default]
    Sgd,
    /// Adam with β₁ = 0.9, β₂ = 0.999, ε = 1e-8 (Kingma & Ba 2015).
    Adam,
}

/// The state of learning after some steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingPoint {
    /// Steps done.
    pub step: u64,
    /// `E f` under Bernoulli gates with the present probabilities.
    #[serde(with = "finite")]
    pub expected: f64,
    /// Its standard error, 0 where it is exact.
    #[serde(with = "finite")]
    pub error: f64,
    /// Mean firing probability of the gates.
    #[serde(with = "finite")]
    pub mean_p: f64,
}

/// Training of a toy's logits with one estimator.
pub struct ToyTraining {
    objective: Box<dyn Objective>,
    kind: ObjectiveKind,
    estimator: Box<dyn Estimator<f64>>,
    method: Method,
    rate: f64,
    seed: u64,
    step: u64,
    /// `[n]`.
    logits: Vec<f64>,
    /// Adam's moving averages of the gradient and its square, each `[n]`.
    moments: [Vec<f64>; 2],
    batch: Matrix<f64>,
    draw: GateDraw<f64>,
    gradient: Matrix<f64>,
}

impl ToyTraining {
    /// Starts at the specification's probabilities, with its first estimator; `batch` (1..=100,000) draws per step, learning rate
    /// `rate` > 0.
    ///
    /// # Errors
    /// A number out of range, an unknown estimator, a knob that it refuses.
    pub fn new(spec: &ToySpec, method: Method, rate: f64, batch: usize) -> Result<Self, LabError> {
        spec.check()?;
        if !(rate > 0.0 && rate.is_finite()) {
            return Err(LabError::Range { what: "lr", found: rate.to_string(), expected: "a positive number" });
        }
        if !(1..=100_000).contains(&batch) || batch * spec.p.len() > 50_000_000 {
            return Err(LabError::Range {
                what: "batch",
                found: batch.to_string(),
                expected: "from 1 to 100000 draws",
            });
        }
        let id = spec.estimators.first().map_or("", String::as_str);
        let logits: Vec<f64> = spec.p.iter().map(|&p| gatelab_kernels::logit(p)).collect();
        let n = logits.len();
        Ok(Self {
            objective: spec.objective.build(n),
            kind: spec.objective,
            estimator: make(id, &spec.knobs)?,
            method,
            rate,
            seed: spec.seed,
            step: 0,
            moments: [vec![0.0; n], vec![0.0; n]],
            batch: Matrix::zeros((batch, n)),
            draw: GateDraw::new(batch, n),
            gradient: Matrix::zeros((batch, n)),
            logits,
        })
    }

    /// One update from the mean gradient of one minibatch. Draws come from the stream (seed, [`Purpose::Measurement`], step).
    pub fn step(&mut self) {
        for row in self.batch.rows_mut() {
            row.iter_mut().zip(&self.logits).for_each(|(x, a)| *x = *a);
        }
        self.step += 1;
        let mut noise = Rng::new(self.seed, Purpose::Measurement, self.step);
        self.estimator.draw(&self.batch, &mut noise, &mut self.draw);
        let mut context = ToyContext::new(self.objective.as_ref(), &self.draw.gates);
        self.estimator.logit_gradient(&self.batch, &self.draw, &mut context, &mut noise, &mut self.gradient);
        let mut mean = vec![0.0; self.logits.len()];
        for row in self.gradient.rows() {
            mean.iter_mut().zip(row).for_each(|(mean, g)| *mean += g);
        }
        mean.iter_mut().for_each(|mean| *mean /= self.gradient.nrows() as f64);
        let [first, second] = &mut self.moments;
        match self.method {
            Method::Sgd => self.logits.iter_mut().zip(&mean).for_each(|(a, &g)| *a -= self.rate * g),
            Method::Adam => {
                let update = AdamUpdate { weights: &mut self.logits, gradient: &mean, mean: first, square: second };
                Adam::default().step(self.rate, self.step as f64, update);
            }
        }
        // Beyond ±40 the probability is 0 or 1 in double precision, and the expected loss no longer changes.
        self.logits.iter_mut().for_each(|a| *a = a.clamp(-40.0, 40.0));
    }

    /// Firing probability of every gate `[n]`.
    pub fn probabilities(&self) -> Vec<f64> {
        self.logits.iter().map(|&a| sigmoid(a)).collect()
    }

    /// The present state of learning.
    pub fn point(&self) -> TrainingPoint {
        let p = self.probabilities();
        let mean_p = p.iter().sum::<f64>() / p.len() as f64;
        let (expected, error) = self.expected(&p);
        TrainingPoint { step: self.step, expected, error, mean_p }
    }

    /// The expected loss and its standard error at firing probabilities `p` `[n]`.
    fn expected(&self, p: &[f64]) -> (f64, f64) {
        let n = p.len();
        if !matches!(self.kind, ObjectiveKind::Softmax { .. }) {
            // The loss is a mean over gates: its expectation is the mean of theirs.
            let ends = self.kind.build(1);
            let (closed, open) = (ends.value(&[0.0]), ends.value(&[1.0]));
            return (p.iter().map(|p| closed + p * (open - closed)).sum::<f64>() / n as f64, 0.0);
        }
        if let Some(exact) = enumerate(self.objective.as_ref(), &self.logits) {
            return (exact.expected, 0.0);
        }
        let laws: Vec<GateDistribution> = self.logits.iter().map(|&a| distribution::bernoulli(a)).collect();
        let mut noise = Rng::new(self.seed, Purpose::Reference, 0);
        let (mut uniform, mut gates) = (vec![0.0; n], vec![0.0; n]);
        let values: Vec<f64> = (0..AVERAGED_OVER)
            .map(|_| {
                noise.uniform(&mut uniform);
                gates.iter_mut().zip(&laws).zip(&uniform).for_each(|((g, law), &u)| *g = sample(law, u));
                self.objective.value(&gates)
            })
            .collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (count - 1.0);
        (mean, (variance / count).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn train(id: &str, p: f64, method: Method, rate: f64, batch: usize, steps: u64) -> TrainingPoint {
        let objective = ObjectiveKind::Power { target: 0.45, power: 2.0 };
        let spec = ToySpec {
            objective,
            p: vec![p; 6],
            estimators: vec![id.into()],
            knobs: std::collections::BTreeMap::new(),
            seed: 1,
        };
        let mut training = ToyTraining::new(&spec, method, rate, batch).unwrap();
        (0..steps).for_each(|_| training.step());
        training.point()
    }

    /// `E (b − t)² = t² + p(1 − 2t)` is smallest at p = 0; straight-through stops at p = t, where its mean `2pq(p − t)` is 0.
    #[test]
    fn straight_through_stops_at_the_target_and_an_unbiased_estimator_goes_on() {
        let stuck = train("st-sigmoid", 0.2, Method::Sgd, 20.0, 64, 2000);
        assert!((stuck.mean_p - 0.45).abs() < 0.05, "{stuck:?}");
        let right = train("reinforce-mean", 0.2, Method::Adam, 0.05, 64, 2000);
        assert!(right.mean_p < 0.02, "{right:?}");
        assert!((right.expected - (0.2025 + 0.1 * right.mean_p)).abs() < 1e-12);
    }
}
