//! The loop that moves weights, and how a panel is cut into its strips.
#![allow(clippy::inline_always, reason = "the loop is to be compiled for the instruction set of whoever calls it")]
#![allow(
    unsafe_code,
    reason = "the loop shares its signature with those of a WebAssembly module: addresses, not slices"
)]

use super::kernel_set::KernelSet;
use crate::momentum::{FLUSH_THRESHOLD, MomentumParams, MomentumUpdate};

/// `v ← μv − ηg`, `w ← w + v`, `g ← 0` for `rows` rows of some columns, `stride` numbers apart; rows > 0. Squares of the columns are added
/// to `norms`, by loops that do so.
pub(super) type MomentumLoop = unsafe extern "C" fn(
    rows: usize,
    stride: usize,
    w: *mut f32,
    v: *mut f32,
    g: *mut f32,
    numbers: *const Numbers,
    norms: *mut f32,
);

/// Backend for some number of columns.
#[derive(Clone, Copy)]
pub(super) struct MomentumStrip {
    pub(super) width: usize,
    pub(super) plain: MomentumLoop,
    pub(super) normed: MomentumLoop,
}

/// Widest strip of a panel.
const WIDE: usize = 32;

/// What a loop needs to know, as it lies in memory.
#[repr(C)]
pub(super) struct Numbers {
    momentum: f32,
    rate: f32,
    still: f32,
    /// All bits but the sign.
    magnitude: u32,
}

/// Moves a panel.
pub(super) fn advance(set: &KernelSet, motion: MomentumParams<f32>, panel: MomentumUpdate<'_, f32>) {
    panel.check();
    let MomentumParams { momentum, rate } = motion;
    let numbers = Numbers { momentum, rate, still: FLUSH_THRESHOLD as f32, magnitude: u32::MAX >> 1 };
    let MomentumUpdate { weights, velocity, gradient, norms } = panel;
    let (size, normed) = (weights.len(), !norms.is_empty());
    let (w, v, g, squares) = (weights.as_mut_ptr(), velocity.as_mut_ptr(), gradient.as_mut_ptr(), norms.as_mut_ptr());
    // From the number `first` on, by the widest strips that fit.
    let strips = |(rows, columns): (usize, usize), first: usize| {
        let mut at = 0;
        while at < columns && rows > 0 {
            let strip = set.momentum.iter().find(|strip| strip.width <= columns - at).unwrap_or(&set.momentum[2]);
            let run = if normed { strip.normed } else { strip.plain };
            // SAFETY: `check` has seen that all parts have this many rows and columns, and the strip ends within them.
            unsafe {
                let (w, v, g) = (w.add(first + at), v.add(first + at), g.add(first + at));
                run(rows, columns, w, v, g, &raw const numbers, if normed { squares.add(at) } else { squares });
            }
            at += strip.width;
        }
    };
    if normed {
        strips((size / norms.len(), norms.len()), 0);
    } else {
        // Columns don't matter: from front to back.
        strips((size / WIDE, WIDE), 0);
        strips((1, size % WIDE), size / WIDE * WIDE);
    }
}

/// A [`MomentumLoop`] in Rust.
///
/// # Safety
/// As its type says, for N columns; `NORMED` says whether it adds to `norms`.
#[inline(always)]
pub(super) unsafe fn strip<const N: usize, const NORMED: bool>(
    (rows, stride): (usize, usize),
    parts: [*mut f32; 3],
    numbers: *const Numbers,
    norms: *mut f32,
) {
    // SAFETY: the caller's promise; arrays of numbers have the alignment of a number.
    unsafe {
        let Numbers { momentum, rate, still, .. } = *numbers;
        let mut sums = if NORMED { norms.cast::<[f32; N]>().read() } else { [0.0; N] };
        for row in 0..rows {
            let [w, v, g] = parts.map(|part| &mut *part.add(row * stride).cast::<[f32; N]>());
            for (((w, v), g), sum) in w.iter_mut().zip(v).zip(&mut *g).zip(&mut sums) {
                let moved = momentum * *v - rate * *g;
                *v = if moved.abs() < still { 0.0 } else { moved };
                *w += *v;
                if NORMED {
                    *sum += *w * *w;
                }
            }
            *g = [0.0; N];
        }
        if NORMED {
            norms.cast::<[f32; N]>().write(sums);
        }
    }
}
