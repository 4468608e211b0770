//! The innermost loops, in Rust. Vectors lie along the columns of `C`, so that each element's sum keeps its order however
//! wide they are. `processors` compiles them for several instruction sets; in the browser they stand in until a module of
//! hand-ordered loops is there.
#![allow(clippy::inline_always, reason = "the loops are to be compiled for the instruction set of whoever calls them")]
#![allow(unsafe_code, reason = "the loops share a signature with those of a WebAssembly module: addresses, not slices")]

use crate::sparse::Entry;

/// Rows of `C` that a tile covers.
pub(super) const TILE_ROWS: usize = 4;

/// A tile of `C`: a few rows, and as many columns as a panel of `B` has.
type Tile<const N: usize> = [[f32; N]; TILE_ROWS];

/// Adds one step k to a tile.
#[inline(always)]
fn add<const N: usize>(sums: &mut Tile<N>, a: [f32; TILE_ROWS], b: &[f32; N]) {
    for (sums, a) in sums.iter_mut().zip(a) {
        for (sum, b) in sums.iter_mut().zip(b) {
            *sum += a * b;
        }
    }
}

/// Where the rows of a tile lie. Past the last row it is the last one again: the same numbers are computed and stored more
/// than once, which is harmless, and no other loop is needed for what is left over.
#[inline(always)]
fn row_numbers(first: usize, rows: usize) -> [usize; TILE_ROWS] {
    std::array::from_fn(|r| (first + r).min(rows - 1))
}

/// Runs a tile from `C`, or from zeros, back to `C`.
///
/// # Safety
/// `c` must be good for N numbers at each of these rows.
#[inline(always)]
unsafe fn with_tile<const N: usize>(rows: [*mut f32; TILE_ROWS], fresh: bool, run: impl FnOnce(&mut Tile<N>)) {
    let rows = rows.map(<*mut f32>::cast::<[f32; N]>);
    // SAFETY: the caller's promise; arrays of numbers have the alignment of a number.
    let mut sums = if fresh { [[0.0; N]; TILE_ROWS] } else { rows.map(|row| unsafe { row.read() }) };
    run(&mut sums);
    for (row, sums) in rows.into_iter().zip(sums) {
        // SAFETY: as above.
        unsafe { row.write(sums) };
    }
}

/// `KernelSet::rows`.
///
/// # Safety
/// As its type says, for panels of N columns.
#[inline(always)]
pub(super) unsafe fn rows<const N: usize>(
    (m, k): (usize, usize),
    (a, a_stride): (*const f32, usize),
    b: *const f32,
    (c, c_stride): (*mut f32, usize),
    fresh: bool,
) {
    // SAFETY: the caller's promise: k rows of N numbers.
    let b = unsafe { std::slice::from_raw_parts(b.cast::<[f32; N]>(), k) };
    for first in (0..m).step_by(TILE_ROWS) {
        let numbers = row_numbers(first, m);
        // SAFETY: these rows exist, in A with k numbers, in C with N.
        unsafe {
            let a = numbers.map(|row| a.add(row * a_stride));
            with_tile::<N>(numbers.map(|row| c.add(row * c_stride)), fresh, |sums| {
                for (p, b) in b.iter().enumerate() {
                    add(sums, a.map(|row| *row.add(p)), b);
                }
            });
        }
    }
}

/// `KernelSet::columns`.
///
/// # Safety
/// As its type says, for panels of N columns.
#[inline(always)]
pub(super) unsafe fn columns<const N: usize>(
    (m, k): (usize, usize),
    (a, a_stride): (*const f32, usize),
    b: *const f32,
    (c, c_stride): (*mut f32, usize),
    fresh: bool,
) {
    // SAFETY: the caller's promise: k rows of N numbers.
    let b = unsafe { std::slice::from_raw_parts(b.cast::<[f32; N]>(), k) };
    for first in (0..m).step_by(TILE_ROWS) {
        // SAFETY: m is a multiple of the tile's rows, so all of them exist.
        unsafe {
            with_tile::<N>(row_numbers(first, m).map(|row| c.add(row * c_stride)), fresh, |sums| {
                for (p, b) in b.iter().enumerate() {
                    add(sums, a.add(p * a_stride + first).cast::<[f32; TILE_ROWS]>().read(), b);
                }
            });
        }
    }
}

/// A loop of `KernelSet::strips`.
///
/// # Safety
/// As its type says, for strips of N columns.
#[inline(always)]
pub(super) unsafe fn strip<const N: usize>(
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
