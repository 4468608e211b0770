//! Training steps of the real trainer on real digits.

use super::BenchError;
use super::job::{Counted, Outcome, Skip, Steps};
use super::timing::{Clock, rates};
use gatelab_engine::data::Dataset;
use gatelab_engine::network::Shape;
use gatelab_engine::training::{StepReport, TrainError, Trainer, Work};
use gatelab_kernels::Skipping;

/// A run that is measured in every round.
pub(super) struct Run {
    trainer: Trainer<f32>,
    /// Mean loss over the last quarter of the first steps.
    loss: f64,
}

/// Sets what the engine skips.
fn apply(skip: Skip, trainer: &mut Trainer<f32>) {
    trainer.set_skipping(match skip {
        Skip::Nothing => Skipping::Nothing,
        Skip::Zeros => Skipping::Zeros,
    });
}

impl Run {
    /// Trains until the loss has fallen, which also warms up the caches.
    pub(super) fn proven(job: &Steps, data: &Dataset) -> Result<Self, BenchError> {
        let mut trainer = Trainer::new(job.config.clone())?;
        apply(job.skip, &mut trainer);
        let from = job.proof - job.proof / 4;
        let mut sum = 0.0;
        for step in 0..job.proof {
            let report = trainer.step(data)?;
            if step >= from {
                sum += report.loss;
            }
        }
        Ok(Self { trainer, loss: sum / f64::from(job.proof - from) })
    }

    pub(super) fn measure(&mut self, clock: Clock, job: &Steps, data: &Dataset) -> Result<Outcome, BenchError> {
        let batch = self.trainer.settings().batch as f64;
        let mut tally = Tally::default();
        let chunks = rates(clock, job.time, || -> Result<f64, TrainError> {
            tally.add(self.trainer.step(data)?);
            Ok(batch)
        })?;
        let shape = &self.trainer.settings().shape;
        Ok(Outcome::Steps { chunks, loss: self.loss, gates: tally.gates(), work: tally.counted(shape, batch) })
    }
}

/// Sums over the steps of a measurement.
#[derive(Default)]
struct Tally {
    steps: f64,
    gates: f64,
    work: Work,
}

impl Tally {
    fn add(&mut self, report: StepReport) {
        self.steps += 1.0;
        self.gates += report.gate_rate;
        self.work += report.work;
    }

    fn gates(&self) -> f64 {
        self.gates / self.steps
    }

    fn counted(&self, shape: &Shape, batch: f64) -> Counted {
        let per_example = |sum: u64| sum as f64 / (self.steps * batch);
        let (forward, dense) = (per_example(self.work.forward), per_example(self.work.forward_dense));
        // The work besides the gater is experts and output layer. The gater always runs on the inputs that are not
        // skipped; their number follows from the dense figure.
        let [inputs, own, outputs] =
            [shape.units() + shape.gater_hidden, shape.gater_hidden, shape.units() * shape.classes].map(|n| n as f64);
        let logits = (shape.gater_hidden * shape.gates) as f64;
        let gater = (dense - logits - outputs) / inputs * own + logits;
        Counted {
            forward,
            forward_dense: dense,
            backward: per_example(self.work.backward),
            backward_dense: per_example(self.work.backward_dense),
            experts: (forward - gater) / (dense - gater),
        }
    }
}
