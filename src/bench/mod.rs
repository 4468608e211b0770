//! Measurements of speed: jobs in, outcomes out. `cargo xtask bench` sends the same jobs to the engine natively, as
//! WebAssembly in a worker, and (training steps) to other libraries; see `docs/performance.md`.
//!
//! - [`cases`]: the networks, batch sizes and ways of computing that are compared, as run configurations
//! - [`job`]: what is asked and what is answered, the protocol of all that take part
//! - [`timing`]: chunks of work against a clock that is handed in, since a browser has another one
//! - [`peak`], [`gemm`], [`steps`]: the three kinds of job

pub mod cases;
mod gemm;
pub mod job;
mod peak;
mod steps;
mod timing;

use std::collections::BTreeMap;

use crate::data::Dataset;
use crate::training::TrainError;
use crate::training::keys::ConfigError;

pub use job::{Job, Outcome};
pub use timing::Clock;

/// Why a job could not be done.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A configuration that is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A step that failed.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// A kernel that nobody knows.
    #[error("there is no kernel {found}; there are {known}")]
    Kernel {
        /// The name asked for.
        found: String,
        /// The names there are.
        known: String,
    },
    /// A product with a wrong result: its speed means nothing.
    #[error("{kernel} is wrong at row {row}, column {column}: {found} where the triple loop gives {expected}")]
    Wrong {
        /// Kernel.
        kernel: String,
        /// Where.
        row: usize,
        /// Where.
        column: usize,
        /// Its result.
        found: f32,
        /// The definition's result.
        expected: f64,
    },
}

/// Answers jobs. Runs live as long as it does: each round goes on with them where the last one ended.
pub struct Bench {
    clock: Clock,
    /// What runs learn from.
    pub data: Dataset,
    runs: BTreeMap<String, steps::Run>,
}

impl Bench {
    /// With a clock in seconds, and digits that may still be arriving.
    pub fn new(clock: Clock, data: Dataset) -> Self {
        Self { clock, data, runs: BTreeMap::new() }
    }

    /// Does a job.
    pub fn answer(&mut self, job: &Job) -> Result<Outcome, BenchError> {
        match job {
            Job::Peak(job) => Ok(peak::measure(self.clock, job)),
            Job::Gemm(job) => gemm::measure(self.clock, job),
            Job::Steps(job) => {
                let key = job.key();
                let run = match self.runs.remove(&key) {
                    Some(run) => run,
                    None => steps::Run::proven(job, &self.data)?,
                };
                self.runs.entry(key).or_insert(run).measure(self.clock, job, &self.data)
            }
        }
    }
}
