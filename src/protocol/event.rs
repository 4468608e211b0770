//! Worker to page.

use serde::{Deserialize, Serialize};

use crate::training::config::{Change, DataChoice, RunConfig};
use crate::training::settings::Settings;

/// What a run is doing; the root element's `data-state` says the same words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// Waits for data.
    Loading,
    /// Steps.
    Running,
    /// Waits for the user.
    Paused,
    /// Reached an end of its own accord.
    Stopped,
    /// Met a number that is not finite, or broke.
    Failed,
}

/// Where data came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataSource {
    /// Shards beside the page.
    Site,
    /// A mirror, by the user's click, or the browser's cache of such a download.
    Mirror,
    /// The user's own files.
    Files,
    /// Drawn by the program.
    Generated,
}

/// News of the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataEvent {
    /// More has arrived. Counts are training digits; bytes are of the current download (0 if unknown).
    Progress {
        /// What is arriving.
        data: DataChoice,
        /// From where.
        source: DataSource,
        /// Training digits that are there.
        ready: usize,
        /// Training digits in all.
        planned: usize,
        /// Bytes received.
        bytes: u64,
        /// Bytes in all, 0 if unknown.
        bytes_total: u64,
    },
    /// A set is complete, or complete enough to start; `name` is to be shown.
    Ready {
        /// Which choice it serves.
        data: DataChoice,
        /// From where.
        source: DataSource,
        /// Name to show, such as "MNIST" or the name of the user's file.
        name: String,
    },
    /// What the page is learning now, since the wanted data is not there.
    FallBack {
        /// What was wanted.
        wanted: DataChoice,
        /// What is used until it is there.
        using: DataChoice,
    },
}

/// Something went wrong, in words for the user: what was expected, what was found, what to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Problem {
    /// No data beside the page: offer the download, or files of one's own.
    NoSiteData {
        /// What the attempt met.
        message: String,
    },
    /// Data that could not be read, fetched or trusted; what was in use stays in use.
    Data {
        /// What, where and what to do.
        message: String,
    },
    /// A configuration or change that is refused; the run goes on as it was.
    Config {
        /// Which setting, what it may be.
        message: String,
    },
    /// Training met a number that is not finite. Parameters are the last finite ones.
    NotFinite {
        /// Which tensor.
        tensor: String,
        /// At which step (steps done before it).
        step: u64,
        /// Whether there is a change to undo.
        can_undo: bool,
        /// The learning rate that was in force.
        learning_rate: f64,
    },
    /// A checkpoint that is not one of this build's.
    Checkpoint {
        /// What was expected and found.
        message: String,
    },
    /// The program itself broke; the worker must not be used again.
    Fatal {
        /// The panic's message.
        message: String,
    },
}

/// What the worker tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// First words of a worker.
    Ready {
        /// [`super::PROTOCOL_VERSION`].
        protocol: u32,
        /// [`super::BUILD`].
        build: String,
    },
    /// News of the data.
    Data(DataEvent),
    /// A run begins (or goes on from a checkpoint, then `step` > 0).
    Started {
        /// The page's number for the run.
        run: u32,
        /// Steps done.
        step: u64,
        /// Its configuration, as resolved (data may have fallen back).
        config: RunConfig,
        /// Every setting's value in force.
        settings: Settings,
    },
    /// A change took effect.
    Changed {
        /// The run it belongs to (after a fork, the branch).
        run: u32,
        /// What and when; the page appends it to the run's configuration.
        change: Change,
        /// Every setting's value in force now.
        settings: Settings,
    },
    /// The run's state changed.
    State {
        /// The page's number for the run.
        run: u32,
        /// What it is doing now.
        state: RunState,
        /// Steps done.
        step: u64,
        /// Digest of the parameters, 16 hex digits; present whenever the run isn't running.
        digest: Option<String>,
    },
    /// A problem, in words.
    Problem(Problem),
    /// Alive, at least four times a second while nothing else is said.
    Beat {
        /// Steps done.
        step: u64,
        /// Bytes of the worker's WebAssembly memory.
        memory: u64,
    },
}
