//! Backends: implementations of the products and updates that training spends its time in. `docs/kernels.md` of the repository explains the design.
//!
//! - `contract`: the trait [`Backend`] and its order of arithmetic
//! - `reference`: [`Reference`], the definition; [`MatrixMultiply`], for comparison and for `f64`
//! - `kernel_set`: [`KernelSet`], the micro-kernels for one instruction set, and their signatures
//! - `packing`, `product`, `sparse_strips`, `masked_strips`, `momentum_strips`: blocking around the micro-kernels, the same for every set;
//!   `dispatch`: these functions as a backend
//! - `tile_loops`, `masked_loops`, `momentum_loops`: the micro-kernels in Rust; `processors`: compiled for this processor
//! - `module`: the micro-kernels as WebAssembly text, for the browser
//! - `selection`: the available sets and [`Packed`], the backend that uses the current one; `speed`: their speed on this machine
//! - `intrinsics` (feature `bench`): the micro-kernels with `core::arch::wasm32`, to measure what the text gains

mod contract;
mod dispatch;
#[cfg(all(target_arch = "wasm32", feature = "bench"))]
mod intrinsics;
mod kernel_set;
mod masked_loops;
mod masked_strips;
#[cfg(target_arch = "wasm32")]
mod module;
mod momentum_loops;
mod momentum_strips;
mod packing;
#[cfg(feature = "bench")]
mod peak_loop;
mod processors;
mod product;
mod reference;
mod selection;
mod sparse_strips;
mod speed;
#[cfg(test)]
mod tests;
mod tile_loops;

pub use contract::{Backend, DefaultBackend};
#[cfg(all(target_arch = "wasm32", feature = "bench"))]
pub use intrinsics::load_variants;
pub use kernel_set::KernelSet;
#[cfg(target_arch = "wasm32")]
pub use module::load;
#[cfg(all(target_arch = "wasm32", feature = "bench"))]
pub(crate) use module::peak_loops;
#[cfg(feature = "bench")]
pub use peak_loop::PeakLoop;
pub use reference::{MatrixMultiply, Reference};
pub use selection::{Packed, available, in_use, switch};
pub use speed::speeds;
