//! The kernels for dense products: tiles of 4 rows × 8 columns, as in the module.
#![allow(
    clippy::inline_always,
    reason = "a kernel is compiled for the features of the function that it is inlined into"
)]
#![allow(unsafe_code, reason = "kernels share a signature with those of a WebAssembly module: pointers, not slices")]

use std::arch::wasm32::{f32x4_splat, v128, v128_load, v128_load32_splat, v128_store};

use super::super::kernel_set::TILE_ROWS;
use super::arithmetic::Arithmetic;

/// Vectors in a row of a tile.
const VECTORS: usize = 2;
/// Values of k in one iteration of the main loop.
const UNROLL: usize = 8;
/// Values in a row of a panel of B.
const PANEL: usize = 4 * VECTORS;

/// The sums of a tile.
type Tile = [[v128; VECTORS]; TILE_ROWS];

/// Adds the products of one k. `b` is a row of the panel; `a(r)` points to the value of A in row r of the tile.
///
/// # Safety
/// The pointers must be valid for these values.
#[inline(always)]
unsafe fn step<A: Arithmetic>(sums: &mut Tile, b: *const f32, a: impl Fn(usize) -> *const f32) {
    // SAFETY: the caller's promise.
    unsafe {
        let b: [v128; VECTORS] = std::array::from_fn(|v| v128_load(b.add(4 * v).cast()));
        for (r, sums) in sums.iter_mut().enumerate() {
            let x = v128_load32_splat(a(r).cast());
            for (sum, &b) in sums.iter_mut().zip(&b) {
                *sum = A::multiply_add(*sum, x, b);
            }
        }
    }
}

/// A `ProductKernel`; `ROWS` selects row-major A.
///
/// # Safety
/// As for the type, for panels of 8 columns.
#[inline(always)]
pub(super) unsafe fn product<A: Arithmetic, const ROWS: bool>(
    (m, k): (usize, usize),
    (a, a_stride): (*const f32, usize),
    b: *const f32,
    (c, c_stride): (*mut f32, usize),
    overwrite: bool,
) {
    for first in (0..m).step_by(TILE_ROWS) {
        // Beyond the last row the last one repeats, so incomplete tiles need no other loop.
        let rows: [usize; TILE_ROWS] = std::array::from_fn(|r| (first + r).min(m - 1));
        // SAFETY: the caller's promise: these rows exist, in A with k values, in C with 8, in the panel k rows of 8.
        unsafe {
            let c = rows.map(|row| c.add(row * c_stride));
            let mut sums: Tile = if overwrite {
                [[f32x4_splat(0.0); VECTORS]; TILE_ROWS]
            } else {
                c.map(|row| std::array::from_fn(|v| v128_load(row.add(4 * v).cast())))
            };
            if ROWS {
                let mut a = rows.map(|row| a.add(row * a_stride));
                let (mut b, whole) = (b, k / UNROLL);
                for _ in 0..whole {
                    for p in 0..UNROLL {
                        step::<A>(&mut sums, b.add(p * PANEL), |r| a[r].add(p));
                    }
                    a = a.map(|row| row.add(UNROLL));
                    b = b.add(UNROLL * PANEL);
                }
                for p in 0..k % UNROLL {
                    step::<A>(&mut sums, b.add(p * PANEL), |r| a[r].add(p));
                }
            } else {
                let (mut a, mut b) = (a.add(first), b);
                for _ in 0..k / UNROLL {
                    for p in 0..UNROLL {
                        step::<A>(&mut sums, b.add(p * PANEL), |r| a.add(r));
                        // Beyond the last column the pointer is not read.
                        a = a.wrapping_add(a_stride);
                    }
                    b = b.add(UNROLL * PANEL);
                }
                for p in 0..k % UNROLL {
                    step::<A>(&mut sums, b.add(p * PANEL), |r| a.add(r));
                    // Beyond the last column the pointer is not read.
                    a = a.wrapping_add(a_stride);
                }
            }
            for (row, sums) in c.into_iter().zip(sums) {
                for (v, sum) in sums.into_iter().enumerate() {
                    v128_store(row.add(4 * v).cast(), sum);
                }
            }
        }
    }
}
