//! Page to worker.

use serde::{Deserialize, Serialize};

use gatelab_engine::lab::{Method, ToySpec};
use gatelab_engine::schema::{Action, RunConfig};

/// Which spikes the raster shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RasterOf {
    /// Gates drawn for one pinned digit at each step, from a random stream of its own.
    #[default]
    Pinned,
    /// The share of the minibatch's examples for which each gate fired.
    Minibatch,
}

/// What the page is looking at: the worker computes nothing for panels that nobody sees.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {
    /// Whether the page is visible at all; hidden, no frames are sent, training goes on.
    pub visible: bool,
    /// Spike raster, and of what.
    pub raster: Option<RasterOf>,
    /// Gates × probe digits, P(fire | digit).
    pub probes: bool,
    /// One digit on its way through the network.
    pub one_digit: bool,
    /// Index of the pinned digit among the probe digits.
    pub pinned: usize,
}

/// The way on after a run has stopped at a number that is not finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rescue {
    /// Back to the state before the last change; the change is taken out of the configuration.
    Undo,
    /// On from the last finite parameters with a tenth of the learning rate and the momentum at rest.
    LowerRate,
}

/// Ways to break the worker on purpose, for tests of what the page does then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// Never yields again.
    Spin,
    /// Closes itself.
    Close,
    /// Panics.
    Panic,
    /// Puts a NaN into a weight.
    Nan,
}

/// What the page asks of the worker.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// Starts a run at step 0. Replay is the same command with the same configuration.
    Start {
        /// The page's number for the run; frames carry it.
        run: u32,
        /// What to run. `changes` in it happen again at their steps.
        config: RunConfig,
        /// Whether to begin paused.
        paused: bool,
        /// Pause by itself when this many steps are done.
        pause_at: Option<u64>,
    },
    /// Goes on from a checkpoint that the worker sent earlier; its bytes are attached.
    Restore {
        /// The page's number for the run.
        run: u32,
        /// Whether to begin paused.
        paused: bool,
    },
    /// Goes on.
    Run,
    /// Stops after the current step; answered by a [`super::Event::State`] with the digest of the parameters.
    Pause,
    /// Does exactly one step, then is paused.
    Step,
    /// Steps a second, at most; `None` is as fast as it goes.
    Speed(Option<f64>),
    /// Changes something from the next minibatch on.
    Change(Action),
    /// As `Change`, but the run goes on under a new number: the old curve stays as it is.
    Fork {
        /// The page's number for the branch.
        run: u32,
        /// What is different on the branch.
        action: Action,
    },
    /// What the page looks at.
    Watch(Watch),
    /// Downloads the MNIST files from a mirror, checks their hashes and keeps them in the browser's cache.
    Download {
        /// Where the four files are; `None` for the built-in mirror.
        base: Option<String>,
    },
    /// Reads IDX files chosen by the user; the `File` objects are attached.
    OpenFiles,
    /// The way on after a stop at a number that is not finite.
    Rescue(Rescue),
    /// Freezes the run with some digits; answered by the bytes of a [`gatelab_engine::lab::snapshot`].
    Freeze {
        /// Number of digits.
        digits: usize,
    },
    /// Uses the set of kernels of this name, if one is given; then measures all of them, which takes some ten
    /// milliseconds, and answers with [`super::Event::Backend`]. Results of a set that is not exact cannot be repeated.
    Backend {
        /// Name of a set; `None` only measures.
        choose: Option<String>,
    },
    /// What the laboratory looks at; sent to a second worker, so that training isn't disturbed.
    Lab(LabCommand),
    /// Breaks the worker on purpose; only tests send it.
    Fault(Fault),
}

/// What the page asks of the laboratory's worker. Each replaces what it was doing of that kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabCommand {
    /// Gives a snapshot of a network (its bytes are attached) to the gradient probe; answered by [`super::LabEvent::Measured`] as the
    /// numbers grow.
    Examine {
        /// The page's number for the request; answers carry it.
        request: u32,
        /// Ids.
        estimators: Vec<String>,
        /// Which of them (by position) the scatter shows.
        scatter: usize,
        /// Seed of the draws.
        seed: u64,
    },
    /// Shows another estimator's scatter.
    Scatter(usize),
    /// Measures on a toy.
    Toy {
        /// The page's number for the request.
        request: u32,
        /// What to measure.
        spec: ToySpec,
    },
    /// Learns on a toy, with the specification's first estimator.
    TrainToy {
        /// The page's number for the request.
        request: u32,
        /// Where it starts, and what the loss is.
        spec: ToySpec,
        /// How the logits move.
        method: Method,
        /// Learning rate.
        rate: f64,
        /// Draws a step.
        batch: usize,
        /// Steps to do.
        steps: u64,
    },
    /// Stops everything.
    Rest,
}
