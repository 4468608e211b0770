//! Estimators side by side on a toy of a few gates: the same logits, the same objective, the exact gradient as the judge.

use gatelab_kernels::Matrix;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::context::ToyContext;
use super::exact::{self, enumerate, enumerate_laws};
use super::metrics::{Metrics, Reference, Row};
use super::moments::Moments;
use super::objective::{Objective, ObjectiveKind};
use crate::estimator::{Estimator, GateDraw, GateDistribution, Record, registry};
use crate::schema::{Preset, Value};
use crate::training::settings::{ConfigError, lookup};
use gatelab_kernels::{Purpose, RandomSource, Rng, logit};

/// Draws done in one go.
const BATCH: usize = 64;
/// Batches that an estimator with a memory sees before its draws count.
const WARM_UP: usize = 50;
/// Draws over which an objective of too many states is averaged, once, when the toy is set up.
const REFERENCE_DRAWS: usize = 4096;

/// A measurement that cannot be done.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A number out of range.
    #[error("{what} = {found}: expected {expected}")]
    Range {
        /// Which number.
        what: &'static str,
        /// The value given.
        found: String,
        /// What it may be.
        expected: &'static str,
    },
    /// An estimator or knob that is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// A toy: what is to be measured on what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToySpec {
    /// The loss.
    pub objective: ObjectiveKind,
    /// Firing probability of each gate, 0..1 exclusive; their number is that of the gates.
    pub p: Vec<f64>,
    /// Ids.
    pub estimators: Vec<String>,
    /// Knobs of estimators, by name.
    pub knobs: BTreeMap<String, Value>,
    /// Seed of all draws.
    pub seed: u64,
}

impl ToySpec {
    /// Refuses what cannot be measured, in words.
    pub fn check(&self) -> Result<(), LabError> {
        let range = |what, found: String, expected| Err(LabError::Range { what, found, expected });
        if self.p.is_empty() || self.p.len() > 100_000 {
            return range("gates", self.p.len().to_string(), "from 1 to 100000 gates");
        }
        if let Some(p) = self.p.iter().find(|p| !(**p > 0.0 && **p < 1.0)) {
            return range("p", p.to_string(), "a probability between 0 and 1, both excluded");
        }
        match self.objective {
            ObjectiveKind::Power { power, .. } if !(1.0..=20.0).contains(&power) => {
                range("power", power.to_string(), "a number from 1 to 20")
            }
            ObjectiveKind::Power { target, .. } | ObjectiveKind::Line { target } if !target.is_finite() => {
                range("target", target.to_string(), "a finite number")
            }
            ObjectiveKind::Softmax { classes, .. } if !(2..=100).contains(&classes) => {
                range("classes", classes.to_string(), "from 2 to 100 classes")
            }
            _ => Ok(()),
        }
    }

    fn logits(&self) -> Vec<f64> {
        self.p.iter().map(|&p| logit(p)).collect()
    }
}

/// A configured estimator in `f64`.
pub(super) fn make(id: &str, knobs: &BTreeMap<String, Value>) -> Result<Box<dyn Estimator<f64>>, ConfigError> {
    let unknown = || ConfigError::Estimator { found: id.to_owned() };
    let mut estimator = registry::make::<f64>(id).ok_or_else(unknown)?;
    let record = estimator.record();
    for (name, value) in knobs {
        lookup::check(name, value, record)?;
    }
    let of_its_own = record.knobs.iter();
    let values: BTreeMap<String, Value> = of_its_own
        .map(|key| (key.name.to_owned(), lookup::value(key.name, Preset::default(), record, knobs)))
        .collect();
    estimator.configure(&values);
    estimator.advance(0.0);
    Ok(estimator)
}

/// One estimator being measured.
struct Subject {
    record: &'static Record,
    estimator: Box<dyn Estimator<f64>>,
    noise: Rng,
    moments: Moments,
    cost: u64,
    reference: Reference,
    /// Whether its gates are other than plain coins.
    own: bool,
}

/// Estimators being measured on a toy.
pub struct Toy {
    objective: Box<dyn Objective>,
    logits: Matrix<f64>,
    bernoulli: Reference,
    subjects: Vec<Subject>,
    draw: GateDraw<f64>,
    gradient: Matrix<f64>,
}

impl Toy {
    /// Sets up the references and warms the estimators up.
    pub fn new(spec: &ToySpec) -> Result<Self, LabError> {
        spec.check()?;
        let logits = spec.logits();
        let n = logits.len();
        let objective = spec.objective.build(n);
        let coins: Vec<GateDistribution> = logits.iter().map(|&a| crate::estimator::distribution::bernoulli(a)).collect();
        let bernoulli = reference(objective.as_ref(), &logits, &coins, spec.seed);
        let mut toy = Self {
            objective,
            logits: Matrix::from_shape_fn((BATCH, n), |(_, j)| logits[j]),
            bernoulli,
            subjects: Vec::new(),
            draw: GateDraw::new(BATCH, n),
            gradient: Matrix::zeros((BATCH, n)),
        };
        for (k, id) in spec.estimators.iter().enumerate() {
            let estimator = make(id, &spec.knobs)?;
            let laws: Vec<GateDistribution> = logits.iter().map(|&a| estimator.distribution(a)).collect();
            let own = laws.iter().zip(&logits).any(|(law, &a)| !exact::is_bernoulli(law, a));
            let reference =
                if own { reference(toy.objective.as_ref(), &logits, &laws, spec.seed) } else { toy.bernoulli.clone() };
            let noise = Rng::new(spec.seed, Purpose::Lab, k as u64 + 1);
            let (record, moments) = (estimator.record(), Moments::new(n));
            toy.subjects.push(Subject { record, estimator, noise, moments, cost: 0, reference, own });
            toy.warm_up(k);
        }
        Ok(toy)
    }

    fn warm_up(&mut self, subject: usize) {
        if !self.subjects[subject].estimator.has_state() {
            return;
        }
        for _ in 0..WARM_UP {
            self.batch(subject);
        }
    }

    /// One batch of draws; returns their cost.
    fn batch(&mut self, subject: usize) -> u64 {
        let Subject { estimator, noise, .. } = &mut self.subjects[subject];
        estimator.draw(&self.logits, noise, &mut self.draw);
        let mut context = ToyContext::new(self.objective.as_ref(), &self.draw.gates);
        estimator.logit_gradient(&self.logits, &self.draw, &mut context, noise, &mut self.gradient);
        context.done()
    }

    /// Adds at least `samples` draws to every estimator.
    pub fn sample(&mut self, samples: usize) {
        for k in 0..self.subjects.len() {
            for _ in 0..samples.div_ceil(BATCH) {
                let cost = self.batch(k);
                let subject = &mut self.subjects[k];
                subject.cost += cost;
                for row in self.gradient.rows() {
                    subject.moments.add(row);
                }
            }
        }
    }

    /// The exact gradient for plain coins (or its best average).
    pub fn bernoulli(&self) -> &Reference {
        &self.bernoulli
    }

    /// What has been measured, in the order of the specification.
    pub fn rows(&self) -> Vec<Row> {
        let dense = self.objective.cost(self.logits.ncols()) as f64;
        self.subjects
            .iter()
            .map(|subject| {
                let cost = subject.cost as f64 / subject.moments.count().max(1) as f64;
                let metrics = Metrics::of(&subject.moments, &subject.reference, cost, dense);
                let mut row = Row::new(subject.record, metrics);
                row.mean = subject.moments.mean().to_vec();
                row.variance = subject.moments.variance();
                if subject.own {
                    row.distance_to_bernoulli = subject.reference.distance_from(&self.bernoulli);
                }
                row
            })
            .collect()
    }
}

/// The gradient of `E f` over gates of these laws: enumerated where possible, one local expectation where the loss is a sum
/// over gates, an average of local expectations otherwise.
fn reference(objective: &dyn Objective, logits: &[f64], laws: &[GateDistribution], seed: u64) -> Reference {
    let coins = laws.iter().zip(logits).all(|(law, &a)| exact::is_bernoulli(law, a));
    if coins && let Some(exact) = enumerate(objective, logits) {
        return Reference::Exact(exact.gradient);
    }
    if let Some(gradient) = enumerate_laws(objective, laws) {
        return Reference::Exact(gradient);
    }
    let n = laws.len();
    let mut noise = Rng::new(seed, Purpose::Lab, 0);
    let (mut gates, mut uniform, mut local) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
    let mut moments = Moments::new(n);
    for draw in 0..REFERENCE_DRAWS {
        noise.uniform(&mut uniform);
        for ((gate, law), &u) in gates.iter_mut().zip(laws).zip(&uniform) {
            *gate = pick(law, u);
        }
        objective.local_expectations(&gates, laws, &mut local);
        moments.add(&local);
        // A sum over gates has the same local expectations wherever the others are.
        if draw + 1 == super::GROUPS && moments.total_variance() == 0.0 {
            return Reference::Exact(local);
        }
    }
    Reference::Averaged(Box::new(moments))
}

/// The value at which a law's weights add up to `u`.
pub(super) fn pick(law: &GateDistribution, u: f64) -> f64 {
    let mut rest = u;
    for atom in law {
        rest -= atom.weight;
        if rest <= 0.0 {
            return atom.value;
        }
    }
    law.last().map_or(0.0, |atom| atom.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(objective: ObjectiveKind, p: &[f64], estimators: &[&str]) -> ToySpec {
        let estimators = estimators.iter().map(|id| (*id).to_owned()).collect();
        ToySpec { objective, p: p.to_vec(), estimators, knobs: BTreeMap::new(), seed: 3 }
    }

    #[test]
    fn unbiased_and_biased_estimators_are_told_apart() {
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
    fn an_objective_of_its_own_is_judged_by_its_own_gradient_and_set_apart() {
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
    fn bad_numbers_are_refused_in_words() {
        let power = ObjectiveKind::Power { target: 0.45, power: 2.0 };
        for (p, id, word) in [(1.0, "st", "probability"), (0.5, "nobody", "no estimator")] {
            let Err(error) = Toy::new(&spec(power, &[p], &[id])) else { panic!("{p} {id} accepted") };
            assert!(error.to_string().contains(word), "{error}");
        }
    }
}
