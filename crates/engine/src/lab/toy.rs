//! Estimators side by side on a toy of a few gates: the same logits, the same objective, measured against a reference gradient.

use super::exact;
use super::metrics::{Metrics, Row};
use super::moments::Moments;
use super::objective::Objective;
use super::reference::ReferenceGradient;
use super::toy_context::ToyContext;
use super::toy_spec::{LabError, ToySpec, make};
use crate::estimator::{Estimator, GateDistribution, GateDraw, Record, distribution};
use gatelab_kernels::{Matrix, Purpose, Rng};

/// Draws per call of an estimator.
const BATCH: usize = 64;
/// Batches that an estimator with moving averages runs on before its draws are counted.
const WARM_UP: usize = 50;

/// One estimator and its measurements.
struct ToyEstimator {
    record: &'static Record,
    estimator: Box<dyn Estimator<f64>>,
    rng: Rng,
    moments: Moments,
    /// Multiply-adds of all counted draws.
    macs: u64,
    reference: ReferenceGradient,
    /// Whether its gates are not Bernoulli(σ(a)).
    own_objective: bool,
}

/// Estimators that are measured on a toy of n gates.
pub struct Toy {
    objective: Box<dyn Objective>,
    /// The same logits for every draw of a batch [batch × n].
    logits: Matrix<f64>,
    bernoulli: ReferenceGradient,
    estimators: Vec<ToyEstimator>,
    draw: GateDraw<f64>,
    /// Logit gradients of the last batch [batch × n].
    gradient: Matrix<f64>,
}

impl Toy {
    /// Computes the reference gradients, and runs estimators with moving averages until these are warm. The k-th estimator
    /// draws from the stream (seed, [`Purpose::Measurement`], k + 1).
    ///
    /// # Errors
    /// A specification that is out of range, an unknown estimator, a knob that it refuses.
    pub fn new(spec: &ToySpec) -> Result<Self, LabError> {
        spec.check()?;
        let logits = spec.logits();
        let n = logits.len();
        let objective = spec.objective.build(n);
        let coins: Vec<GateDistribution> = logits.iter().map(|&a| distribution::bernoulli(a)).collect();
        let bernoulli = ReferenceGradient::new(objective.as_ref(), &logits, &coins, spec.seed);
        let mut toy = Self {
            objective,
            logits: Matrix::from_shape_fn((BATCH, n), |(_, j)| logits[j]),
            bernoulli,
            estimators: Vec::new(),
            draw: GateDraw::new(BATCH, n),
            gradient: Matrix::zeros((BATCH, n)),
        };
        for (k, id) in spec.estimators.iter().enumerate() {
            let estimator = make(id, &spec.knobs)?;
            let laws: Vec<GateDistribution> = logits.iter().map(|&a| estimator.distribution(a)).collect();
            let own_objective = laws.iter().zip(&logits).any(|(law, &a)| !exact::is_bernoulli(law, a));
            let reference = if own_objective {
                ReferenceGradient::new(toy.objective.as_ref(), &logits, &laws, spec.seed)
            } else {
                toy.bernoulli.clone()
            };
            let rng = Rng::new(spec.seed, Purpose::Measurement, k as u64 + 1);
            let (record, moments) = (estimator.record(), Moments::new(n));
            toy.estimators.push(ToyEstimator { record, estimator, rng, moments, macs: 0, reference, own_objective });
            toy.warm_up(k);
        }
        Ok(toy)
    }

    fn warm_up(&mut self, k: usize) {
        if !self.estimators[k].estimator.has_state() {
            return;
        }
        for _ in 0..WARM_UP {
            self.batch(k);
        }
    }

    /// Draws one batch of gradients of the k-th estimator into `gradient`; returns its multiply-adds.
    fn batch(&mut self, k: usize) -> u64 {
        let ToyEstimator { estimator, rng, .. } = &mut self.estimators[k];
        estimator.draw(&self.logits, rng, &mut self.draw);
        let mut context = ToyContext::new(self.objective.as_ref(), &self.draw.gates);
        estimator.logit_gradient(&self.logits, &self.draw, &mut context, rng, &mut self.gradient);
        context.macs()
    }

    /// Adds `samples` draws, rounded up to whole batches of 64, to every estimator.
    pub fn sample(&mut self, samples: usize) {
        for k in 0..self.estimators.len() {
            for _ in 0..samples.div_ceil(BATCH) {
                let macs = self.batch(k);
                let measured = &mut self.estimators[k];
                measured.macs += macs;
                for row in self.gradient.rows() {
                    measured.moments.add(row);
                }
            }
        }
    }

    /// The reference gradient for Bernoulli gates `[n]`.
    pub fn bernoulli(&self) -> &ReferenceGradient {
        &self.bernoulli
    }

    /// Measurements so far, in the order of the specification.
    pub fn rows(&self) -> Vec<Row> {
        let dense = self.objective.cost(self.logits.ncols()) as f64;
        self.estimators
            .iter()
            .map(|measured| {
                let cost = measured.macs as f64 / measured.moments.count().max(1) as f64;
                let metrics = Metrics::of(&measured.moments, &measured.reference, cost, dense);
                let mut row = Row::new(measured.record, metrics, measured.reference.is_known());
                row.mean = measured.moments.mean().to_vec();
                row.variance = measured.moments.variance();
                if measured.own_objective {
                    row.distance_to_bernoulli = measured.reference.distance_from(&self.bernoulli);
                }
                row
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::ObjectiveKind;
    use super::*;
    use gatelab_kernels::RandomSource;
    use std::collections::BTreeMap;

    fn spec(objective: ObjectiveKind, p: &[f64], estimators: &[&str]) -> ToySpec {
        let estimators = estimators.iter().map(|id| (*id).to_owned()).collect();
        ToySpec { objective, p: p.to_vec(), estimators, knobs: BTreeMap::new(), seed: 3 }
    }

    #[test]
    fn a_bias_is_found_where_there_is_one() {
        let softmax = ObjectiveKind::Softmax { classes: 10, seed: 2 };
        let mut toy = Toy::new(&spec(softmax, &[0.3, 0.5, 0.2, 0.7], &["reinforce-mean", "st-sigmoid"])).unwrap();
        toy.sample(20_000);
        let rows = toy.rows();
        let square = |k: usize| rows[k].metrics.relative_bias_squared.unwrap();
        assert!(square(0).value.abs() < 3.0 * square(0).error, "{:?}", square(0));
        assert!(square(1).value > 10.0 * square(1).error, "{:?}", square(1));
        assert!(
            rows[1].metrics.cosine_of_mean > 0.8 && rows[0].metrics.noise_to_signal > rows[1].metrics.noise_to_signal
        );
        assert!(rows.iter().all(|row| row.distance_to_bernoulli.is_none()));
    }

    #[test]
    fn an_own_objective_is_measured_against_its_own_gradient() {
        let power = ObjectiveKind::Power { target: 0.45, power: 2.0 };
        let mut toy = Toy::new(&spec(power, &[0.3, 0.6], &["noisy-rectifier", "sts"])).unwrap();
        toy.sample(40_000);
        for row in toy.rows() {
            assert!(row.distance_to_bernoulli.unwrap().value > 0.1, "{}", row.estimator);
        }
        let bias = toy.rows()[0].metrics.relative_bias_squared.unwrap();
        assert!(bias.value.abs() < 3.0 * bias.error + 1e-12, "{bias:?}");
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        let power = ObjectiveKind::Power { target: 0.45, power: 2.0 };
        for (p, id, word) in [(1.0, "st", "probability"), (0.5, "nobody", "no estimator")] {
            let Err(error) = Toy::new(&spec(power, &[p], &[id])) else { panic!("{p} {id} accepted") };
            assert!(error.to_string().contains(word), "{error}");
        }
    }

    /// The random network of a toy and the draws of its averaged reference must be independent for one seed.
    #[test]
    fn network_and_reference_draw_different_numbers_for_one_seed() {
        // Twenty gates are too many to enumerate: the reference is an average over draws.
        let seed = 3;
        let objective = ObjectiveKind::Softmax { classes: 3, seed }.build(20);
        let coins: Vec<GateDistribution> = vec![distribution::bernoulli(-0.4); 20];
        let found = ReferenceGradient::new(objective.as_ref(), &[-0.4; 20], &coins, seed);
        let from = |purpose| {
            let mut rng = Rng::new(seed, purpose, 0);
            let (mut uniform, mut local) = (vec![0.0; 20], vec![0.0; 20]);
            let mut moments = Moments::new(20);
            for _ in 0..4096 {
                rng.uniform(&mut uniform);
                let gates: Vec<f64> = uniform.iter().map(|&u| exact::sample(&coins[0], u)).collect();
                objective.local_expectations(&gates, &coins, &mut local);
                moments.add(&local);
            }
            moments.mean().to_vec()
        };
        assert_eq!(found.gradient(), from(Purpose::Reference));
        assert_ne!(found.gradient(), from(Purpose::Measurement), "the network's own stream");
        let first = |purpose| {
            let mut uniform = [0.0_f64; 4];
            Rng::new(seed, purpose, 0).uniform(&mut uniform);
            uniform
        };
        let pairs = first(Purpose::Measurement).into_iter().zip(first(Purpose::Reference));
        pairs.for_each(|(x, y)| assert!((x - y).abs() > 1e-6, "{x} {y}"));
    }

    /// `∫|h − t|` over continuous gates has a kink inside the interval: a quadrature rule's error there is not known.
    #[test]
    fn a_kink_under_continuous_gates_is_not_called_exact() {
        let known = |power: f64| {
            let objective = ObjectiveKind::Power { target: 0.45, power };
            let toy = Toy::new(&spec(objective, &[0.3], &["concrete", "st"])).unwrap();
            toy.rows().iter().map(|row| row.reference_is_known).collect::<Vec<_>>()
        };
        assert_eq!(
            known(1.0),
            [false, true],
            "a Bernoulli gate takes two values, so the kink between them has no effect"
        );
        assert_eq!(known(2.0), [true, true]);
    }
}
