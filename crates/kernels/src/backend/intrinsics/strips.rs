//! The kernels for sparse rows, active blocks and momentum steps: V vectors of four columns.
#![allow(
    clippy::inline_always,
    reason = "a kernel is compiled for the features of the function that it is inlined into"
)]
#![allow(clippy::cast_ptr_alignment, reason = "vector loads and stores of WebAssembly need no alignment")]
#![allow(unsafe_code, reason = "kernels share a signature with those of a WebAssembly module: pointers, not slices")]

use std::arch::wasm32::{
    f32x4_add, f32x4_lt, f32x4_mul, f32x4_splat, f32x4_sub, u32x4_splat, v128, v128_and, v128_andnot, v128_load,
    v128_load32_splat, v128_store,
};

use super::super::kernel_set::MomentumConstants;
use super::arithmetic::Arithmetic;
use crate::sparse::Entry;

/// V vectors from `values`.
///
/// # Safety
/// `values` must point to 4·V values.
#[inline(always)]
unsafe fn load<const V: usize>(values: *const f32) -> [v128; V] {
    // SAFETY: the caller's promise.
    std::array::from_fn(|v| unsafe { v128_load(values.add(4 * v).cast()) })
}

/// Stores V vectors to `values`.
///
/// # Safety
/// `values` must point to 4·V values.
#[inline(always)]
unsafe fn store<const V: usize>(values: *mut f32, vectors: [v128; V]) {
    for (v, vector) in vectors.into_iter().enumerate() {
        // SAFETY: the caller's promise.
        unsafe { v128_store(values.add(4 * v).cast(), vector) };
    }
}

/// `sums += value·B[column, :]` for the entry.
///
/// # Safety
/// The row of B must have 4·V values.
#[inline(always)]
unsafe fn add_row<A: Arithmetic, const V: usize>(
    sums: &mut [v128; V],
    entry: *const Entry<f32>,
    (b, b_stride): (*const f32, usize),
) {
    // SAFETY: the caller's promise.
    unsafe {
        let x = v128_load32_splat((&raw const (*entry).value).cast());
        let row = b.add((*entry).column as usize * b_stride);
        for (v, sum) in sums.iter_mut().enumerate() {
            *sum = A::multiply_add(*sum, x, v128_load(row.add(4 * v).cast()));
        }
    }
}

/// A `SparseKernel`.
///
/// # Safety
/// As for the type, for 4·V columns.
#[inline(always)]
pub(super) unsafe fn sparse<A: Arithmetic, const V: usize>(
    m: usize,
    (starts, step): (*const u32, usize),
    entries: *const Entry<f32>,
    (b, b_stride): (*const f32, usize),
    (c, c_stride): (*mut f32, usize),
) {
    for i in 0..m {
        // SAFETY: the caller's promise: starts of m rows, entries up to the last of them, rows of B for their columns.
        unsafe {
            let row = c.add(i * c_stride);
            let mut sums = load::<V>(row);
            let (first, last) = (*starts.add(i * step) as usize, *starts.add(i * step + 1) as usize);
            // A panel as wide as the strip, the usual case, has a loop with a constant stride.
            if b_stride == 4 * V {
                (first..last).for_each(|p| add_row::<A, V>(&mut sums, entries.add(p), (b, 4 * V)));
            } else {
                (first..last).for_each(|p| add_row::<A, V>(&mut sums, entries.add(p), (b, b_stride)));
            }
            store(row, sums);
        }
    }
}

/// A `ForwardPairKernel`. Each row is its number of entries, its entries, its result.
///
/// # Safety
/// As for the type, for 4·V columns.
#[inline(always)]
pub(super) unsafe fn forward_pair<A: Arithmetic, const V: usize>(
    [(n, entries, z), (n2, entries2, z2)]: [(usize, *const Entry<f32>, *mut f32); 2],
    w: (*const f32, usize),
) {
    // SAFETY: the caller's promise: so many entries, 4·V values, rows of W for all columns.
    unsafe {
        let (mut sums, mut sums2) = (load::<V>(z), load::<V>(z2));
        let shared = n.min(n2);
        for p in 0..shared {
            add_row::<A, V>(&mut sums, entries.add(p), w);
            add_row::<A, V>(&mut sums2, entries2.add(p), w);
        }
        (shared..n).for_each(|p| add_row::<A, V>(&mut sums, entries.add(p), w));
        (shared..n2).for_each(|p| add_row::<A, V>(&mut sums2, entries2.add(p), w));
        // The first row is stored last: its result counts where both results are one.
        store(z2, sums2);
        store(z, sums);
    }
}

/// A `GradBlockKernel`.
///
/// # Safety
/// As for the type, for 4·V columns.
#[inline(always)]
pub(super) unsafe fn grad_block<A: Arithmetic, const V: usize>(
    (n, entries): (usize, *const Entry<f32>),
    delta: *const f32,
    (g, g_stride): (*mut f32, usize),
) {
    // SAFETY: the caller's promise: n entries, 4·V values, rows of G for all columns.
    unsafe {
        let delta = load::<V>(delta);
        for p in 0..n {
            let entry = entries.add(p);
            let x = v128_load32_splat((&raw const (*entry).value).cast());
            let row = g.add((*entry).column as usize * g_stride);
            for (v, &delta) in delta.iter().enumerate() {
                let at = row.add(4 * v).cast::<v128>();
                v128_store(at, A::multiply_add(v128_load(at), x, delta));
            }
        }
    }
}

/// A `GradScatter4Kernel`. Its columns are scattered, so it computes with scalars.
///
/// # Safety
/// As for the type.
#[inline(always)]
pub(super) unsafe fn grad_scatter4(
    (n, entries): (usize, *const Entry<f32>),
    (delta, columns): (*const f32, *const u32),
    (g, g_stride): (*mut f32, usize),
) {
    // SAFETY: the caller's promise: n entries, four values and columns, rows of G for all entries.
    unsafe {
        let [d0, d1, d2, d3] = delta.cast::<[f32; 4]>().read();
        let [g0, g1, g2, g3] = columns.cast::<[u32; 4]>().read().map(|column| g.add(column as usize));
        for p in 0..n {
            let Entry { column, value } = *entries.add(p);
            let at = column as usize * g_stride;
            *g0.add(at) += value * d0;
            *g1.add(at) += value * d1;
            *g2.add(at) += value * d2;
            *g3.add(at) += value * d3;
        }
    }
}

/// A `MomentumKernel`; `SQUARES` selects whether it adds to `squares`.
///
/// # Safety
/// As for the type, for 4·V columns.
#[inline(always)]
pub(super) unsafe fn momentum<const V: usize, const SQUARES: bool>(
    (rows, stride): (usize, usize),
    [w, v, g]: [*mut f32; 3],
    constants: *const MomentumConstants,
    squares: *mut f32,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let constants = &*constants;
        let (momentum, rate) = (f32x4_splat(constants.momentum), f32x4_splat(constants.rate));
        let (threshold, magnitude) = (f32x4_splat(constants.flush_threshold), u32x4_splat(constants.magnitude_mask));
        let mut sums = if SQUARES { load::<V>(squares) } else { [f32x4_splat(0.0); V] };
        for row in 0..rows {
            let [w, v, g] = [w, v, g].map(|values| values.add(row * stride));
            for (i, sum) in sums.iter_mut().enumerate() {
                let [w, v, g] = [w, v, g].map(|values| values.add(4 * i).cast::<v128>());
                let velocity = f32x4_sub(f32x4_mul(momentum, v128_load(v)), f32x4_mul(rate, v128_load(g)));
                v128_store(g, f32x4_splat(0.0));
                let velocity = v128_andnot(velocity, f32x4_lt(v128_and(velocity, magnitude), threshold));
                v128_store(v, velocity);
                let weight = f32x4_add(velocity, v128_load(w));
                v128_store(w, weight);
                if SQUARES {
                    *sum = f32x4_add(*sum, f32x4_mul(weight, weight));
                }
            }
        }
        if SQUARES {
            store(squares, sums);
        }
    }
}
