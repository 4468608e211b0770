//! From a configuration to a trained network.

mod changes;
pub mod checkpoint;
mod delay;
mod evaluation;
pub mod history;
mod optimizer;
mod probes;
mod schedule;
pub mod settings;
mod trainer;

pub use evaluation::{Evaluator, Measured, threshold_for_rate};
pub use optimizer::{Optimizer, Rates};
pub use probes::Probes;
pub use schedule::Schedule;
pub use trainer::{StepReport, TrainError, Trainer, Work};
