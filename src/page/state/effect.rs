//! The effects of an update.

use super::Spoken;
use crate::protocol::Command;
use gatelab_engine::data::ClassNames;
use gatelab_engine::schema::{Change, RunConfig};
use gatelab_engine::training::settings::Settings;

/// An action outside the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Send a command to the worker.
    Send(Command),
    /// Replace the worker; commands are queued until its first event.
    Respawn,
    /// End the worker.
    GiveUp,
    /// Hand the newest checkpoint of this run to the worker.
    Restore {
        /// The run.
        run: u32,
        /// Whether it begins paused.
        paused: bool,
    },
    /// Drop all checkpoints.
    ForgetCheckpoints,
    /// Update the store of live numbers.
    Live(LiveOp),
    /// Write the run into the address.
    WriteLink,
    /// Announce to screen readers.
    Speak(Spoken),
    /// Update the root element's attributes.
    Root,
    /// Page and worker are of different builds.
    OtherBuild,
    /// The worker has answered: the controls work.
    Interactive,
}

/// An update of the store of live numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveOp {
    /// A run begins or continues.
    Begin(u32, RunConfig, Settings, u64),
    /// Something changed.
    Change(u32, Change, Settings),
    /// A run continues under a new number: (from, to).
    Branch(u32, u32, Change, Settings),
    /// Sets the names of the data's classes.
    Classes(ClassNames),
    /// Points after the step are removed.
    Truncate(u32, u64),
}
