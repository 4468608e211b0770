//! Measurements of speed: jobs in, outcomes out. `cargo xtask bench` sends the same jobs to the engine natively, as
//! WebAssembly in a worker, and (training steps) to other libraries; see `docs/performance.md`.
//!
//! - [`cases`]: the compared networks, batch sizes and estimators, as run configurations
//! - [`job`]: jobs and outcomes, the protocol of all programs compared
//! - [`timing`]: chunks of work, timed by a clock argument, since a browser has another clock
//! - [`peak`], [`gemm`], [`steps`]: the three kinds of job

pub mod cases;
mod gemm;
pub mod job;
mod peak;
mod steps;
mod timing;

use std::collections::BTreeMap;

use gatelab_engine::data::Dataset;
use gatelab_engine::training::TrainError;
use gatelab_engine::training::settings::ConfigError;

pub use job::{Job, Outcome};
pub use timing::Clock;

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
pub enum BenchError {
    /// A configuration that is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A step that failed.
    #[error(transparent)]
    Train(#[from] TrainError),
    /// An unknown kernel.
    #[error("there is no kernel {found}; there are {known}")]
    Kernel {
        /// The requested name.
        found: String,
        /// The known names.
        known: String,
    },
    /// A product with a wrong result: its speed means nothing.
    #[error("{kernel} is wrong at row {row}, column {column}: {found} where the reference gives {expected}")]
    Wrong {
        /// Kernel.
        kernel: String,
        /// Where.
        row: usize,
        /// Where.
        column: usize,
        /// Its result.
        found: f32,
        /// The reference's result.
        expected: f64,
    },
}

/// Executes jobs. It keeps their runs: each round continues where the last one ended.
pub struct Bench {
    clock: Clock,
    /// The training data.
    pub data: Dataset,
    runs: BTreeMap<String, steps::Run>,
}

impl Bench {
    /// With a clock in seconds, and digits that may still be loading.
    pub fn new(clock: Clock, data: Dataset) -> Self {
        Self { clock, data, runs: BTreeMap::new() }
    }

    /// Executes a job.
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

#[cfg(test)]
mod tests {
    use super::*;
    use gatelab_engine::data::{Split, strokes};
    use gatelab_engine::schema::DataChoice;

    fn ticks() -> f64 {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NOW: AtomicU32 = AtomicU32::new(0);
        f64::from(NOW.fetch_add(1, Ordering::Relaxed))
    }

    fn bench() -> Bench {
        let mut data = strokes::dataset();
        strokes::grow(&mut data, Split::Train, 2000).unwrap();
        Bench::new(ticks, data)
    }

    fn job(text: &str) -> Job {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn every_product_is_right_with_every_kernel() {
        for product in ["forward", "weight-gradient", "input-gradient"] {
            for kernel in ["default", "matrixmultiply", "reference"] {
                let outcome = bench().answer(&job(&format!(
                    r#"{{"kind":"gemm","product":"{product}","kernel":"{kernel}","batch":5,"inputs":33,"outputs":17,"seconds":2,"chunks":2}}"#
                )));
                assert!(matches!(outcome, Ok(Outcome::Gemm { chunks }) if chunks.len() == 2), "{product} {kernel}");
            }
        }
        let unknown = r#"{"kind":"gemm","product":"forward","kernel":"x","batch":1,"inputs":1,"outputs":1,"seconds":1,"chunks":1}"#;
        assert!(bench().answer(&job(unknown)).unwrap_err().to_string().contains("matrixmultiply"));
    }

    #[test]
    fn steps_go_on_with_the_same_run() {
        let mut case = cases::Case::new(cases::Net::Small, 32, cases::Mode::Reinforce);
        case.config.data = DataChoice::Strokes;
        let time = job::Time { seconds: 2.0, chunks: 2 };
        let job = Job::Steps(job::Steps { config: case.config, skip: case.skip, proof: 8, time });
        let mut bench = bench();
        let mut answer = || match bench.answer(&job) {
            Ok(Outcome::Steps { loss, work, gates, .. }) => (loss, work, gates),
            other => panic!("{other:?}"),
        };
        let (first, work, gates) = answer();
        assert!(first < 3.0 && gates > 0.0 && gates < 0.5);
        assert!(work.forward < work.forward_dense && work.experts < 0.5, "{work:?}");
        assert!((answer().0 - first).abs() < 1e-12, "the proof is not repeated");
    }
}
