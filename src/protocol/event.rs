//! Worker to page.

use serde::{Deserialize, Serialize};

use gatelab_engine::data::Dataset;
use gatelab_engine::lab::{Row, ToyView, TrainingPoint};
use gatelab_engine::schema::{Change, DataChoice, RunConfig};
use gatelab_engine::training::settings::Settings;

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
        /// Names of the classes, by label.
        classes: Vec<String>,
    },
    /// What the page is learning now, since the wanted data is not there.
    FallBack {
        /// What was wanted.
        wanted: DataChoice,
        /// What is used until it is there.
        using: DataChoice,
    },
}

impl DataEvent {
    /// Announces a set that came from `source`.
    pub fn ready(set: &Dataset, source: DataSource) -> Self {
        Self::Ready {
            data: set.kind.choice(),
            source,
            name: set.kind.name().to_owned(),
            classes: set.classes.as_slice().to_vec(),
        }
    }
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

/// A set of kernels that this browser can run, and its speed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KernelSetInfo {
    /// Name to show, and to choose it by.
    pub name: String,
    /// Whether its results are the same bits everywhere.
    pub exact: bool,
    /// Measured on a typical product, GFLOP/s.
    pub speed: f64,
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
    /// The sets of kernels, measured.
    Backend {
        /// All there are.
        sets: Vec<KernelSetInfo>,
        /// Name of the one in use.
        in_use: String,
    },
    /// News of the laboratory.
    Lab(LabEvent),
    /// Alive, at least four times a second while nothing else is said.
    Beat {
        /// Steps done.
        step: u64,
        /// Bytes of the worker's WebAssembly memory.
        memory: u64,
    },
}

/// What the laboratory's worker tells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabEvent {
    /// Measurements of the gradient probe so far.
    Measured {
        /// The request it answers.
        request: u32,
        /// Steps the frozen run had done.
        step: u64,
        /// Epochs it had done.
        epoch: f64,
        /// One row for each estimator, in the order asked for.
        rows: Vec<Row>,
        /// Relative standard error of the reference for plain coins, 0 where it is exact; `None` while nothing is known.
        reference_error: Option<f64>,
        /// (reference, mean estimate) of the chosen estimator's entries, evenly thinned out.
        scatter: Vec<(f32, f32)>,
        /// Which estimator that is, by position.
        scatter_of: usize,
        /// Whether all is measured.
        done: bool,
    },
    /// What a toy's draws say so far.
    Toy {
        /// The request it answers.
        request: u32,
        /// Everything about it.
        view: ToyView,
        /// Whether all is measured.
        done: bool,
    },
    /// Learning on a toy, so far.
    TrainedToy {
        /// The request it answers.
        request: u32,
        /// Evenly spaced points, the first at step 0, the last at the present.
        points: Vec<TrainingPoint>,
        /// Firing probability of each gate now (of the first 64).
        p: Vec<f64>,
        /// Whether all steps are done.
        done: bool,
    },
    /// A request that is refused, in words.
    Refused {
        /// The request.
        request: u32,
        /// What was expected, found, and what to do.
        message: String,
    },
}
