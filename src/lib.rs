//! Gatelab's page, worker, command line and bench. The numbers come from [`gatelab_engine`] and [`gatelab_kernels`].
//!
//! | module | contents | built for |
//! |---|---|---|
//! | [`protocol`] | messages between page and worker; links | both |
//! | [`page`] | the Yew app and its canvases; natively only its pure parts, for their tests | both |
//! | `worker` | the Web Worker that trains | WebAssembly |
//! | `cli` | the command line | native |
//! | [`bench`] | measurements of speed, and the cases that are compared | both |
//!
//! `page` and `worker` share [`protocol`] and never use each other. `cli` uses [`bench`]; neither uses the page. The
//! test `imports` holds the modules to this.

#![forbid(unsafe_code)]

pub mod bench;
pub mod protocol;

#[cfg(not(target_arch = "wasm32"))]
pub mod cli;
pub mod page;
#[cfg(target_arch = "wasm32")]
pub mod worker;
