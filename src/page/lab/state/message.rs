//! What happens in the laboratory, and what is to be done about it outside.

use super::{Column, Metric, Wish};
use crate::protocol::{LabCommand, LabEvent};

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum LabMsg {
    /// The laboratory came on the screen, with a worker that is being started.
    Opened,
    /// It left the screen, and its worker is gone.
    Closed,
    /// Its worker failed, in words.
    Failed(String),
    /// Another attempt.
    Again,
    /// The worker said something.
    Event(LabEvent),
    /// An estimator is compared from now on, or no longer.
    Tick(&'static str),
    /// Whether the run's gater is told a reward: then those that need slopes cannot be measured.
    Reward(bool),
    /// The bytes of a frozen network arrived, at this time (ms).
    Specimen(f64),
    /// Freeze the run again.
    Look,
    /// Freeze it again every now and then.
    Follow(bool),
    /// Time went by.
    Clock(Clock),
    /// Noise at equal cost instead of per draw.
    EqualCost(bool),
    /// A column's head was pressed.
    Sort(Column),
    /// The scatter of another estimator.
    Show(&'static str),
    /// Another number along training.
    Plot(Metric),
    /// Another estimator's guess is explained.
    Point(&'static str),
    /// One gate is to be otherwise.
    Toy(Wish),
    /// How the gate learns is to be otherwise.
    Train(Train),
    /// A display frame while the curve of learning is drawn: milliseconds since the last; infinite draws all of it.
    Frame(f64),
}

/// The run at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    /// Milliseconds.
    pub now: f64,
    /// The page's number for the run.
    pub run: u32,
    /// Epochs done.
    pub epoch: f64,
    /// Whether there is something to freeze.
    pub ready: bool,
}

/// Learning on one gate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Train {
    /// With this estimator.
    With(&'static str),
    /// Adam instead of plain descent.
    Adam(bool),
    /// Learning rate.
    Rate(f64),
    /// Draws a step.
    Batch(usize),
    /// Begins, pauses, goes on.
    Toggle,
    /// Back to the beginning.
    Reset,
}

/// What is to be done outside.
#[derive(Clone, Debug, PartialEq)]
pub enum LabEffect {
    /// Ask the run's worker for a frozen copy.
    Freeze,
    /// Tell the laboratory's worker, with the newest specimen.
    Examine(LabCommand),
    /// Tell the laboratory's worker.
    Send(LabCommand),
    /// Start another worker.
    Respawn,
}
