//! Messages and effects of the laboratory.

use super::{Column, Metric, ToyEdit};
use crate::protocol::{LabCommand, LabEvent};

/// An event that changes the state.
#[derive(Clone, Debug, PartialEq)]
pub enum LabMsg {
    /// The laboratory became visible, and its worker is starting.
    Opened,
    /// The laboratory was hidden, and its worker terminated.
    Closed,
    /// The worker failed, with the reason.
    Failed(String),
    /// Start the worker again.
    Again,
    /// An event from the worker.
    Event(LabEvent),
    /// Tick or untick an estimator.
    Tick(&'static str),
    /// Whether the run's gater learns from a reward: then estimators that need gate gradients cannot be measured.
    Reward(bool),
    /// The bytes of a snapshot arrived, at this time (ms).
    Snapshot(f64),
    /// Take a new snapshot.
    Look,
    /// Take new snapshots while the run continues, or stop doing so.
    Follow(bool),
    /// The run's progress at a time.
    Clock(Clock),
    /// Show noise at equal cost instead of per draw.
    EqualCost(bool),
    /// Sort by a column.
    Sort(Column),
    /// Show the scatter of an estimator.
    Show(&'static str),
    /// Draw a quantity along training.
    Plot(Metric),
    /// Explain an estimator on the gate.
    Point(&'static str),
    /// Change the gate or its loss.
    Toy(ToyEdit),
    /// Change or control the training of the gate.
    Train(Train),
    /// A display frame while the training curve is drawn: milliseconds since the last frame; infinity draws all of it.
    Frame(f64),
}

/// The run's progress at one time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    /// Milliseconds.
    pub now: f64,
    /// The page's number for the run.
    pub run: u32,
    /// Epochs done.
    pub epoch: f64,
    /// Whether a snapshot can be taken.
    pub ready: bool,
}

/// Changes of the training of one gate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Train {
    /// Use this estimator.
    With(&'static str),
    /// Use Adam instead of gradient descent.
    Adam(bool),
    /// Learning rate.
    Rate(f64),
    /// Draws per step.
    Batch(usize),
    /// Start, pause or continue.
    Toggle,
    /// Remove the curve.
    Reset,
}

/// An effect to perform outside the state.
#[derive(Clone, Debug, PartialEq)]
pub enum LabEffect {
    /// Request a snapshot from the run's worker.
    Freeze,
    /// Send a command with the newest snapshot to the laboratory's worker.
    Examine(LabCommand),
    /// Send a command to the laboratory's worker.
    Send(LabCommand),
    /// Start another worker.
    Respawn,
}
