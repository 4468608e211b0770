//! The laboratory: exact gradients, and how far and how noisily each estimator is off.
//!
//! - [`Objective`]: a loss of a few gates in `f64`: toys, and one example's view of a frozen network
//! - [`exact`]: enumeration of all gate states, and averages where there are too many
//! - [`Moments`], [`Metrics`]: what many draws of an estimator say about its bias, noise and direction
//! - [`randomness`]: mean and variance of an estimator on one gate, by quadrature over its own random numbers
//! - [`Toy`]: estimators side by side on a toy; [`ToyTraining`]: learning on one
//! - [`Microscope`]: estimators side by side on a frozen copy of a running network

pub mod area;
mod context;
pub mod exact;
mod metrics;
mod microscope;
mod moments;
mod objective;
pub mod randomness;
mod softmax;
pub mod specimen;
mod toy;
mod training;

pub use area::{Guess, ToyView};
pub use context::ToyContext;
pub use metrics::{Metrics, Reference, Row};
pub use microscope::{MOST_DRAWS, Microscope};
pub use moments::{GROUPS, Moments, WithError};
pub use objective::{Objective, ObjectiveKind, State};
pub use randomness::OneGate;
pub use softmax::SoftmaxHead;
pub use specimen::{Specimen, SpecimenError};
pub use toy::{LabError, Toy, ToySpec};
pub use training::{Method, ToyTraining, TrainingPoint};
