//! The loops of `tile`, `pairs` and `momentum` for what the processor at hand can do. The wider sets differ in speed only: the compiler never fuses
//! a product with a sum by itself.
#![allow(unsafe_code, reason = "a function for an instruction set may only be called where it was found")]

use super::kernel_set::{KernelSet, Strip, pack};
use super::masked_strips::{self, PairStrip};
use super::momentum_strips::{self, MomentumStrip, Numbers};
use super::tile;
use crate::sparse::Entry;

/// A module with a set of loops, `columns` wide, compiled with the features given.
macro_rules! set {
    ($module:ident, $name:literal, panel $panel:literal, strips $wide:literal $middle:literal $(, $feature:literal)?) => {
        mod $module {
            use super::{Entry, KernelSet, MomentumStrip, Numbers, PairStrip, Strip, momentum_strips, pack, masked_strips, tile};

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn rows(
                m: usize, k: usize, a: *const f32, a_stride: usize, b: *const f32, c: *mut f32, c_stride: usize, fresh: u32,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { tile::rows::<$panel>((m, k), (a, a_stride), b, (c, c_stride), fresh != 0) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn columns(
                m: usize, k: usize, a: *const f32, a_stride: usize, b: *const f32, c: *mut f32, c_stride: usize, fresh: u32,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { tile::columns::<$panel>((m, k), (a, a_stride), b, (c, c_stride), fresh != 0) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn strip<const N: usize>(
                m: usize, starts: *const u32, step: usize, entries: *const Entry<f32>,
                b: *const f32, b_stride: usize, c: *mut f32, c_stride: usize,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { tile::strip::<N>(m, (starts, step), entries, (b, b_stride), (c, c_stride)) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn pair<const N: usize>(
                n: usize, entries: *const Entry<f32>, delta: *const f32, g: *mut f32, g_stride: usize,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { masked_strips::pair::<N>((n, entries), delta, (g, g_stride)) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn two<const N: usize>(
                n: usize, entries: *const Entry<f32>, n2: usize, entries2: *const Entry<f32>,
                w: *const f32, w_stride: usize, z: *mut f32, z2: *mut f32,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { masked_strips::two::<N>([(n, entries, z), (n2, entries2, z2)], (w, w_stride)) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn units(
                n: usize, entries: *const Entry<f32>, delta: *const f32, places: *const u32,
                g: *mut f32, g_stride: usize,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { masked_strips::units((n, entries), (delta, places), (g, g_stride)) }
            }

            $(#[target_feature(enable = $feature)])?
            unsafe extern "C" fn momentum<const N: usize, const NORMED: bool>(
                rows: usize, stride: usize, w: *mut f32, v: *mut f32, g: *mut f32, numbers: *const Numbers, norms: *mut f32,
            ) {
                // SAFETY: the caller's promise is the same.
                unsafe { momentum_strips::strip::<N, NORMED>((rows, stride), [w, v, g], numbers, norms) }
            }

            pub(super) static SET: KernelSet = KernelSet {
                name: $name,
                exact: true,
                panel: $panel,
                pack: pack::<$panel>,
                rows,
                columns,
                strips: [
                    Strip { width: $wide, run: strip::<$wide> },
                    Strip { width: $middle, run: strip::<$middle> },
                    Strip { width: 1, run: strip::<1> },
                ],
                pairs: [
                    PairStrip { width: 8, forward: two::<8>, gradient: pair::<8> },
                    PairStrip { width: 4, forward: two::<4>, gradient: pair::<4> },
                    PairStrip { width: 1, forward: two::<1>, gradient: pair::<1> },
                ],
                units,
                momentum: [
                    MomentumStrip { width: 32, plain: momentum::<32, false>, normed: momentum::<32, true> },
                    MomentumStrip { width: 8, plain: momentum::<8, false>, normed: momentum::<8, true> },
                    MomentumStrip { width: 1, plain: momentum::<1, false>, normed: momentum::<1, true> },
                ],
            };
        }
    };
}

set!(portable, "portable", panel 8, strips 32 8);
#[cfg(target_arch = "x86_64")]
set!(avx2, "AVX2", panel 16, strips 64 8, "avx2");
#[cfg(target_arch = "x86_64")]
set!(avx512, "AVX-512", panel 32, strips 128 16, "avx512f");

/// The sets that run here, best last.
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
