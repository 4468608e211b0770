//! A run: network, estimator, sparsity control, optimiser, minibatches and random streams, stepped one minibatch at a time.

use crate::data::{BatchStream, DataError, Dataset};
use crate::estimator::{Estimator, Sizes, registry};
use crate::network::{
    ExpertsRun, Gradient, Parameters, Pass, PassContext, Told, backward, experts_forward, gater_backward,
    gater_forward, head_forward,
};
use crate::sparsity::SparsityPenalty;
use gatelab_kernels::{CountingKernels, DefaultBackend, Purpose, RandomSource, Real, Rng, Skipping, logit, sum_of};

use super::delay::Delayed;
use super::optimizer::{Optimizer, Rates};
use super::settings::ConfigError;
use super::settings::Settings;
use crate::schema::{CONFIG_VERSION, RunConfig};

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
pub struct Trainer<R: DefaultBackend> {
    pub(super) config: RunConfig,
    /// `config.overrides` and every change so far.
    pub(super) overrides: std::collections::BTreeMap<String, crate::schema::Value>,
    pub(super) settings: Settings,
    pub(super) step: u64,
    pub(super) next_change: usize,
    pub(super) parameters: Parameters<R>,
    pub(super) optimizer: Optimizer<R>,
    pub(super) estimator: Box<dyn Estimator<R>>,
    pub(super) penalty: SparsityPenalty,
    pub(super) rates: Vec<f32>,
    pass: Pass<R>,
    batches: Option<BatchStream>,
    indices: Vec<u32>,
    pub(super) forward: CountingKernels<R>,
    backward: CountingKernels<R>,
    pub(super) delayed: Delayed<R>,
    signal: f32,
}

impl<R: DefaultBackend> Trainer<R> {
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
            estimator: make(&settings, config.seed)?,
            penalty: penalty(&settings),
            rates: vec![settings.start_rate as f32; shape.gates],
            pass: Pass::new(shape, settings.batch),
            batches: None,
            indices: Vec::new(),
            forward: CountingKernels::default(),
            backward: CountingKernels::default(),
            delayed: Delayed::default(),
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
    pub fn estimator_memory(&self) -> Vec<R> {
        let mut state = Vec::new();
        self.estimator.copy_state_into(&mut state);
        state
    }

    /// Settings that differ from their defaults now.
    pub fn overrides(&self) -> &std::collections::BTreeMap<String, crate::schema::Value> {
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

    /// What products leave out from now on; the results have the same bits.
    pub fn set_skipping(&mut self, skipping: Skipping) {
        self.pass.input.set_skipping(skipping);
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

    /// Does one minibatch.
    pub fn step(&mut self, data: &Dataset) -> Result<StepReport, TrainError> {
        self.apply_due()?;
        self.load_batch(data)?;
        self.estimator.advance(self.epoch());
        let mut noise = Rng::new(self.config.seed, Purpose::Gates, self.step);
        self.draw(&mut noise);
        head_forward(&self.parameters, &mut self.pass, &mut self.forward);
        let loss = self.pass.losses.iter().map(|l| l.as_f64()).sum::<f64>() / self.pass.batch() as f64;
        if !loss.is_finite() {
            return Err(TrainError::NotFinite { tensor: "class scores", step: self.step });
        }
        let penalty = self.gate_gradient(&mut noise);
        backward(&self.parameters, &mut self.pass, &mut self.backward);
        let due = self.run_overdue(data)?;
        self.update(due)?;
        let work = self.work();
        self.delayed.settle(self.settings.delay);
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
        data.train.load(&indices, &mut self.pass.input, &mut self.pass.labels)?;
        self.indices = indices;
        Ok(())
    }

    /// Gater, draw and experts.
    fn draw(&mut self, noise: &mut Rng) {
        gater_forward(&self.parameters, &mut self.pass, &mut self.forward);
        self.estimator.draw(&self.pass.logits, noise as &mut dyn RandomSource<R>, &mut self.pass.draw);
        self.pass.open.refill(self.pass.draw.gates.view());
        // An estimator that needs every expert in the end gets them by one dense product instead of two passes.
        let run = if self.estimator.needs().every_expert() { ExpertsRun::All } else { ExpertsRun::Open };
        experts_forward(&self.parameters, &mut self.pass, &mut self.forward, run);
    }

    /// What comes late and is due goes back through the gater on its own minibatch, under the present parameters. Returns how many
    /// minibatches that were.
    fn run_overdue(&mut self, data: &Dataset) -> Result<usize, TrainError> {
        let due = self.delayed.due(self.settings.delay);
        for batch in self.delayed.load(due, self.settings.shape, &data.train)? {
            gater_forward(&self.parameters, batch, &mut self.forward);
            gater_backward(&self.parameters, batch, &mut self.backward);
        }
        Ok(due)
    }

    /// Gradient and update, together; nothing is changed if a number isn't finite.
    fn update(&mut self, due: usize) -> Result<(), TrainError> {
        let gradient = Gradient::of(&self.pass, self.delayed.loaded(due).iter());
        if let Some(tensor) = gradient.first_not_finite() {
            return Err(TrainError::NotFinite { tensor, step: self.step });
        }
        let rates = Rates {
            learning_rate: self.settings.learning_rate,
            gater_rate: self.settings.gater_rate,
            momentum: self.settings.momentum,
            max_norm: self.settings.max_norm,
        };
        self.optimizer.step(&mut self.parameters, &gradient, rates, &mut self.backward);
        Ok(())
    }

    /// What the kernels counted since the last step, beside what the step costs with every gate open.
    fn work(&mut self) -> Work {
        let (batch, active) = (self.pass.batch() as u64, self.pass.input.active() as u64);
        let shape = &self.settings.shape;
        Work {
            forward: self.forward.take_macs(),
            forward_dense: shape.dense_forward(batch, active),
            backward: self.backward.take_macs(),
            backward_dense: shape.dense_backward(batch, active),
        }
    }

    /// The estimator's gradient and the penalty's; returns the penalty.
    fn gate_gradient(&mut self, noise: &mut Rng) -> f64 {
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
        let sum = sum_of(gradient.values(), f64::abs);
        self.signal = (sum.as_f64() / gradient.len().max(1) as f64) as f32;
        if self.settings.told == Told::DelayedReward && self.settings.delay > 0 {
            self.delayed.hold_back(&self.indices, &mut gradient);
        }
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
        for (gate, rate) in self.rates.iter_mut().enumerate() {
            let open = self.pass.open.examples(gate).len() as f32;
            *rate = keep * *rate + (1.0 - keep) * open / batch;
        }
    }
}

fn check_version(config: &RunConfig) -> Result<(), ConfigError> {
    if config.version > CONFIG_VERSION {
        return Err(ConfigError::Version { found: config.version, known: CONFIG_VERSION });
    }
    Ok(())
}

pub(super) fn make<R: DefaultBackend>(settings: &Settings, seed: u64) -> Result<Box<dyn Estimator<R>>, ConfigError> {
    let mut estimator = registry::make(&settings.estimator)
        .ok_or_else(|| ConfigError::Estimator { found: settings.estimator.clone() })?;
    estimator.configure(&settings.knobs);
    estimator.reset_state(Sizes { gates: settings.shape.gates, units: settings.shape.units() }, seed);
    Ok(estimator)
}

pub(super) fn penalty(settings: &Settings) -> SparsityPenalty {
    match registry::record(&settings.estimator) {
        Some(record) => SparsityPenalty::new(record, settings.lambda, settings.target),
        None => SparsityPenalty::CrossEntropy { lambda: settings.lambda, target: settings.target },
    }
}
