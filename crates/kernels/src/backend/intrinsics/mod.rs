//! The kernels of the browser in Rust, with the vector intrinsics of `core::arch::wasm32`.
//!
//! The modules written as WebAssembly text must be faster than this code to be worth their text. So that a benchmark can compare them,
//! [`load_variants`] makes one set available that consists of these kernels, and one set for each family of kernels in which only that
//! family is replaced.
//!
//! - `arithmetic`: strict and relaxed multiply-add
//! - `tiles`: dense products; `strips`: sparse rows, active blocks, updates

mod arithmetic;
mod strips;
mod tiles;

use wasm_bindgen::JsValue;

use super::contract::Backend as _;
use super::kernel_set::KernelSet;
use super::{module, selection};

/// A module with a kernel set, compiled with the given target feature. Strips of one column have no vectors: they are those of the
/// portable set.
macro_rules! kernel_set {
    ($module:ident, $arithmetic:ident, $name:literal, exact $exact:literal $(, $feature:literal)?) => {
        mod $module {
            #![allow(unsafe_code, reason = "kernels share a signature with those of a WebAssembly module")]

            use super::super::kernel_set::{
                KernelSet, MaskedStrip, MomentumConstants, MomentumStrip, SparseStrip, TileKernels,
            };
            use super::super::{packing, processors};
            use super::arithmetic::$arithmetic;
            use super::{strips, tiles};
            use crate::sparse::Entry;

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn tile_rows(
                m: usize, k: usize, a: *const f32, a_stride: usize, b: *const f32, c: *mut f32, c_stride: usize, overwrite: u32,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { tiles::product::<$arithmetic, true>((m, k), (a, a_stride), b, (c, c_stride), overwrite != 0) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn tile_columns(
                m: usize, k: usize, a: *const f32, a_stride: usize, b: *const f32, c: *mut f32, c_stride: usize, overwrite: u32,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { tiles::product::<$arithmetic, false>((m, k), (a, a_stride), b, (c, c_stride), overwrite != 0) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn sparse_strip<const V: usize>(
                m: usize, starts: *const u32, step: usize, entries: *const Entry<f32>,
                b: *const f32, b_stride: usize, c: *mut f32, c_stride: usize,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { strips::sparse::<$arithmetic, V>(m, (starts, step), entries, (b, b_stride), (c, c_stride)) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn forward_pair<const V: usize>(
                n: usize, entries: *const Entry<f32>, n2: usize, entries2: *const Entry<f32>,
                w: *const f32, w_stride: usize, z: *mut f32, z2: *mut f32,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { strips::forward_pair::<$arithmetic, V>([(n, entries, z), (n2, entries2, z2)], (w, w_stride)) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn grad_block<const V: usize>(
                n: usize, entries: *const Entry<f32>, delta: *const f32, g: *mut f32, g_stride: usize,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { strips::grad_block::<$arithmetic, V>((n, entries), delta, (g, g_stride)) }
            }

            unsafe extern "C" fn grad_scatter4(
                n: usize, entries: *const Entry<f32>, delta: *const f32, columns: *const u32,
                g: *mut f32, g_stride: usize,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { strips::grad_scatter4((n, entries), (delta, columns), (g, g_stride)) }
            }

            unsafe extern "C" fn momentum<const V: usize, const SQUARES: bool>(
                rows: usize, stride: usize, w: *mut f32, v: *mut f32, g: *mut f32,
                constants: *const MomentumConstants, squares: *mut f32,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { strips::momentum::<V, SQUARES>((rows, stride), [w, v, g], constants, squares) }
            }

            /// The set.
            pub(super) fn set() -> KernelSet {
                let [.., sparse1] = processors::portable::SET.sparse;
                let [.., masked1] = processors::portable::SET.masked;
                let [.., momentum1] = processors::portable::SET.momentum;
                KernelSet {
                    name: $name,
                    exact: $exact,
                    panel: 8,
                    pack: packing::pack::<8>,
                    tiles: TileKernels { rows: tile_rows, columns: tile_columns },
                    sparse: [
                        SparseStrip { width: 32, run: sparse_strip::<8> },
                        SparseStrip { width: 8, run: sparse_strip::<2> },
                        sparse1,
                    ],
                    masked: [
                        MaskedStrip { width: 8, forward_pair: forward_pair::<2>, grad_block: grad_block::<2> },
                        MaskedStrip { width: 4, forward_pair: forward_pair::<1>, grad_block: grad_block::<1> },
                        masked1,
                    ],
                    grad_scatter4,
                    momentum: [
                        MomentumStrip { width: 32, plain: momentum::<8, false>, with_squares: momentum::<8, true> },
                        MomentumStrip { width: 8, plain: momentum::<2, false>, with_squares: momentum::<2, true> },
                        momentum1,
                    ],
                }
            }
        }
    };
}

kernel_set!(strict, Strict, "intrinsics", exact true);
#[cfg(feature = "bench-relaxed")]
kernel_set!(relaxed, Relaxed, "relaxed intrinsics", exact false, "relaxed-simd");

/// The module's set with one family of kernels in Rust. The names of the sets are `names`, family by family.
fn mixed(module: KernelSet, rust: KernelSet, names: [&'static str; 5]) -> Vec<KernelSet> {
    let [tiles, sparse, masked, scatter, momentum] = names;
    vec![
        KernelSet { name: tiles, tiles: rust.tiles, ..module },
        KernelSet { name: sparse, sparse: rust.sparse, ..module },
        KernelSet { name: masked, masked: rust.masked, ..module },
        KernelSet { name: scatter, grad_scatter4: rust.grad_scatter4, ..module },
        KernelSet { name: momentum, momentum: rust.momentum, ..module },
    ]
}

/// Loads the modules as [`super::load`] does, and makes these sets available beside them:
///
/// - `intrinsics`: all kernels in Rust
/// - `module, FAMILY in Rust`: the module with one of the families tiles, sparse, masked, scatter, momentum in Rust
/// - with the feature `bench-relaxed`: the same in relaxed arithmetic, named `relaxed …`, if the browser has it
///
/// The current set remains the module.
///
/// # Errors
/// As for [`super::load`].
pub fn load_variants() -> Result<(), JsValue> {
    module::load()?;
    let names = [
        "module, tiles in Rust",
        "module, sparse in Rust",
        "module, masked in Rust",
        "module, scatter in Rust",
        "module, momentum in Rust",
    ];
    let rust = strict::set();
    loaded(module::STRICT).map_or_else(|| unreachable!("the module is loaded"), |set| add(mixed(*set, rust, names)));
    selection::add(rust);
    #[cfg(feature = "bench-relaxed")]
    if let Some(set) = loaded(module::RELAXED) {
        let names = [
            "relaxed module, tiles in Rust",
            "relaxed module, sparse in Rust",
            "relaxed module, masked in Rust",
            "relaxed module, scatter in Rust",
            "relaxed module, momentum in Rust",
        ];
        add(mixed(*set, relaxed::set(), names));
        selection::add(relaxed::set());
    }
    Ok(())
}

/// The available set of this name.
fn loaded(name: &str) -> Option<&'static KernelSet> {
    selection::available().into_iter().find(|set| set.name() == name)
}

fn add(sets: Vec<KernelSet>) {
    sets.into_iter().for_each(selection::add);
}
