//! The loops over open (example, gate) pairs, forward and in weight gradients, and how they make up a panel.
#![allow(clippy::inline_always, reason = "the loops are to be compiled for the instruction set of whoever calls them")]
#![allow(unsafe_code, reason = "the loops share a signature with those of a WebAssembly module: addresses, not slices")]

use crate::matrix::Matrix;
use std::ops::Range;

use super::kernel_set::KernelSet;
use crate::masked_matmul::{self, ActivePairs, UNROLL, open_places, parts};
use crate::packed_matrix::PANEL;
use crate::sparse::Entry;

/// `G[column_p, :] += value_p·δ` for n entries p, on some columns; rows are `g_stride` numbers apart. n > 0.
pub(super) type PairLoop =
    unsafe extern "C" fn(n: usize, entries: *const Entry<f32>, delta: *const f32, g: *mut f32, g_stride: usize);

/// The same for four columns that lie anywhere: `G[column_p, places[i]] += value_p·δ[i]`, one after the other.
pub(super) type UnitsLoop = unsafe extern "C" fn(
    n: usize,
    entries: *const Entry<f32>,
    delta: *const f32,
    places: *const u32,
    g: *mut f32,
    g_stride: usize,
);

/// `z += Σ_p value_p·W[column_p, :]` over n entries, on some columns, for two examples at once, so that neither sum waits for itself
/// only. Of two equal `z` the first is meant; then `n2` is 0.
pub(super) type TwoLoop = unsafe extern "C" fn(
    n: usize,
    entries: *const Entry<f32>,
    n2: usize,
    entries2: *const Entry<f32>,
    w: *const f32,
    w_stride: usize,
    z: *mut f32,
    z2: *mut f32,
);

/// Backend for some number of columns.
#[derive(Clone, Copy)]
pub(super) struct PairStrip {
    pub(super) width: usize,
    pub(super) forward: TwoLoop,
    pub(super) gradient: PairLoop,
}

/// The strips of a part that is `width` columns wide, with their first columns.
fn strips(set: &KernelSet, width: usize) -> impl Iterator<Item = (usize, PairStrip)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let strip = *set.pairs.iter().find(|strip| strip.width <= width - at)?;
        at += strip.width;
        Some((at - strip.width, strip))
    })
}

/// Adds what the open pairs of the columns `span` see through their panel of weights.
pub(super) fn forward(
    set: &KernelSet,
    pairs: ActivePairs<'_, f32>,
    span: Range<usize>,
    weights: &[f32],
    z: &mut Matrix<f32>,
) {
    let (stride, columns) = (span.len(), z.ncols());
    pairs.rows.check(weights.len() / stride.max(1));
    if pairs.units == 1 && stride <= PANEL {
        return masked_matmul::unit_gates_forward(pairs, span, weights, z);
    }
    assert!(span.end <= columns, "the panel's columns are among those of the result");
    assert!(columns.is_multiple_of(pairs.units), "rows are of whole blocks");
    let z = z.values_mut();
    for part in parts(span, pairs.units) {
        assert!(part.from + part.width <= stride, "a part lies within its panel");
        for examples in pairs.open.examples(part.gate).chunks(2) {
            let (first, second) = (examples[0], examples.get(1));
            let (row, row2) = (pairs.rows.row(first as usize), second.map_or(&[][..], |&b| pairs.rows.row(b as usize)));
            let place = |b: u32| b as usize * columns + part.at;
            let (place, place2) = (place(first), place(*second.unwrap_or(&first)));
            assert!(place.max(place2) + part.width <= z.len(), "examples are among the rows of the result");
            for (at, strip) in strips(set, part.width) {
                // SAFETY: `check` has seen the rows of the weights, the asserts the columns and places; strips end within the part.
                unsafe {
                    (strip.forward)(
                        row.len(),
                        row.as_ptr(),
                        row2.len(),
                        row2.as_ptr(),
                        weights.as_ptr().add(part.from + at),
                        stride,
                        z.as_mut_ptr().add(place + at),
                        z.as_mut_ptr().add(place2 + at),
                    );
                }
            }
        }
    }
}

/// Adds the open pairs of the columns `span` to their panel of a gradient.
pub(super) fn gradient(
    set: &KernelSet,
    pairs: ActivePairs<'_, f32>,
    delta: &Matrix<f32>,
    span: Range<usize>,
    gradient: &mut [f32],
) {
    let stride = span.len();
    pairs.rows.check(gradient.len() / stride.max(1));
    if pairs.units == 1 && stride <= PANEL {
        return unit_gates(set, pairs, delta, span, gradient);
    }
    for part in parts(span, pairs.units) {
        assert!(part.from + part.width <= stride, "a part lies within its panel");
        for &b in pairs.open.examples(part.gate) {
            let (row, delta) = (pairs.rows.row(b as usize), &delta.row(b as usize)[part.at..part.at + part.width]);
            for (at, strip) in strips(set, part.width).filter(|_| !row.is_empty()) {
                // SAFETY: `check` has seen the rows, the assert the columns, and strips end within the part.
                unsafe {
                    let g = gradient.as_mut_ptr().add(part.from + at);
                    (strip.gradient)(row.len(), row.as_ptr(), delta.as_ptr().add(at), g, stride);
                }
            }
        }
    }
}

/// The same where each gate has one unit: example by example, so that its open gates find the rows of its pixels in the first cache.
fn unit_gates(
    set: &KernelSet,
    pairs: ActivePairs<'_, f32>,
    delta: &Matrix<f32>,
    span: Range<usize>,
    gradient: &mut [f32],
) {
    for b in 0..pairs.rows.rows() {
        let (row, delta) = (pairs.rows.row(b), &delta.row(b)[span.clone()]);
        let (places, count) = open_places(&pairs.open.mask(b)[span.clone()]);
        for group in places[..count].chunks(UNROLL).filter(|_| !row.is_empty()) {
            // What a group lacks adds zero, as inputs are finite, to its first column.
            let (mut at, mut deltas) = ([group[0] as u32; UNROLL], [0.0; UNROLL]);
            for (i, &place) in group.iter().enumerate() {
                (at[i], deltas[i]) = (place as u32, delta[place]);
            }
            // SAFETY: `check` has seen the rows, and places are below the number of columns.
            unsafe {
                (set.units)(row.len(), row.as_ptr(), deltas.as_ptr(), at.as_ptr(), gradient.as_mut_ptr(), span.len());
            }
        }
    }
}

/// A [`TwoLoop`] in Rust.
///
/// # Safety
/// As its type says, for N columns.
#[inline(always)]
pub(super) unsafe fn two<const N: usize>(
    examples: [(usize, *const Entry<f32>, *mut f32); 2],
    (w, w_stride): (*const f32, usize),
) {
    // SAFETY: the caller's promise: so many entries, N numbers, rows of W for all columns.
    unsafe {
        let mut sums = examples.map(|(_, _, z)| z.cast::<[f32; N]>().read());
        let add = |sums: &mut [f32; N], entry: *const Entry<f32>| {
            let Entry { column, value } = *entry;
            let weights = &*w.add(column as usize * w_stride).cast::<[f32; N]>();
            sums.iter_mut().zip(weights).for_each(|(sum, w)| *sum += value * w);
        };
        let both = examples[0].0.min(examples[1].0);
        for p in 0..both {
            let [first, second] = &mut sums;
            add(first, examples[0].1.add(p));
            add(second, examples[1].1.add(p));
        }
        for ((n, entries, _), sums) in examples.into_iter().zip(&mut sums) {
            (both..n).for_each(|p| add(sums, entries.add(p)));
        }
        // The first one last: it is the one that is meant if both are the same.
        for ((_, _, z), sums) in examples.into_iter().zip(sums).rev() {
            z.cast::<[f32; N]>().write(sums);
        }
    }
}

/// A [`PairLoop`] in Rust.
///
/// # Safety
/// As its type says, for N columns.
#[inline(always)]
pub(super) unsafe fn pair<const N: usize>(
    (n, entries): (usize, *const Entry<f32>),
    delta: *const f32,
    (g, g_stride): (*mut f32, usize),
) {
    // SAFETY: the caller's promise: n entries, N numbers, rows of G for all columns.
    unsafe {
        let delta = delta.cast::<[f32; N]>().read();
        for p in 0..n {
            let Entry { column, value } = *entries.add(p);
            let sums = &mut *g.add(column as usize * g_stride).cast::<[f32; N]>();
            sums.iter_mut().zip(delta).for_each(|(sum, delta)| *sum += value * delta);
        }
    }
}

/// A [`UnitsLoop`] in Rust.
///
/// # Safety
/// As its type says.
#[inline(always)]
pub(super) unsafe fn units(
    (n, entries): (usize, *const Entry<f32>),
    (delta, places): (*const f32, *const u32),
    (g, g_stride): (*mut f32, usize),
) {
    // SAFETY: the caller's promise: n entries, four numbers and places, rows of G for all columns.
    unsafe {
        let delta = delta.cast::<[f32; UNROLL]>().read();
        let places = places.cast::<[u32; UNROLL]>().read();
        for p in 0..n {
            let Entry { column, value } = *entries.add(p);
            let row = g.add(column as usize * g_stride);
            for (delta, place) in delta.into_iter().zip(places) {
                *row.add(place as usize) += value * delta;
            }
        }
    }
}
