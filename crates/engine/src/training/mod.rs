//! From a configuration to a trained network.

mod changes;
pub mod checkpoint;
mod evaluation;
pub mod history;
mod optimizer;
mod pending;
mod probes;
mod report;
mod schedule;
pub mod settings;
mod step;
mod trainer;

pub use evaluation::{Evaluator, Measured, threshold_for_rate};
pub use optimizer::{Optimizer, Rates};
pub use probes::Probes;
pub use report::{StepReport, TrainError, Work};
pub use schedule::Schedule;
pub use trainer::{Trainer, make_estimator};
