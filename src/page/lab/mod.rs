//! The laboratory on the page. It has two panels over one list of estimators: the gradient microscope (gradient probe) on a
//! snapshot of the run, and one gate of a toy loss.
//!
//! - [`state`]: state and reducer, pure
//! - [`scale`], [`rule`]: axes, and the points at which each estimator uses f′, pure
//! - `handle`: holds the state and the worker; the worker runs while the laboratory is visible
//! - `view`: arrangement of the panels; `list`: the estimators to compare
//! - `probe`: panel of the gradient probe; `gate`: panel of one gate

pub mod rule;
pub mod scale;
pub mod state;

#[cfg(target_arch = "wasm32")]
mod gate;
#[cfg(target_arch = "wasm32")]
mod handle;
#[cfg(target_arch = "wasm32")]
mod list;
#[cfg(target_arch = "wasm32")]
mod probe;
#[cfg(target_arch = "wasm32")]
mod view;
#[cfg(target_arch = "wasm32")]
mod width;

#[cfg(target_arch = "wasm32")]
pub use handle::LabHandle;
#[cfg(target_arch = "wasm32")]
pub use view::LabView;
