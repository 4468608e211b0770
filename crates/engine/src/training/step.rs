//! A training step is atomic: data there? → compute → all finite? → commit. Shapes are those of [`Pass`](crate::network::Pass).
//!
//! Computing writes scratch arrays. Three things beside them change before the step is known to succeed, and are undone if it fails: the
//! estimator's learned state (from a copy), the logit gradient queued for a delayed reward, and the configuration's changes that were
//! due. Committing changes parameters, velocities, queue, sparsity weight, firing rates and counters together.

use gatelab_kernels::{DefaultBackend, Purpose, Rng, sum_map_f64};

use crate::data::{BatchStream, Dataset};
use crate::network::{GaterLoss, ParameterGradient, backward, gater, sample_gradient};

use super::optimizer::Rates;
use super::report::{StepReport, TrainError, Work};
use super::trainer::Trainer;

/// Time constant of the exponential moving average of each gate's firing rate, in steps.
const RATE_STEPS: f64 = 50.0;

/// What a computed step commits besides the arrays in the pass.
struct Computed {
    /// Mean loss of the minibatch, nats.
    loss: f64,
    /// Sparsity penalty, nats.
    penalty: f64,
    /// Mean `|∂L/∂a|` of the estimator.
    mean_abs_logit_grad: f32,
    /// Queued logit gradients whose reward has arrived.
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
                // The work of a failed step is in no report.
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
        // Schedules of the estimator follow the epoch. `commit` has set it already, except before the first step, when the length of an
        // epoch was not known.
        self.estimator.advance(self.epoch());
        let mut rng = Rng::new(self.config.seed, Purpose::Draws, self.step);
        let (loss, kernels) = (self.settings.gater_loss, &mut self.kernels);
        gater::forward(&self.parameters, &mut self.pass, &mut kernels.forward);
        sample_gradient(&self.parameters, &mut self.pass, self.estimator.as_mut(), &mut rng, loss, kernels)
            .map_err(|_| TrainError::NotFinite { tensor: "class scores", step: self.step })?;
        let mean_abs_logit_grad = self.mean_abs_logit_grad();
        self.queue_delayed_gradient();
        let penalty = self.add_penalty();
        backward(&self.parameters, &mut self.pass, &mut self.kernels.backward);
        let due = self.run_due_rewards(data)?;
        let gradient = ParameterGradient::of(&self.pass, self.pending.loaded(due).iter());
        match gradient.first_not_finite() {
            Some(tensor) => Err(TrainError::NotFinite { tensor, step: self.step }),
            None => Ok(Computed { loss: self.pass.mean_loss(), penalty, mean_abs_logit_grad, due }),
        }
    }

    /// Mean `|∂L/∂a|` of the estimator's gradient.
    fn mean_abs_logit_grad(&self) -> f32 {
        let gradient = &self.pass.logit_grad;
        (sum_map_f64(gradient.values(), f64::abs) / gradient.len().max(1) as f64) as f32
    }

    /// If the reward of this minibatch arrives late, queues the estimator's gradient and leaves zeros in its place.
    fn queue_delayed_gradient(&mut self) {
        if self.settings.gater_loss == GaterLoss::DelayedReward && self.settings.delay > 0 {
            self.pending.hold_back(&self.indices, &mut self.pass.logit_grad);
        }
    }

    /// Adds the sparsity penalty's share to `pass.logit_grad`; returns the penalty, nats.
    fn add_penalty(&mut self) -> f64 {
        let pass = &mut self.pass;
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
        self.update_firing_rates();
        self.mean_abs_logit_grad = computed.mean_abs_logit_grad;
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

    /// Exponential moving averages of the gates' firing rates.
    fn update_firing_rates(&mut self) {
        let batch = self.pass.batch() as f32;
        let decay = (1.0 - 1.0 / RATE_STEPS) as f32;
        for (gate, rate) in self.rates.iter_mut().enumerate() {
            let active = self.pass.active.rows_of_block(gate).len() as f32;
            *rate = decay * *rate + (1.0 - decay) * active / batch;
        }
    }
}
