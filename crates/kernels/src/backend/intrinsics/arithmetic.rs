//! How a kernel adds a product to a sum of four lanes.
#![allow(
    clippy::inline_always,
    reason = "a kernel is compiled for the features of the function that it is inlined into"
)]

#[cfg(feature = "bench-relaxed")]
use std::arch::wasm32::f32x4_relaxed_madd;
use std::arch::wasm32::{f32x4_add, f32x4_mul, v128};

/// Strict or relaxed.
pub(super) trait Arithmetic {
    /// `sum + x·y` in each lane.
    fn multiply_add(sum: v128, x: v128, y: v128) -> v128;
}

/// Product and sum are rounded separately. Needs `simd128`, which the whole crate is compiled with.
pub(super) struct Strict;

impl Arithmetic for Strict {
    #[inline(always)]
    fn multiply_add(sum: v128, x: v128, y: v128) -> v128 {
        f32x4_add(sum, f32x4_mul(x, y))
    }
}

/// One rounding or two, as the processor chooses. A module with this instruction is refused by browsers without `relaxed-simd`.
#[cfg(feature = "bench-relaxed")]
pub(super) struct Relaxed;

#[cfg(feature = "bench-relaxed")]
impl Arithmetic for Relaxed {
    #[inline(always)]
    fn multiply_add(sum: v128, x: v128, y: v128) -> v128 {
        f32x4_relaxed_madd(x, y, sum)
    }
}
