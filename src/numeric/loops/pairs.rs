//! The loops that open (example, gate) pairs add to a weight gradient with, and how a panel is made of them.
#![allow(clippy::inline_always, reason = "the loops are to be compiled for the instruction set of whoever calls them")]
#![allow(unsafe_code, reason = "the loops share a signature with those of a WebAssembly module: addresses, not slices")]

use super::packed::KernelSet;
use crate::numeric::blocks::{OpenPairs, parts};
use crate::numeric::panels::PANEL;

/// `G[columns[p], :] += values[p]·δ` for p < n, on some columns; rows are `g_stride` numbers apart. n > 0.
pub(super) type PairLoop = unsafe extern "C" fn(
    n: usize,
    columns: *const u32,
    values: *const f32,
    delta: *const f32,
    g: *mut f32,
    g_stride: usize,
);

/// The same for four columns that lie anywhere: `G[columns[p], places[i]] += values[p]·δ[i]`, one after the other.
pub(super) type UnitsLoop = unsafe extern "C" fn(
    n: usize,
    columns: *const u32,
    values: *const f32,
    delta: *const f32,
    places: *const u32,
    g: *mut f32,
    g_stride: usize,
);

/// A loop for some number of columns.
#[derive(Clone, Copy)]
pub(super) struct PairStrip {
    pub(super) width: usize,
    pub(super) run: PairLoop,
}

/// Gates of one unit that go down an example's pixels together.
pub(super) const ABREAST: usize = 4;

/// Adds the open pairs of the columns `span` to their panel of a gradient.
pub(super) fn gradient(set: &KernelSet, pairs: OpenPairs<'_, f32>, span: std::ops::Range<usize>, gradient: &mut [f32]) {
    let stride = span.len();
    pairs.rows.check(gradient.len() / stride.max(1));
    if pairs.units == 1 && stride <= PANEL {
        return unit_gates(set, pairs, span, gradient);
    }
    for part in parts(span, pairs.units) {
        assert!(part.from + part.width <= stride, "a part lies within its panel");
        for &b in pairs.open.examples(part.gate) {
            let (columns, values) = pairs.rows.row(b as usize);
            let delta = pairs.delta.row(b as usize);
            let Some(delta) = delta.to_slice().map(|delta| &delta[part.at..part.at + part.width]) else { continue };
            let mut at = 0;
            while at < delta.len() && !columns.is_empty() {
                let strip = set.pairs.iter().find(|strip| strip.width <= delta.len() - at).unwrap_or(&set.pairs[2]);
                // SAFETY: `check` has seen the rows, the assert the columns, and the strip ends within the part.
                unsafe {
                    let g = gradient.as_mut_ptr().add(part.from + at);
                    (strip.run)(columns.len(), columns.as_ptr(), values.as_ptr(), delta.as_ptr().add(at), g, stride);
                }
                at += strip.width;
            }
        }
    }
}

/// The same where each gate has one unit: example by example, so that its open gates find the rows of its pixels in the first cache.
fn unit_gates(set: &KernelSet, pairs: OpenPairs<'_, f32>, span: std::ops::Range<usize>, gradient: &mut [f32]) {
    for b in 0..pairs.rows.rows() {
        let (columns, values) = pairs.rows.row(b);
        let delta = pairs.delta.row(b);
        let Some(delta) = delta.to_slice().map(|delta| &delta[span.clone()]) else { continue };
        let mut places = [0; PANEL];
        let mut count = 0;
        for (place, &open) in pairs.open.mask(b)[span.clone()].iter().enumerate() {
            places[count] = place as u32;
            count += usize::from(open);
        }
        if columns.is_empty() {
            continue;
        }
        for group in places[..count].chunks(ABREAST) {
            // What a group lacks adds zero to its first column.
            let (mut at, mut deltas) = ([group[0]; ABREAST], [0.0; ABREAST]);
            for (i, &place) in group.iter().enumerate() {
                (at[i], deltas[i]) = (place, delta[place as usize]);
            }
            // SAFETY: `check` has seen the rows, and places are below the number of columns.
            unsafe {
                (set.units)(
                    columns.len(),
                    columns.as_ptr(),
                    values.as_ptr(),
                    deltas.as_ptr(),
                    at.as_ptr(),
                    gradient.as_mut_ptr(),
                    span.len(),
                );
            }
        }
    }
}

/// A [`PairLoop`] in Rust.
///
/// # Safety
/// As its type says, for N columns.
#[inline(always)]
pub(super) unsafe fn pair<const N: usize>(
    (n, columns, values): (usize, *const u32, *const f32),
    delta: *const f32,
    (g, g_stride): (*mut f32, usize),
) {
    // SAFETY: the caller's promise: n entries, N numbers, rows of G for all columns.
    unsafe {
        let delta = delta.cast::<[f32; N]>().read();
        for p in 0..n {
            let x = *values.add(p);
            let sums = &mut *g.add(*columns.add(p) as usize * g_stride).cast::<[f32; N]>();
            sums.iter_mut().zip(delta).for_each(|(sum, delta)| *sum += x * delta);
        }
    }
}

/// A [`UnitsLoop`] in Rust.
///
/// # Safety
/// As its type says.
#[inline(always)]
pub(super) unsafe fn units(
    (n, columns, values): (usize, *const u32, *const f32),
    (delta, places): (*const f32, *const u32),
    (g, g_stride): (*mut f32, usize),
) {
    // SAFETY: the caller's promise: n entries, four numbers and places, rows of G for all columns.
    unsafe {
        let delta = delta.cast::<[f32; ABREAST]>().read();
        let places = places.cast::<[u32; ABREAST]>().read();
        for p in 0..n {
            let x = *values.add(p);
            let row = g.add(*columns.add(p) as usize * g_stride);
            for (delta, place) in delta.into_iter().zip(places) {
                *row.add(place as usize) += x * delta;
            }
        }
    }
}
