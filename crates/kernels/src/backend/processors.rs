//! The kernels in Rust, compiled for the instruction sets of this processor. All sets are exact: the compiler never fuses a product
//! with a sum by itself.
#![allow(unsafe_code, reason = "a function for an instruction set may only be called where it was detected")]

use super::kernel_set::KernelSet;

/// A module with a kernel set, compiled with the given target feature. `panel` is the panel width, `sparse` the widths of the first two
/// sparse strips.
macro_rules! kernel_set {
    ($module:ident, $name:literal, panel $panel:literal, sparse $wide:literal $middle:literal $(, $feature:literal)?) => {
        pub(super) mod $module {
            use super::super::kernel_set::{
                KernelSet, MaskedStrip, MomentumConstants, MomentumStrip, SparseStrip, TileKernels,
            };
            use super::super::{masked_loops, momentum_loops, packing, tile_loops};
            use crate::sparse::Entry;

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn tile_rows(
                m: usize, k: usize, a: *const f32, a_stride: usize, b: *const f32, c: *mut f32, c_stride: usize, overwrite: u32,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { tile_loops::tile_times_rows::<$panel>((m, k), (a, a_stride), b, (c, c_stride), overwrite != 0) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn tile_columns(
                m: usize, k: usize, a: *const f32, a_stride: usize, b: *const f32, c: *mut f32, c_stride: usize, overwrite: u32,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { tile_loops::tile_times_columns::<$panel>((m, k), (a, a_stride), b, (c, c_stride), overwrite != 0) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn sparse_strip<const N: usize>(
                m: usize, starts: *const u32, step: usize, entries: *const Entry<f32>,
                b: *const f32, b_stride: usize, c: *mut f32, c_stride: usize,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { tile_loops::sparse_strip::<N>(m, (starts, step), entries, (b, b_stride), (c, c_stride)) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn forward_pair<const N: usize>(
                n: usize, entries: *const Entry<f32>, n2: usize, entries2: *const Entry<f32>,
                w: *const f32, w_stride: usize, z: *mut f32, z2: *mut f32,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { masked_loops::forward_pair::<N>([(n, entries, z), (n2, entries2, z2)], (w, w_stride)) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn grad_block<const N: usize>(
                n: usize, entries: *const Entry<f32>, delta: *const f32, g: *mut f32, g_stride: usize,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { masked_loops::grad_block::<N>((n, entries), delta, (g, g_stride)) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn grad_scatter4(
                n: usize, entries: *const Entry<f32>, delta: *const f32, columns: *const u32,
                g: *mut f32, g_stride: usize,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { masked_loops::grad_scatter4((n, entries), (delta, columns), (g, g_stride)) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn momentum<const N: usize, const SQUARES: bool>(
                rows: usize, stride: usize, w: *mut f32, v: *mut f32, g: *mut f32,
                constants: *const MomentumConstants, squares: *mut f32,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { momentum_loops::momentum::<N, SQUARES>((rows, stride), [w, v, g], constants, squares) }
            }

            pub(in crate::backend) static SET: KernelSet = KernelSet {
                name: $name,
                exact: true,
                panel: $panel,
                pack: packing::pack::<$panel>,
                tiles: TileKernels { rows: tile_rows, columns: tile_columns },
                sparse: [
                    SparseStrip { width: $wide, run: sparse_strip::<$wide> },
                    SparseStrip { width: $middle, run: sparse_strip::<$middle> },
                    SparseStrip { width: 1, run: sparse_strip::<1> },
                ],
                masked: [
                    MaskedStrip { width: 8, forward_pair: forward_pair::<8>, grad_block: grad_block::<8> },
                    MaskedStrip { width: 4, forward_pair: forward_pair::<4>, grad_block: grad_block::<4> },
                    MaskedStrip { width: 1, forward_pair: forward_pair::<1>, grad_block: grad_block::<1> },
                ],
                grad_scatter4,
                momentum: [
                    MomentumStrip { width: 32, plain: momentum::<32, false>, with_squares: momentum::<32, true> },
                    MomentumStrip { width: 8, plain: momentum::<8, false>, with_squares: momentum::<8, true> },
                    MomentumStrip { width: 1, plain: momentum::<1, false>, with_squares: momentum::<1, true> },
                ],
            };
        }
    };
}

kernel_set!(portable, "portable", panel 8, sparse 32 8);
#[cfg(target_arch = "x86_64")]
kernel_set!(avx2, "AVX2", panel 16, sparse 64 8, "avx2");
#[cfg(target_arch = "x86_64")]
kernel_set!(avx512, "AVX-512", panel 32, sparse 128 16, "avx512f");

/// The sets that this processor can run, the widest last.
pub(super) fn sets() -> Vec<&'static KernelSet> {
    #[cfg(target_arch = "x86_64")]
    let wider = [
        std::arch::is_x86_feature_detected!("avx2").then_some(&avx2::SET),
        std::arch::is_x86_feature_detected!("avx512f").then_some(&avx512::SET),
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let wider = [None];
    std::iter::once(&portable::SET).chain(wider.into_iter().flatten()).collect()
}
