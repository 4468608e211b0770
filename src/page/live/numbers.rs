//! The numbers of the current run, for counters and summaries.

use crate::protocol::Meter;

/// A gate that opens for fewer than this share of digits is called dead.
pub const DEAD_BELOW: f32 = 0.01;
/// A gate that opens for more than this share of digits is called always on.
pub const ALWAYS_ON_ABOVE: f32 = 0.99;

/// The current run's numbers. `None` is not measured yet.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    /// The page's number for the run.
    pub run: u32,
    /// Steps done.
    pub step: u64,
    /// Epochs done, with fraction.
    pub epoch: f64,
    /// Training examples a second.
    pub examples_per_second: f32,
    /// Training loss, nats, smoothed over some 50 steps.
    pub train_loss: Option<f64>,
    /// Share of wrong answers at the last evaluation, 0..=1.
    pub valid_error: Option<f32>,
    /// Share of open gates in training, 0..=1, smoothed over some 50 steps.
    pub gate_rate: Option<f64>,
    /// Sparsity weight in force.
    pub lambda: f32,
    /// The estimator's live numbers.
    pub live: Vec<f32>,
    /// Compute meter.
    pub meter: Meter,
    /// Number of gates.
    pub gates: usize,
    /// Gates open for a training digit, on average.
    pub open: f32,
    /// Dead gates.
    pub dead: usize,
    /// Gates that are always on.
    pub always_on: usize,
    /// The other gates.
    pub in_use: usize,
}

impl Numbers {
    /// Fills in the counts that follow from the firing rates.
    pub(super) fn count(&mut self, rates: &[f32]) {
        if rates.is_empty() {
            return;
        }
        self.gates = rates.len();
        self.open = rates.iter().sum();
        self.dead = rates.iter().filter(|rate| **rate < DEAD_BELOW).count();
        self.always_on = rates.iter().filter(|rate| **rate > ALWAYS_ON_ABOVE).count();
        self.in_use = self.gates - self.dead - self.always_on;
    }
}
