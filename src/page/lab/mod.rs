//! The laboratory on the page: a microscope over a frozen copy of the run, and one gate seen from inside.
//!
//! - [`state`]: what it knows and how that changes, pure
//! - [`scale`], [`rule`]: axes, and what each rule looks at, pure
//! - `handle`: state and worker together; the worker lives while the laboratory is on the screen
//! - `room`: where everything stands; `list`: the estimators to compare
//! - `scope`: the microscope; `gate`: one gate

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
mod room;
#[cfg(target_arch = "wasm32")]
mod scope;
#[cfg(target_arch = "wasm32")]
mod width;

#[cfg(target_arch = "wasm32")]
pub use handle::LabHandle;
#[cfg(target_arch = "wasm32")]
pub use room::LabRoom;
