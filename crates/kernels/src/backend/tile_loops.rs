//! The kernels for dense products and sparse rows, in Rust.
//!
//! Vectors lie along the columns of C, so each element's sum has the same order for every vector width. `processors` compiles these
//! functions for several instruction sets.
#![allow(
    clippy::inline_always,
    reason = "a kernel is compiled for the instruction set of the function that it is inlined into"
)]
#![allow(unsafe_code, reason = "kernels share a signature with those of a WebAssembly module: pointers, not slices")]

use super::kernel_set::TILE_ROWS;
use crate::sparse::Entry;

/// A tile of C: [`TILE_ROWS`] rows of one panel.
type Tile<const N: usize> = [[f32; N]; TILE_ROWS];

/// Adds the products of one k to a tile.
#[inline(always)]
fn add<const N: usize>(sums: &mut Tile<N>, a: [f32; TILE_ROWS], b: &[f32; N]) {
    for (sums, a) in sums.iter_mut().zip(a) {
        for (sum, b) in sums.iter_mut().zip(b) {
            *sum += a * b;
        }
    }
}

/// The rows of a tile. Beyond the last row the last one repeats: it is computed and stored several times, so incomplete tiles need no
/// other loop.
#[inline(always)]
fn tile_rows(first: usize, rows: usize) -> [usize; TILE_ROWS] {
    std::array::from_fn(|r| (first + r).min(rows - 1))
}

/// Loads a tile from C, or zeros; calls `run`; stores the tile.
///
/// # Safety
/// Each of `rows` must point to N values.
#[inline(always)]
unsafe fn with_tile<const N: usize>(rows: [*mut f32; TILE_ROWS], overwrite: bool, run: impl FnOnce(&mut Tile<N>)) {
    let rows = rows.map(<*mut f32>::cast::<[f32; N]>);
    // SAFETY: the caller's promise; an array of `f32` has the alignment of `f32`.
    let mut sums = if overwrite { [[0.0; N]; TILE_ROWS] } else { rows.map(|row| unsafe { row.read() }) };
    run(&mut sums);
    for (row, sums) in rows.into_iter().zip(sums) {
        // SAFETY: as above.
        unsafe { row.write(sums) };
    }
}

/// A `ProductKernel` for row-major A.
///
/// # Safety
/// As for the type, for panels of N columns.
#[inline(always)]
pub(super) unsafe fn tile_times_rows<const N: usize>(
    (m, k): (usize, usize),
    (a, a_stride): (*const f32, usize),
    b: *const f32,
    (c, c_stride): (*mut f32, usize),
    overwrite: bool,
) {
    // SAFETY: the caller's promise: k rows of N values.
    let b = unsafe { std::slice::from_raw_parts(b.cast::<[f32; N]>(), k) };
    for first in (0..m).step_by(TILE_ROWS) {
        let rows = tile_rows(first, m);
        // SAFETY: these rows exist, in A with k values, in C with N.
        unsafe {
            let a = rows.map(|row| a.add(row * a_stride));
            with_tile::<N>(rows.map(|row| c.add(row * c_stride)), overwrite, |sums| {
                for (p, b) in b.iter().enumerate() {
                    add(sums, a.map(|row| *row.add(p)), b);
                }
            });
        }
    }
}

/// A `ProductKernel` for column-major A.
///
/// # Safety
/// As for the type, for panels of N columns.
#[inline(always)]
pub(super) unsafe fn tile_times_columns<const N: usize>(
    (m, k): (usize, usize),
    (a, a_stride): (*const f32, usize),
    b: *const f32,
    (c, c_stride): (*mut f32, usize),
    overwrite: bool,
) {
    // SAFETY: the caller's promise: k rows of N values.
    let b = unsafe { std::slice::from_raw_parts(b.cast::<[f32; N]>(), k) };
    for first in (0..m).step_by(TILE_ROWS) {
        // SAFETY: m is a multiple of the tile's rows, so all of them exist.
        unsafe {
            with_tile::<N>(tile_rows(first, m).map(|row| c.add(row * c_stride)), overwrite, |sums| {
                for (p, b) in b.iter().enumerate() {
                    add(sums, a.add(p * a_stride + first).cast::<[f32; TILE_ROWS]>().read(), b);
                }
            });
        }
    }
}

/// A `SparseKernel`.
///
/// # Safety
/// As for the type, for N columns.
#[inline(always)]
pub(super) unsafe fn sparse_strip<const N: usize>(
    m: usize,
    (starts, step): (*const u32, usize),
    entries: *const Entry<f32>,
    (b, b_stride): (*const f32, usize),
    (c, c_stride): (*mut f32, usize),
) {
    for i in 0..m {
        // SAFETY: the caller's promise: starts of m rows, entries up to the last of them, rows of B for their columns.
        unsafe {
            let row = c.add(i * c_stride).cast::<[f32; N]>();
            let mut sums = row.read();
            for p in *starts.add(i * step) as usize..*starts.add(i * step + 1) as usize {
                let Entry { column, value } = *entries.add(p);
                let b = &*b.add(column as usize * b_stride).cast::<[f32; N]>();
                for (sum, b) in sums.iter_mut().zip(b) {
                    *sum += value * b;
                }
            }
            row.write(sums);
        }
    }
}
