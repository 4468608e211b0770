//! Estimators side by side on a frozen network and a fixed minibatch, in small pieces of work, so that a worker stays
//! responsive and the numbers grow while one looks.

use super::exact::{self, MOST_GATES, enumerate};
use super::metrics::{Metrics, Reference, Row};
use super::moments::Moments;
use super::objective::Objective;
use super::softmax::SoftmaxHead;
use super::specimen::Specimen;
use super::toy::pick;
use crate::data::PIXELS;
use crate::estimator::{Estimator, GateDistribution, Record, Sizes, registry};
use crate::network::{ExpertsRun, Parameters, Pass, PassContext, Told, experts_forward, gater_forward, head_forward};
use crate::training::settings::ConfigError;
use crate::training::settings::Settings;
use gatelab_kernels::Matrix;
use gatelab_kernels::{CountingKernels, Purpose, RandomSource, Rng};

/// Draws that an estimator with a memory makes before they count.
const WARM_UP: u64 = 40;
/// An estimator is measured no further than this.
pub const MOST_DRAWS: u64 = 50_000;
/// Draws of the reference for plain coins in each round: every estimator is compared with it, so its error counts most.
const REFERENCE_DRAWS: u64 = 3;
/// Draws of each estimator between two of a reference that is averaged over continuous laws: its own noise is small.
const OWN_REFERENCE_EVERY: u64 = 4;

/// One estimator under the microscope.
struct Subject {
    record: &'static Record,
    estimator: Box<dyn Estimator<f32>>,
    noise: Rng,
    warming: u64,
    moments: Moments,
    cost: u64,
    /// Which of the references its draws are compared with.
    reference: usize,
}

/// A reference being averaged, or known.
struct Truth {
    /// Makes the laws; `None` for plain coins.
    of: Option<Box<dyn Estimator<f32>>>,
    reference: Reference,
    noise: Rng,
    /// The draw under way: examples done, and their entries.
    example: usize,
    entries: Vec<f64>,
}

impl Truth {
    /// Whether it has been drawn as often as it should by this round.
    fn is_enough_for(&self, round: u64) -> bool {
        match &self.reference {
            Reference::Averaged(moments) if self.of.is_none() => moments.count() >= REFERENCE_DRAWS * (round + 1),
            _ => true,
        }
    }
}

/// What the next piece of work is.
#[derive(Clone, Copy)]
enum Turn {
    Subject(usize),
    Truth(usize),
}

/// The microscope.
pub struct Microscope {
    parameters: Parameters<f32>,
    pass: Pass<f32>,
    told: Told,
    /// Each example's loss as a function of gate values.
    heads: Vec<SoftmaxHead>,
    subjects: Vec<Subject>,
    truths: Vec<Truth>,
    turn: Turn,
    round: u64,
    gradient: Matrix<f32>,
    flat: Vec<f64>,
    kernels: [CountingKernels<f32>; 2],
}

impl Microscope {
    /// Looks at these estimators; ids that need slopes are refused where the gater is told a reward, which has none.
    pub fn new(specimen: &Specimen, ids: &[String], seed: u64) -> Result<Self, ConfigError> {
        let settings = specimen.trainer.settings();
        // How late a reward comes doesn't change its gradient.
        let told = if settings.told == Told::CrossEntropy { Told::CrossEntropy } else { Told::Reward };
        let parameters = specimen.trainer.parameters().clone();
        let (pass, heads) = prepare(&parameters, specimen, told);
        let entries = pass.logits.len();
        let mut scope = Self {
            gradient: Matrix::zeros(pass.logits.dim()),
            flat: vec![0.0; entries],
            parameters,
            pass,
            told,
            heads,
            subjects: Vec::new(),
            truths: Vec::new(),
            turn: Turn::Truth(0),
            round: 0,
            kernels: [CountingKernels::default(), CountingKernels::default()],
        };
        scope.truths.push(scope.truth(None, seed));
        for (k, id) in ids.iter().enumerate() {
            let subject = scope.subject(specimen, id, seed, k as u64)?;
            scope.subjects.push(subject);
        }
        Ok(scope)
    }

    fn subject(&mut self, specimen: &Specimen, id: &str, seed: u64, k: u64) -> Result<Subject, ConfigError> {
        let config = specimen.trainer.config();
        let mut overrides = specimen.trainer.overrides().clone();
        // What the gater is told is the run's own matter; here every estimator may be looked at that can be.
        overrides.remove("told");
        let settings = Settings::resolve(config.preset, id, &overrides)?;
        let mut estimator = configured(&settings, specimen.epoch)?;
        let record = estimator.record();
        if self.told != Told::CrossEntropy && !estimator.needs().only_losses() {
            return Err(ConfigError::NoSlope { estimator: id.to_owned() });
        }
        let mut warming = if estimator.has_state() { WARM_UP } else { 0 };
        if id == specimen.trainer.settings().estimator {
            // The running estimator brings what it has learned.
            let sizes = Sizes { gates: settings.shape.gates, units: settings.shape.units() };
            estimator.reset_state(sizes, config.seed);
            estimator.restore_state(&specimen.memory);
            warming = 0;
        }
        let own = self.pass.logits.iter().any(|&a| {
            let a = f64::from(a);
            !exact::is_bernoulli(&estimator.distribution(a), a)
        });
        let reference = if own {
            let of = configured(&settings, specimen.epoch)?;
            self.truths.push(self.truth(Some(of), seed));
            self.truths.len() - 1
        } else {
            0
        };
        let noise = Rng::new(seed, Purpose::Lab, k + 1);
        let moments = Moments::new(self.flat.len());
        Ok(Subject { record, estimator, noise, warming, moments, cost: 0, reference })
    }

    /// A reference; exact for few coins.
    fn truth(&self, of: Option<Box<dyn Estimator<f32>>>, seed: u64) -> Truth {
        let gates = self.pass.shape.gates;
        let exact = (of.is_none() && gates <= MOST_GATES).then(|| {
            let rows = self.pass.logits.rows();
            let of_example = |(row, head): (&[f32], &SoftmaxHead)| {
                let logits: Vec<f64> = row.iter().map(|&a| f64::from(a)).collect();
                enumerate(head, &logits).map_or_else(Vec::new, |exact| exact.gradient)
            };
            rows.zip(&self.heads).flat_map(of_example).collect()
        });
        let reference =
            exact.map_or_else(|| Reference::Averaged(Box::new(Moments::new(self.flat.len()))), Reference::Exact);
        let noise = Rng::new(seed, Purpose::Lab, 1 << 32 | self.truths.len() as u64);
        Truth { of, reference, noise, example: 0, entries: Vec::new() }
    }

    /// Does one piece of work: a draw of one estimator, or one example of a reference. False once everything is measured.
    pub fn advance(&mut self) -> bool {
        if self.subjects.iter().all(|subject| subject.moments.count() >= MOST_DRAWS) {
            return false;
        }
        match self.turn {
            Turn::Subject(k) if k < self.subjects.len() => {
                self.draw(k);
                self.turn = Turn::Subject(k + 1);
            }
            Turn::Subject(_) => {
                self.round += 1;
                self.turn = Turn::Truth(0);
            }
            Turn::Truth(k) if k < self.truths.len() => {
                let skip = self.truths[k].of.is_some() && !self.round.is_multiple_of(OWN_REFERENCE_EVERY);
                if skip || self.local(k) && self.truths[k].is_enough_for(self.round) {
                    self.turn = Turn::Truth(k + 1);
                }
            }
            Turn::Truth(_) => self.turn = Turn::Subject(0),
        }
        true
    }

    /// One draw of one estimator for the whole minibatch.
    fn draw(&mut self, k: usize) {
        let Self { parameters, pass, subjects, kernels: [forward, backward], gradient, told, .. } = self;
        let subject = &mut subjects[k];
        let logits = std::mem::take(&mut pass.logits);
        let mut draw = std::mem::take(&mut pass.draw);
        subject.estimator.draw(&logits, &mut subject.noise, &mut draw);
        pass.open.refill(draw.gates.view());
        pass.draw = draw;
        let run = if subject.estimator.needs().every_expert() { ExpertsRun::All } else { ExpertsRun::Open };
        experts_forward(parameters, pass, forward, run);
        head_forward(parameters, pass, forward);
        let draw = std::mem::take(&mut pass.draw);
        let mut context = PassContext { parameters, pass, forward, backward, told: *told };
        subject.estimator.logit_gradient(&logits, &draw, &mut context, &mut subject.noise, gradient);
        pass.draw = draw;
        pass.logits = logits;
        let done = forward.take_macs() + backward.take_macs();
        if subject.warming > 0 {
            subject.warming -= 1;
            return;
        }
        subject.cost += done;
        self.flat.iter_mut().zip(gradient.iter()).for_each(|(out, &g)| *out = f64::from(g));
        subject.moments.add(&self.flat);
    }

    /// One example's local expectations for a reference; true when a whole minibatch is through (or nothing is to be done).
    fn local(&mut self, k: usize) -> bool {
        let truth = &mut self.truths[k];
        let Reference::Averaged(moments) = &mut truth.reference else { return true };
        let b = truth.example;
        let row = self.pass.logits.row(b);
        let laws: Vec<GateDistribution> = row.iter().map(|&a| law(truth.of.as_deref(), f64::from(a))).collect();
        let mut uniform = vec![0.0; laws.len()];
        truth.noise.uniform(&mut uniform);
        let gates: Vec<f64> = laws.iter().zip(&uniform).map(|(law, &u)| pick(law, u)).collect();
        let from = truth.entries.len();
        truth.entries.resize(from + laws.len(), 0.0);
        self.heads[b].local_expectations(&gates, &laws, &mut truth.entries[from..]);
        truth.example += 1;
        if truth.example < self.heads.len() {
            return false;
        }
        moments.add(&truth.entries);
        truth.entries.clear();
        truth.example = 0;
        true
    }

    /// What has been measured, in the order of the ids; entries' means and variances are left out.
    pub fn rows(&self) -> Vec<Row> {
        let shape = &self.pass.shape;
        let dense = (shape.units() * (shape.inputs + shape.classes)) as f64;
        self.subjects
            .iter()
            .map(|subject| {
                let examples = (subject.moments.count() * self.heads.len() as u64).max(1);
                let truth = &self.truths[subject.reference].reference;
                let metrics = Metrics::of(&subject.moments, truth, subject.cost as f64 / examples as f64, dense);
                let mut row = Row::new(subject.record, metrics);
                if subject.reference > 0 {
                    row.distance_to_bernoulli = truth.distance_from(&self.truths[0].reference);
                }
                row
            })
            .collect()
    }

    /// Pairs (reference, mean estimate) of one estimator, at most `most` entries, evenly spread.
    pub fn scatter(&self, subject: usize, most: usize) -> Vec<(f32, f32)> {
        let Some(subject) = self.subjects.get(subject) else { return Vec::new() };
        let truth = self.truths[subject.reference].reference.gradient();
        let step = truth.len().div_ceil(most.max(1)).max(1);
        let pairs = truth.iter().zip(subject.moments.mean());
        pairs.step_by(step).map(|(&x, &y)| (x as f32, y as f32)).collect()
    }

    /// Mean and variance of every (example, gate) entry of one estimator.
    pub fn entries(&self, subject: usize) -> (Vec<f64>, Vec<f64>) {
        self.subjects.get(subject).map_or_else(Default::default, |s| (s.moments.mean().to_vec(), s.moments.variance()))
    }

    /// The gradient for plain coins, with its error.
    pub fn bernoulli(&self) -> &Reference {
        &self.truths[0].reference
    }

    /// Draws made by the estimator that has made the fewest.
    pub fn samples(&self) -> u64 {
        self.subjects.iter().map(|subject| subject.moments.count()).min().unwrap_or(0)
    }
}

fn law(of: Option<&dyn Estimator<f32>>, a: f64) -> GateDistribution {
    of.map_or_else(|| crate::estimator::distribution::bernoulli(a), |estimator| estimator.distribution(a))
}

fn configured(settings: &Settings, epoch: f64) -> Result<Box<dyn Estimator<f32>>, ConfigError> {
    let mut estimator = registry::make::<f32>(&settings.estimator)
        .ok_or_else(|| ConfigError::Estimator { found: settings.estimator.clone() })?;
    estimator.configure(&settings.knobs);
    estimator.advance(epoch);
    Ok(estimator)
}

/// Input and logits of the minibatch, and each example's loss as a function of gate values: what every expert would add to
/// the scores.
fn prepare(parameters: &Parameters<f32>, specimen: &Specimen, told: Told) -> (Pass<f32>, Vec<SoftmaxHead>) {
    let shape = specimen.trainer.settings().shape;
    let mut pass = Pass::new(shape, specimen.labels.len());
    pass.input.load(specimen.pixels.chunks_exact(PIXELS));
    pass.labels.copy_from_slice(&specimen.labels);
    let mut kernels = CountingKernels::default();
    gater_forward(parameters, &mut pass, &mut kernels);
    pass.open.refill(pass.draw.gates.view());
    experts_forward(parameters, &mut pass, &mut kernels, ExpertsRun::All);
    let head = parameters.head.weight.panel(0);
    let bias: Vec<f64> = parameters.head.bias.iter().map(|&c| f64::from(c)).collect();
    let heads = pass.expert.rows().zip(&pass.labels).map(|(z, &label)| {
        let mut moves = vec![0.0; shape.gates * shape.classes];
        for (u, &z) in z.iter().enumerate() {
            let gate = u / shape.units_per_gate;
            let to = &mut moves[gate * shape.classes..(gate + 1) * shape.classes];
            let row = head.row(u);
            to.iter_mut().zip(row).for_each(|(m, &w)| *m += f64::from(z) * f64::from(w));
        }
        SoftmaxHead::new(moves, bias.clone(), usize::from(label), told != Told::CrossEntropy)
    });
    let heads = heads.collect();
    (pass, heads)
}
