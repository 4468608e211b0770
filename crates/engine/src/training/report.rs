//! What a step reports, and why it can be refused.

use crate::data::DataError;

use super::settings::ConfigError;

/// Why a step was refused. A refused step changes nothing.
#[derive(Debug, thiserror::Error)]
pub enum TrainError {
    /// Training diverged.
    #[error(
        "{tensor}: not finite at step {step}; the state of the step before is kept. Lower the learning rate, or undo the last \
         change"
    )]
    NotFinite {
        /// Where.
        tensor: &'static str,
        /// Steps done before.
        step: u64,
    },
    /// The minibatch has not arrived yet.
    #[error("the data is still arriving: {present} training examples are here, step {step} needs {needed}")]
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
    /// Forward, had every gate been active.
    pub forward_dense: u64,
    /// Backward, done.
    pub backward: u64,
    /// Backward, had every gate been active.
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
    /// Share of active (example, gate) pairs, 0..=1.
    pub gate_rate: f64,
    /// Sparsity penalty, nats.
    pub penalty: f64,
    /// Multiply-adds.
    pub work: Work,
}
