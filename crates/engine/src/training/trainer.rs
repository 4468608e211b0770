//! A run: network, estimator, sparsity control, optimiser, minibatches and random streams. How a step is computed and committed
//! stands in [`step`](super::step).

use std::collections::BTreeMap;

use gatelab_kernels::{DefaultBackend, Skipping, logit};

use crate::data::{BatchStream, Dataset};
use crate::estimator::{Estimator, Sizes, registry};
use crate::network::{Parameters, Pass, PassKernels};
use crate::schema::{CONFIG_VERSION, RunConfig, Value};
use crate::sparsity::SparsityPenalty;

use super::optimizer::Optimizer;
use super::pending::PendingRewards;
use super::report::TrainError;
use super::settings::{ConfigError, Settings};

/// A run in progress.
pub struct Trainer<R: DefaultBackend> {
    pub(super) config: RunConfig,
    /// `config.overrides` and every change so far.
    pub(super) overrides: BTreeMap<String, Value>,
    pub(super) settings: Settings,
    pub(super) step: u64,
    pub(super) next_change: usize,
    pub(super) parameters: Parameters<R>,
    pub(super) optimizer: Optimizer<R>,
    pub(super) estimator: Box<dyn Estimator<R>>,
    pub(super) penalty: SparsityPenalty,
    pub(super) rates: Vec<f32>,
    pub(super) pending: PendingRewards<R>,
    /// Mean magnitude of the estimator's gradient in the last step.
    pub(super) mean_abs_logit_grad: f32,
    pub(super) pass: Pass<R>,
    pub(super) batches: Option<BatchStream>,
    /// Training examples of the minibatch.
    pub(super) indices: Vec<u32>,
    pub(super) kernels: PassKernels<R>,
    /// The estimator's state before the step; scratch.
    pub(super) saved: Vec<R>,
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
            estimator: make_estimator(&settings, config.seed)?,
            penalty: penalty(&settings),
            rates: vec![settings.start_rate as f32; shape.gates],
            pending: PendingRewards::default(),
            mean_abs_logit_grad: 0.0,
            pass: Pass::new(shape, settings.batch),
            batches: None,
            indices: Vec::new(),
            kernels: PassKernels::default(),
            saved: Vec::new(),
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

    /// A copy of the estimator's learned state, one tensor after the other.
    pub fn estimator_state(&self) -> Vec<R> {
        let mut state = Vec::new();
        self.estimator.copy_state_into(&mut state);
        state
    }

    /// Settings that differ from their defaults now.
    pub fn overrides(&self) -> &BTreeMap<String, Value> {
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
        let mut numbers = vec![self.mean_abs_logit_grad];
        self.estimator.live(&mut numbers);
        numbers
    }

    /// Epochs done, with fraction.
    pub fn epoch(&self) -> f64 {
        self.batches.as_ref().map_or(0.0, |b| self.step as f64 / b.batches_per_epoch() as f64)
    }

    /// Whether the next step's minibatch has arrived.
    pub fn is_ready(&mut self, data: &Dataset) -> Result<bool, TrainError> {
        let step = self.step;
        Ok(self.stream(data)?.needs(step) <= data.train.len())
    }
}

fn check_version(config: &RunConfig) -> Result<(), ConfigError> {
    if config.version > CONFIG_VERSION {
        return Err(ConfigError::Version { found: config.version, known: CONFIG_VERSION });
    }
    Ok(())
}

/// The estimator of these settings, its learned state at its initial values.
pub fn make_estimator<R: DefaultBackend>(settings: &Settings, seed: u64) -> Result<Box<dyn Estimator<R>>, ConfigError> {
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
