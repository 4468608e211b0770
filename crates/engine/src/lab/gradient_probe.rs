//! Estimators side by side on a frozen network and a fixed minibatch. The work is cut into small pieces, so that a worker can
//! answer between them and report numbers while they grow.

use super::exact;
use super::metrics::{Metrics, Row};
use super::moments::Moments;
use super::network_pass::NetworkPass;
use super::probe_reference::ReferenceAverage;
use super::reference::ReferenceGradient;
use super::snapshot::Snapshot;
use super::softmax::SoftmaxHead;
use crate::data::PIXELS;
use crate::estimator::{Estimator, Record};
use crate::network::{GaterLoss, Pass};
use crate::schema::GATER_LOSS;
use crate::training::make_estimator;
use crate::training::settings::{ConfigError, Settings};
use gatelab_kernels::{Matrix, Purpose, Rng};

/// Draws that an estimator with moving averages makes before its draws are counted.
const WARM_UP: u64 = 40;
/// Most counted draws of an estimator.
pub const MOST_DRAWS: u64 = 50_000;
/// Draws of the reference for Bernoulli gates in each round. Every estimator is compared with it, so its error is kept small.
const REFERENCE_DRAWS: u64 = 3;
/// Rounds for each draw of a reference for other gates, whose local expectations vary little.
const OWN_REFERENCE_EVERY: u64 = 4;

/// One estimator and its measurements.
struct ProbedEstimator {
    record: &'static Record,
    estimator: Box<dyn Estimator<f32>>,
    rng: Rng,
    /// Draws still to be made before they are counted.
    warm_up: u64,
    moments: Moments,
    /// Multiply-adds of all counted draws.
    macs: u64,
    /// Index of its reference gradient.
    reference: usize,
}

/// The next piece of work.
#[derive(Clone, Copy)]
enum Next {
    Estimator(usize),
    Reference(usize),
}

/// Measures bias, noise, direction and cost of estimators on a frozen network; entries are (example, gate) pairs `[B·G]`.
pub struct GradientProbe {
    network: NetworkPass,
    loss: GaterLoss,
    /// Each example's loss as a function of gate values `[B]`.
    heads: Vec<SoftmaxHead>,
    estimators: Vec<ProbedEstimator>,
    /// The reference for Bernoulli gates, then one for each estimator with other gates.
    references: Vec<ReferenceAverage>,
    next: Next,
    round: u64,
    /// The last draw [B × G], and its entries in `f64`.
    gradient: Matrix<f32>,
    entries: Vec<f64>,
}

impl GradientProbe {
    /// For these estimators. The k-th draws from the stream (seed, [`Purpose::Measurement`], k + 1). A delayed reward is measured as
    /// an immediate one: the delay does not change the gradient.
    ///
    /// # Errors
    /// An unknown estimator; one that needs gate gradients where the run's gater learns from a reward, which has none.
    pub fn new(snapshot: &Snapshot, ids: &[String], seed: u64) -> Result<Self, ConfigError> {
        let settings = snapshot.trainer.settings();
        let loss = if settings.gater_loss.is_differentiable() { settings.gater_loss } else { GaterLoss::Reward };
        let mut pass = Pass::new(settings.shape, snapshot.labels.len());
        pass.input.load(snapshot.pixels.chunks_exact(PIXELS));
        pass.labels.copy_from_slice(&snapshot.labels);
        let mut network = NetworkPass::new(snapshot.trainer.parameters().clone(), pass, loss);
        let heads = network.heads();
        // Only the estimators' work is reported.
        network.take_macs();
        let logits = &network.pass().logits;
        let (dim, entries) = (logits.dim(), logits.len());
        let bernoulli = ReferenceAverage::new(None, logits, &heads, seed, 0);
        let mut probe = Self {
            network,
            loss,
            heads,
            estimators: Vec::new(),
            references: vec![bernoulli],
            next: Next::Reference(0),
            round: 0,
            gradient: Matrix::zeros(dim),
            entries: vec![0.0; entries],
        };
        for (k, id) in ids.iter().enumerate() {
            probe.add(snapshot, id, seed, k as u64)?;
        }
        Ok(probe)
    }

    /// Adds the k-th estimator, with the run's settings as far as they apply to it.
    fn add(&mut self, snapshot: &Snapshot, id: &str, seed: u64, k: u64) -> Result<(), ConfigError> {
        let mut overrides = snapshot.trainer.overrides().clone();
        // The run's loss for the gater is fixed in `loss`; an estimator that would refuse it is refused below.
        overrides.remove(GATER_LOSS);
        let settings = Settings::resolve(snapshot.trainer.config().preset, id, &overrides)?;
        let mut estimator = configured(&settings, snapshot)?;
        let record = estimator.record();
        if !self.loss.is_differentiable() && !estimator.needs().only_losses() {
            return Err(ConfigError::NoSlope { estimator: id.to_owned() });
        }
        let mut warm_up = if estimator.has_state() { WARM_UP } else { 0 };
        if id == snapshot.trainer.settings().estimator {
            // The run's own estimator continues with its learned state.
            estimator.restore_state(&snapshot.state);
            warm_up = 0;
        }
        let logits = &self.network.pass().logits;
        let own = logits.iter().map(|&a| f64::from(a)).any(|a| !exact::is_bernoulli(&estimator.distribution(a), a));
        let reference = if own {
            let distributions = configured(&settings, snapshot)?;
            let number = self.references.len() as u64;
            self.references.push(ReferenceAverage::new(Some(distributions), logits, &self.heads, seed, number));
            self.references.len() - 1
        } else {
            0
        };
        let rng = Rng::new(seed, Purpose::Measurement, k + 1);
        let moments = Moments::new(self.entries.len());
        self.estimators.push(ProbedEstimator { record, estimator, rng, warm_up, moments, macs: 0, reference });
        Ok(())
    }

    /// Does one piece of work: a draw of one estimator, or one example of a reference. False once every estimator has
    /// [`MOST_DRAWS`] draws.
    pub fn advance(&mut self) -> bool {
        if self.estimators.iter().all(|probed| probed.moments.count() >= MOST_DRAWS) {
            return false;
        }
        match self.next {
            Next::Estimator(k) if k < self.estimators.len() => {
                self.draw(k);
                self.next = Next::Estimator(k + 1);
            }
            Next::Estimator(_) => {
                self.round += 1;
                self.next = Next::Reference(0);
            }
            Next::Reference(k) if k < self.references.len() => {
                if self.advance_reference(k) {
                    self.next = Next::Reference(k + 1);
                }
            }
            Next::Reference(_) => self.next = Next::Estimator(0),
        }
        true
    }

    /// One example of a reference; true once the reference has the draws of this round.
    fn advance_reference(&mut self, k: usize) -> bool {
        let reference = &mut self.references[k];
        let own = reference.is_own();
        if own && !self.round.is_multiple_of(OWN_REFERENCE_EVERY) {
            return true;
        }
        let complete = reference.advance(&self.network.pass().logits, &self.heads);
        complete && (own || reference.has(REFERENCE_DRAWS * (self.round + 1)))
    }

    /// One draw of one estimator for the whole minibatch.
    fn draw(&mut self, k: usize) {
        let probed = &mut self.estimators[k];
        self.network.estimate(probed.estimator.as_mut(), &mut probed.rng, &mut self.gradient);
        let macs = self.network.take_macs();
        if probed.warm_up > 0 {
            probed.warm_up -= 1;
            return;
        }
        probed.macs += macs;
        self.entries.iter_mut().zip(self.gradient.iter()).for_each(|(out, &g)| *out = f64::from(g));
        probed.moments.add(&self.entries);
    }

    /// Measurements so far, in the order of the ids; without means and variances of entries, for which see [`Self::entries`].
    pub fn rows(&self) -> Vec<Row> {
        let shape = &self.network.pass().shape;
        let dense = (shape.units() * (shape.inputs + shape.classes)) as f64;
        self.estimators
            .iter()
            .map(|probed| {
                let examples = (probed.moments.count() * self.heads.len() as u64).max(1);
                let reference = self.references[probed.reference].reference();
                let metrics = Metrics::of(&probed.moments, reference, probed.macs as f64 / examples as f64, dense);
                let mut row = Row::new(probed.record, metrics, reference.is_known());
                if probed.reference > 0 {
                    row.distance_to_bernoulli = reference.distance_from(self.bernoulli());
                }
                row
            })
            .collect()
    }

    /// Pairs (reference, mean estimate) of the k-th estimator: at most `most` entries, evenly spread. Empty for an unknown k.
    pub fn scatter(&self, k: usize, most: usize) -> Vec<(f32, f32)> {
        let Some(probed) = self.estimators.get(k) else { return Vec::new() };
        let gradient = self.references[probed.reference].reference().gradient();
        let step = gradient.len().div_ceil(most.max(1)).max(1);
        let pairs = gradient.iter().zip(probed.moments.mean());
        pairs.step_by(step).map(|(&x, &y)| (x as f32, y as f32)).collect()
    }

    /// Mean and variance of every entry of the k-th estimator, both `[B·G]`. Empty for an unknown k.
    pub fn entries(&self, k: usize) -> (Vec<f64>, Vec<f64>) {
        self.estimators.get(k).map_or_else(Default::default, |p| (p.moments.mean().to_vec(), p.moments.variance()))
    }

    /// The reference gradient for Bernoulli gates `[B·G]`.
    pub fn bernoulli(&self) -> &ReferenceGradient {
        self.references[0].reference()
    }

    /// Counted draws of the estimator that has the fewest; 0 without estimators.
    pub fn samples(&self) -> u64 {
        self.estimators.iter().map(|probed| probed.moments.count()).min().unwrap_or(0)
    }
}

/// The estimator of these settings, its schedules at `epoch`.
fn configured(settings: &Settings, snapshot: &Snapshot) -> Result<Box<dyn Estimator<f32>>, ConfigError> {
    let mut estimator = make_estimator(settings, snapshot.trainer.config().seed)?;
    estimator.advance(snapshot.epoch);
    Ok(estimator)
}
