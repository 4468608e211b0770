//! What the app is to do after an update.

use super::Spoken;
use crate::protocol::Command;
use gatelab_engine::data::ClassNames;
use gatelab_engine::schema::{Change, RunConfig};
use gatelab_engine::training::settings::Settings;

/// Something to do outside the state.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Tell the worker.
    Send(Command),
    /// Throw the worker away and start another; what is sent from now on waits for its first words.
    Respawn,
    /// Throw the worker away.
    GiveUp,
    /// Hand the newest checkpoint of this run to the worker.
    Restore {
        /// The run.
        run: u32,
        /// Whether it begins paused.
        paused: bool,
    },
    /// Forget all checkpoints.
    ForgetCheckpoints,
    /// Tell the pictures.
    Live(LiveOp),
    /// Write the run into the address.
    WriteLink,
    /// Tell those who listen.
    Speak(Spoken),
    /// Bring the root element's attributes up to date.
    Root,
    /// The page of one build met the worker of another.
    OtherBuild,
    /// The worker answered: the controls work.
    Interactive,
}

/// News for the pictures.
#[derive(Clone, Debug, PartialEq)]
pub enum LiveOp {
    /// A run begins or goes on.
    Begin(u32, RunConfig, Settings, u64),
    /// Something changed.
    Change(u32, Change, Settings),
    /// A run goes on under a new number: (from, to).
    Branch(u32, u32, Change, Settings),
    /// The data have classes of these names.
    Classes(ClassNames),
    /// Points later than the step are gone.
    Truncate(u32, u64),
}
