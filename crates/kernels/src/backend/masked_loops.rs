//! The kernels for active blocks, in Rust.
#![allow(
    clippy::inline_always,
    reason = "a kernel is compiled for the instruction set of the function that it is inlined into"
)]
#![allow(unsafe_code, reason = "kernels share a signature with those of a WebAssembly module: pointers, not slices")]

use crate::masked_matmul::UNROLL;
use crate::sparse::Entry;

/// A `ForwardPairKernel`. Each row is its number of entries, its entries, its result.
///
/// # Safety
/// As for the type, for N columns.
#[inline(always)]
pub(super) unsafe fn forward_pair<const N: usize>(
    rows: [(usize, *const Entry<f32>, *mut f32); 2],
    (w, w_stride): (*const f32, usize),
) {
    // SAFETY: the caller's promise: so many entries, N values, rows of W for all columns.
    unsafe {
        let mut sums = rows.map(|(_, _, z)| z.cast::<[f32; N]>().read());
        let add = |sums: &mut [f32; N], entry: *const Entry<f32>| {
            let Entry { column, value } = *entry;
            let weights = &*w.add(column as usize * w_stride).cast::<[f32; N]>();
            sums.iter_mut().zip(weights).for_each(|(sum, w)| *sum += value * w);
        };
        let shared = rows[0].0.min(rows[1].0);
        for p in 0..shared {
            let [first, second] = &mut sums;
            add(first, rows[0].1.add(p));
            add(second, rows[1].1.add(p));
        }
        for ((n, entries, _), sums) in rows.into_iter().zip(&mut sums) {
            (shared..n).for_each(|p| add(sums, entries.add(p)));
        }
        // The first row is stored last: its result counts where both results are one.
        for ((_, _, z), sums) in rows.into_iter().zip(sums).rev() {
            z.cast::<[f32; N]>().write(sums);
        }
    }
}

/// A `GradBlockKernel`.
///
/// # Safety
/// As for the type, for N columns.
#[inline(always)]
pub(super) unsafe fn grad_block<const N: usize>(
    (n, entries): (usize, *const Entry<f32>),
    delta: *const f32,
    (g, g_stride): (*mut f32, usize),
) {
    // SAFETY: the caller's promise: n entries, N values, rows of G for all columns.
    unsafe {
        let delta = delta.cast::<[f32; N]>().read();
        for p in 0..n {
            let Entry { column, value } = *entries.add(p);
            let sums = &mut *g.add(column as usize * g_stride).cast::<[f32; N]>();
            sums.iter_mut().zip(delta).for_each(|(sum, delta)| *sum += value * delta);
        }
    }
}

/// A `GradScatter4Kernel`.
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
        let delta = delta.cast::<[f32; UNROLL]>().read();
        let columns = columns.cast::<[u32; UNROLL]>().read();
        for p in 0..n {
            let Entry { column, value } = *entries.add(p);
            let row = g.add(column as usize * g_stride);
            for (delta, column) in delta.into_iter().zip(columns) {
                *row.add(column as usize) += value * delta;
            }
        }
    }
}
