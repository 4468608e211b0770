//! A training step, which happens wholly or not at all: data there? → compute → all finite? → commit.
//!
//! Computing writes scratch arrays only, except for the estimator's learned state, of which a copy is kept. Committing changes
//! parameters, velocities, estimator state, pending rewards, sparsity weight, firing rates and counters together.

use gatelab_kernels::{DefaultBackend, Purpose, Rng, sum_map_f64};

use crate::data::{BatchStream, Dataset};
use crate::network::{GaterLoss, ParameterGradient, backward, gater, sample_gradient};

use super::optimizer::Rates;
use super::report::{StepReport, TrainError, Work};
use super::trainer::Trainer;

/// Time constant of the running mean of each gate's firing rate, in steps.
const RATE_STEPS: f64 = 50.0;

/// What a computed step commits besides the arrays in the pass.
struct Computed {
    loss: f64,
    penalty: f64,
    signal: f32,
    /// Pending gradients whose reward has arrived.
    due: usize,
}

impl<R: DefaultBackend> Trainer<R> {
    /// Computes and commits one minibatch, after the configuration's changes that are due.
    ///
    /// # Errors
    /// [`TrainError`]. A step that is refused changes nothing: the changes that were due are still ahead, and parameters,
    /// velocities, estimator state, pending rewards and counters are those of before, bit for bit.
    pub fn step(&mut self, data: &Dataset) -> Result<StepReport, TrainError> {
        self.load_batch(data)?;
        let undo = self.apply_due()?;
        self.estimator.copy_state_into(&mut self.saved);
        match self.compute(data) {
            Ok(computed) => Ok(self.commit(&computed)),
            Err(error) => {
                self.estimator.restore_state(&self.saved);
                self.pending.roll_back();
                self.kernels.take_macs();
                if let Some(undo) = undo {
                    self.undo(undo);
                }
                Err(error)
            }
        }
    }

    /// The order of the minibatches for this data.
    pub(super) fn stream(&mut self, data: &Dataset) -> Result<&mut BatchStream, TrainError> {
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
        let needed = self.stream(data)?.needs(step);
        if needed > data.train.len() {
            return Err(TrainError::Waiting { step, needed, present: data.train.len() });
        }
        if let Some(batches) = &mut self.batches {
            batches.indices(step, &mut self.indices);
        }
        data.train.load(&self.indices, &mut self.pass.input, &mut self.pass.labels)?;
        Ok(())
    }

    fn compute(&mut self, data: &Dataset) -> Result<Computed, TrainError> {
        // Before the first step, the length of an epoch was not known.
        self.estimator.advance(self.epoch());
        let mut rng = Rng::new(self.config.seed, Purpose::Gates, self.step);
        let (loss, kernels) = (self.settings.gater_loss, &mut self.kernels);
        gater::forward(&self.parameters, &mut self.pass, &mut kernels.forward);
        sample_gradient(&self.parameters, &mut self.pass, self.estimator.as_mut(), &mut rng, loss, kernels)
            .map_err(|_| TrainError::NotFinite { tensor: "class scores", step: self.step })?;
        let signal = self.signal_of_gradient();
        let penalty = self.add_penalty();
        backward(&self.parameters, &mut self.pass, &mut self.kernels.backward);
        let due = self.run_due_rewards(data)?;
        let gradient = ParameterGradient::of(&self.pass, self.pending.loaded(due).iter());
        match gradient.first_not_finite() {
            Some(tensor) => Err(TrainError::NotFinite { tensor, step: self.step }),
            None => Ok(Computed { loss: self.pass.mean_loss(), penalty, signal, due }),
        }
    }

    /// Mean magnitude of the estimator's gradient.
    fn signal_of_gradient(&self) -> f32 {
        let gradient = &self.pass.logit_grad;
        (sum_map_f64(gradient.values(), f64::abs) / gradient.len().max(1) as f64) as f32
    }

    /// Holds back the estimator's gradient if its reward arrives late, then adds the sparsity penalty's; returns the penalty.
    fn add_penalty(&mut self) -> f64 {
        let pass = &mut self.pass;
        if self.settings.gater_loss == GaterLoss::DelayedReward && self.settings.delay > 0 {
            self.pending.hold_back(&self.indices, &mut pass.logit_grad);
        }
        let (value, slope) = &mut pass.activation;
        self.estimator.activation(&pass.logits, &pass.draw, value, slope);
        self.penalty.add_gradient(value, slope, &mut pass.logit_grad)
    }

    /// Takes the gradients whose rewards have arrived backward through the gater, each on its own minibatch, under the present
    /// parameters. Returns how many minibatches that were.
    fn run_due_rewards(&mut self, data: &Dataset) -> Result<usize, TrainError> {
        let due = self.pending.due(self.settings.delay);
        for pass in self.pending.load(due, self.settings.shape, &data.train)? {
            gater::forward(&self.parameters, pass, &mut self.kernels.forward);
            gater::backward(&self.parameters, pass, &mut self.kernels.backward);
        }
        Ok(due)
    }

    fn commit(&mut self, computed: &Computed) -> StepReport {
        let rates = Rates {
            learning_rate: self.settings.learning_rate,
            gater_rate: self.settings.gater_rate,
            momentum: self.settings.momentum,
            max_norm: self.settings.max_norm,
        };
        let gradient = ParameterGradient::of(&self.pass, self.pending.loaded(computed.due).iter());
        self.optimizer.step(&mut self.parameters, &gradient, rates, &mut self.kernels.backward);
        self.pending.commit(self.settings.delay);
        let gate_rate = self.pass.gate_rate();
        self.penalty.observe(gate_rate);
        self.follow_rates();
        self.signal = computed.signal;
        self.step += 1;
        self.estimator.advance(self.epoch());
        let Computed { loss, penalty, .. } = *computed;
        StepReport { step: self.step, loss, gate_rate, penalty, work: self.work() }
    }

    /// What the kernels counted in this step, beside what the step costs with every gate active.
    fn work(&mut self) -> Work {
        let (batch, active) = (self.pass.batch() as u64, self.pass.input.multiplied() as u64);
        let shape = &self.settings.shape;
        let (forward, backward) = self.kernels.take_macs();
        Work {
            forward,
            forward_dense: shape.dense_forward(batch, active),
            backward,
            backward_dense: shape.dense_backward(batch, active),
        }
    }

    fn follow_rates(&mut self) {
        let batch = self.pass.batch() as f32;
        let keep = (1.0 - 1.0 / RATE_STEPS) as f32;
        for (gate, rate) in self.rates.iter_mut().enumerate() {
            let active = self.pass.active.rows_of_block(gate).len() as f32;
            *rate = keep * *rate + (1.0 - keep) * active / batch;
        }
    }
}
