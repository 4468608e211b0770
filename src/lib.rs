//! Gatelab's page, worker and command line. The numbers come from [`gatelab_engine`] and [`gatelab_kernels`].
//!
//! - [`bench`]: measurements of speed, and the cases that are compared
//! - [`protocol`]: messages between page and worker, and links
//! - `cli` (native only): the command line
//! - [`page`]: what people see; natively only its pure parts, for their tests
//! - `worker` (WebAssembly only): the run loop

pub mod bench;
pub mod protocol;

#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod page;
#[cfg(target_arch = "wasm32")]
pub mod worker;
