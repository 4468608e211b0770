//! A run: network, estimator, sparsity control, optimiser, minibatches and random streams, stepped one minibatch at a time.

use crate::data::{BatchStream, DataError, Dataset};
use crate::estimator::{Estimator, registry};
use crate::network::{
    ExpertsRun, Parameters, Pass, PassContext, backward, experts_forward, gater_forward, head_backward, head_forward,
};
use crate::numeric::{Kernels, Noise, Purpose, Real, Stream, logit};
use crate::sparsity::SparsityPenalty;

use super::config::{Action, CONFIG_VERSION, Change, RunConfig};
use super::keys::{self, ConfigError};
use super::optimizer::{Optimizer, Rates};
use super::settings::Settings;

/// Most changes a configuration may carry.
pub(crate) const MOST_CHANGES: usize = 10_000;
/// Memory of the running mean of each gate's firing rate, in steps.
const RATE_MEMORY: f64 = 50.0;

/// Why a step could not be done.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// Training diverged; parameters are those before the step.
    #[error(
        "{tensor}: not finite at step {step}; the parameters of the step before are kept. Lower the learning rate, or \
         undo the last change"
    )]
    NotFinite {
        /// Where.
        tensor: &'static str,
        /// Steps done before.
        step: u64,
    },
    /// The minibatch has not arrived yet.
    #[error("the data is still arriving: {present} training digits are here, step {step} needs {needed}")]
    Waiting {
        /// Steps done before.
        step: u64,
        /// Training examples that must be there.
        needed: usize,
        /// Training examples that are.
        present: usize,
    },
    /// A configuration or change that is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Data that does not fit.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// Multiply-adds of one step or evaluation, whole minibatch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Work {
    /// Forward, done.
    pub forward: u64,
    /// Forward, had every gate been open.
    pub forward_dense: u64,
    /// Backward, done.
    pub backward: u64,
    /// Backward, had every gate been open.
    pub backward_dense: u64,
}

impl std::ops::AddAssign for Work {
    fn add_assign(&mut self, other: Self) {
        self.forward += other.forward;
        self.forward_dense += other.forward_dense;
        self.backward += other.backward;
        self.backward_dense += other.backward_dense;
    }
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Steps done, this one included.
    pub step: u64,
    /// Mean NLL of the minibatch, nats.
    pub loss: f64,
    /// Share of open (example, gate) pairs, 0..=1.
    pub gate_rate: f64,
    /// Sparsity penalty, nats.
    pub penalty: f64,
    /// Multiply-adds.
    pub work: Work,
}

/// A run in progress.
pub struct Trainer<R: Real> {
    pub(super) config: RunConfig,
    /// `config.overrides` and every change so far.
    pub(super) overrides: std::collections::BTreeMap<String, super::config::Value>,
    pub(super) settings: Settings,
    pub(super) step: u64,
    next_change: usize,
    pub(super) parameters: Parameters<R>,
    pub(super) optimizer: Optimizer<R>,
    pub(super) estimator: Box<dyn Estimator<R>>,
    pub(super) penalty: SparsityPenalty,
    pub(super) rates: Vec<f32>,
    gradient: Parameters<R>,
    pass: Pass<R>,
    batches: Option<BatchStream>,
    indices: Vec<u32>,
    pub(super) forward: Kernels<R>,
    backward: Kernels<R>,
    signal: f32,
}

impl<R: Real> Trainer<R> {
    /// A run at step 0.
    pub fn new(config: RunConfig) -> Result<Self, ConfigError> {
        check_version(&config)?;
        let settings = Settings::of(&config)?;
        let overrides = config.overrides.clone();
        let shape = settings.shape;
        let bias: f64 = logit(settings.start_rate);
        let mut trainer = Self {
            overrides,
            step: 0,
            next_change: 0,
            parameters: Parameters::init(&shape, config.seed, bias),
            optimizer: Optimizer::new(&shape),
            estimator: make(&settings)?,
            penalty: penalty(&settings),
            rates: vec![settings.start_rate as f32; shape.gates],
            gradient: Parameters::zeros(&shape),
            pass: Pass::new(shape, settings.batch),
            batches: None,
            indices: Vec::new(),
            forward: Kernels::default(),
            backward: Kernels::default(),
            signal: 0.0,
            settings,
            config,
        };
        trainer.check_changes()?;
        Ok(trainer)
    }

    /// The configuration so far: with it, this state can be reached again from step 0.
    pub fn config(&self) -> &RunConfig {
        &self.config
    }

    /// Values in force.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Steps done.
    pub fn step_count(&self) -> u64 {
        self.step
    }

    /// The network.
    pub fn parameters(&self) -> &Parameters<R> {
        &self.parameters
    }

    /// The network, to be altered by tests.
    pub fn parameters_mut(&mut self) -> &mut Parameters<R> {
        &mut self.parameters
    }

    /// The estimator in force.
    pub fn estimator(&self) -> &dyn Estimator<R> {
        self.estimator.as_ref()
    }

    /// A copy of what the estimator remembers.
    pub fn estimator_memory(&mut self) -> Vec<Vec<R>> {
        self.estimator.memory().into_iter().map(|slot| slot.clone()).collect()
    }

    /// Settings that differ from their defaults now.
    pub fn overrides(&self) -> &std::collections::BTreeMap<String, super::config::Value> {
        &self.overrides
    }

    /// The sparsity weight λ in force.
    pub fn lambda(&self) -> f64 {
        self.penalty.lambda()
    }

    /// Firing rate of each gate, a running mean over about 50 minibatches.
    pub fn rates(&self) -> &[f32] {
        &self.rates
    }

    /// The last minibatch's pass, for panels that show it.
    pub fn pass(&self) -> &Pass<R> {
        &self.pass
    }

    /// The estimator's live numbers, in the order of its record.
    pub fn live(&self) -> Vec<f32> {
        let mut numbers = vec![self.signal];
        self.estimator.live(&mut numbers);
        numbers
    }

    /// Epochs done, with fraction.
    pub fn epoch(&self) -> f64 {
        self.batches.as_ref().map_or(0.0, |b| self.step as f64 / b.batches_per_epoch() as f64)
    }

    /// Changes that lie ahead, at the steps at which they were made when the run was first made.
    pub fn changes_ahead(&self) -> &[Change] {
        self.config.changes.get(self.next_change..).unwrap_or_default()
    }

    /// Changes something from the next step on. Changes that still lay ahead are dropped: this is another run now.
    pub fn change(&mut self, action: Action) -> Result<Change, ConfigError> {
        if self.next_change >= MOST_CHANGES {
            let message =
                format!("{MOST_CHANGES} changes are all that a run can replay; start a new run to go on changing it");
            return Err(ConfigError::Changes { message });
        }
        self.apply(&action)?;
        self.config.changes.truncate(self.next_change);
        let change = Change { step: self.step, action };
        // A slider being dragged makes many changes between two steps: the last one counts.
        let same = |old: &Change| old.step == change.step && same_target(&old.action, &change.action);
        self.config.changes.retain(|old| !same(old));
        self.config.changes.push(change.clone());
        self.next_change = self.config.changes.len();
        Ok(change)
    }

    /// Does one minibatch.
    pub fn step(&mut self, data: &Dataset) -> Result<StepReport, TrainError> {
        self.apply_due()?;
        self.load_batch(data)?;
        self.estimator.advance(self.epoch());
        let mut noise = Stream::new(self.config.seed, Purpose::Gates, self.step);
        self.draw(&mut noise);
        head_forward(&self.parameters, &mut self.pass, &mut self.forward);
        let loss = self.pass.losses.iter().map(|l| l.wide()).sum::<f64>() / self.pass.batch() as f64;
        if !loss.is_finite() {
            return Err(TrainError::NotFinite { tensor: "class scores", step: self.step });
        }
        head_backward(&self.parameters, &mut self.pass, &mut self.backward, &mut self.gradient);
        let penalty = self.gate_gradient(&mut noise);
        backward(&self.parameters, &mut self.pass, &mut self.backward, &mut self.gradient);
        let work = self.work();
        if let Some(tensor) = Optimizer::first_not_finite(&mut self.gradient) {
            return Err(TrainError::NotFinite { tensor, step: self.step });
        }
        let rates = Rates {
            learning_rate: self.settings.learning_rate,
            gater_rate: self.settings.gater_rate,
            momentum: self.settings.momentum,
            max_norm: self.settings.max_norm,
        };
        self.optimizer.step(&mut self.parameters, &mut self.gradient, rates);
        let gate_rate = self.pass.gate_rate();
        self.penalty.observe(gate_rate);
        self.follow_rates();
        self.step += 1;
        Ok(StepReport { step: self.step, loss, gate_rate, penalty, work })
    }

    /// Forgets all momentum.
    pub fn rest(&mut self) {
        self.optimizer.rest();
    }

    /// Whether the next step's minibatch has arrived.
    pub fn is_ready(&mut self, data: &Dataset) -> Result<bool, TrainError> {
        let step = self.step;
        Ok(self.stream(data)?.needs(step) <= data.train.len())
    }

    fn stream(&mut self, data: &Dataset) -> Result<&mut BatchStream, TrainError> {
        let size = data.train.planned();
        if self.batches.as_ref().is_none_or(|b| b.train_size() != size) {
            self.batches = None;
        }
        match &mut self.batches {
            Some(batches) => Ok(batches),
            empty => Ok(empty.insert(BatchStream::standard(self.config.seed, self.settings.batch, size)?)),
        }
    }

    fn load_batch(&mut self, data: &Dataset) -> Result<(), TrainError> {
        let step = self.step;
        let mut indices = std::mem::take(&mut self.indices);
        let batches = self.stream(data)?;
        let needed = batches.needs(step);
        if needed > data.train.len() {
            return Err(TrainError::Waiting { step, needed, present: data.train.len() });
        }
        batches.indices(step, &mut indices);
        let input = self.pass.input.as_slice_mut().unwrap_or_default();
        data.train.fill_batch(&indices, input, &mut self.pass.labels)?;
        self.indices = indices;
        Ok(())
    }

    /// Gater, draw and experts.
    fn draw(&mut self, noise: &mut Stream) {
        gater_forward(&self.parameters, &mut self.pass, &mut self.forward);
        self.estimator.draw(&self.pass.logits, noise as &mut dyn Noise<R>, &mut self.pass.draw);
        self.pass.open.refill(self.pass.draw.gates.view());
        // An estimator that needs every expert in the end gets them by one dense product instead of two passes.
        let run = if self.estimator.record().needs.every_expert() { ExpertsRun::All } else { ExpertsRun::Open };
        experts_forward(&self.parameters, &mut self.pass, &mut self.forward, run);
    }

    /// What the kernels counted since the last step, beside what the step costs with every gate open.
    fn work(&mut self) -> Work {
        let (batch, shape) = (self.pass.batch() as u64, &self.settings.shape);
        Work {
            forward: self.forward.take_done(),
            forward_dense: batch * shape.dense_forward(),
            backward: self.backward.take_done(),
            backward_dense: batch * shape.dense_backward(),
        }
    }

    /// The estimator's gradient and the penalty's; returns the penalty.
    fn gate_gradient(&mut self, noise: &mut Stream) -> f64 {
        // Taken out while the estimator looks at them and the context works on the rest of the pass.
        let mut gradient = std::mem::take(&mut self.pass.logit_gradient);
        let draw = std::mem::take(&mut self.pass.draw);
        let logits = std::mem::take(&mut self.pass.logits);
        let mut context = PassContext {
            parameters: &self.parameters,
            pass: &mut self.pass,
            forward: &mut self.forward,
            backward: &mut self.backward,
            told: self.settings.told,
        };
        self.estimator.logit_gradient(&logits, &draw, &mut context, noise, &mut gradient);
        self.signal = (gradient.iter().map(|g| g.wide().abs()).sum::<f64>() / gradient.len().max(1) as f64) as f32;
        let (value, slope) = &mut self.pass.activation;
        self.estimator.activation(&logits, &draw, value, slope);
        let penalty = self.penalty.add_gradient(value, slope, &mut gradient);
        self.pass.logit_gradient = gradient;
        self.pass.draw = draw;
        self.pass.logits = logits;
        penalty
    }

    fn follow_rates(&mut self) {
        let batch = self.pass.batch() as f32;
        let keep = (1.0 - 1.0 / RATE_MEMORY) as f32;
        for (rate, column) in self.rates.iter_mut().zip(self.pass.draw.gates.columns()) {
            let open = column.iter().filter(|g| **g != R::zero()).count() as f32;
            *rate = keep * *rate + (1.0 - keep) * open / batch;
        }
    }

    /// Applies the configuration's changes whose step has come.
    fn apply_due(&mut self) -> Result<(), ConfigError> {
        while let Some(change) = self.config.changes.get(self.next_change) {
            if change.step > self.step {
                break;
            }
            let action = change.action.clone();
            self.next_change += 1;
            self.apply(&action)?;
        }
        Ok(())
    }

    /// Checks all changes of the configuration by resolving them in order, without touching the run.
    fn check_changes(&mut self) -> Result<(), ConfigError> {
        let changes = &self.config.changes;
        if changes.len() > MOST_CHANGES {
            let message = format!("{} changes; at most {MOST_CHANGES} can be replayed", changes.len());
            return Err(ConfigError::Changes { message });
        }
        if !changes.is_sorted_by_key(|c| c.step) {
            return Err(ConfigError::Changes { message: "changes must be ordered by their step".into() });
        }
        let (mut estimator, mut overrides) = (self.config.estimator.clone(), self.overrides.clone());
        for change in changes {
            take_in(&change.action, &mut estimator, &mut overrides)?;
            Settings::resolve(self.config.preset, &estimator, &overrides)?;
        }
        Ok(())
    }

    /// Brings the run under an action's settings; nothing changes if it is refused.
    fn apply(&mut self, action: &Action) -> Result<(), ConfigError> {
        let (mut estimator, mut overrides) = (self.settings.estimator.clone(), self.overrides.clone());
        take_in(action, &mut estimator, &mut overrides)?;
        let settings = Settings::resolve(self.config.preset, &estimator, &overrides)?;
        if settings.estimator == self.settings.estimator {
            self.estimator.configure(&settings.knobs);
            // An adaptive λ has moved on since it was set: asking for the old value again takes it back there.
            if matches!(action, Action::Set(key, _) | Action::Reset(key) if key == "lambda") {
                self.penalty.set_lambda(settings.lambda);
            }
            self.penalty.set_target(settings.target);
        } else {
            self.estimator = make(&settings)?;
            self.penalty = penalty(&settings);
        }
        self.settings = settings;
        self.overrides = overrides;
        Ok(())
    }

    /// Number of changes that are in force; one that is due at this very step comes into force as the step begins.
    pub(super) fn changes_in_force(&self) -> usize {
        self.next_change
    }

    /// Positions a restored run, with its first `in_force` changes applied.
    pub(super) fn resume_at(&mut self, step: u64, in_force: usize) -> Result<(), ConfigError> {
        while self.next_change < in_force
            && let Some(change) = self.config.changes.get(self.next_change)
        {
            let action = change.action.clone();
            self.next_change += 1;
            self.apply(&action)?;
        }
        self.step = step;
        Ok(())
    }
}

/// Whether `b` undoes all of `a`. A setting's last value is all that counts; an estimator that was left and taken again has
/// forgotten what it knew, so each switch stays.
fn same_target(a: &Action, b: &Action) -> bool {
    match (a, b) {
        (Action::Set(a, _) | Action::Reset(a), Action::Set(b, _) | Action::Reset(b)) => a == b,
        _ => false,
    }
}

/// Folds an action into an estimator id and overrides.
fn take_in(
    action: &Action,
    estimator: &mut String,
    overrides: &mut std::collections::BTreeMap<String, super::config::Value>,
) -> Result<(), ConfigError> {
    let live = |name: &str| match keys::all().find(|key| key.name == name) {
        Some(key) if !key.live => Err(ConfigError::NotLive { key: name.to_owned() }),
        Some(_) => Ok(()),
        None => Err(keys::unknown(name)),
    };
    match action {
        Action::Estimator(id) => estimator.clone_from(id),
        Action::Set(key, value) => {
            live(key)?;
            overrides.insert(key.clone(), value.clone());
        }
        Action::Reset(key) => {
            live(key)?;
            overrides.remove(key);
        }
    }
    Ok(())
}

fn check_version(config: &RunConfig) -> Result<(), ConfigError> {
    if config.version > CONFIG_VERSION {
        return Err(ConfigError::Version { found: config.version, known: CONFIG_VERSION });
    }
    Ok(())
}

fn make<R: Real>(settings: &Settings) -> Result<Box<dyn Estimator<R>>, ConfigError> {
    let mut estimator = registry::make(&settings.estimator)
        .ok_or_else(|| ConfigError::Estimator { found: settings.estimator.clone() })?;
    estimator.configure(&settings.knobs);
    Ok(estimator)
}

fn penalty(settings: &Settings) -> SparsityPenalty {
    match registry::record(&settings.estimator) {
        Some(record) => SparsityPenalty::of(record, settings.lambda, settings.target),
        None => SparsityPenalty::CrossEntropy { lambda: settings.lambda, target: settings.target },
    }
}
