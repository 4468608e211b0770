//! Momentum steps in strips of columns.
#![allow(unsafe_code, reason = "calls kernels that take pointers; the lengths are asserted first")]

use super::kernel_set::{KernelSet, MomentumConstants, strips_of};
use crate::momentum::{FLUSH_THRESHOLD, MomentumParams, MomentumUpdate};

/// Columns of a row without squares: the widest strip of all sets.
const ROW: usize = 32;

/// [`super::Backend::momentum_step`].
pub(super) fn step(set: &KernelSet, params: MomentumParams<f32>, update: MomentumUpdate<'_, f32>) {
    update.check();
    let MomentumParams { momentum, rate } = params;
    let flush_threshold = FLUSH_THRESHOLD as f32;
    let constants = MomentumConstants { momentum, rate, flush_threshold, magnitude_mask: u32::MAX >> 1 };
    let MomentumUpdate { weights, velocity, gradient, squares } = update;
    let (size, columns) = (weights.len(), squares.len());
    let (w, v, g, s) = (weights.as_mut_ptr(), velocity.as_mut_ptr(), gradient.as_mut_ptr(), squares.as_mut_ptr());
    // Updates a matrix that starts at index `first`.
    let run = |(rows, columns): (usize, usize), first: usize, with_squares: bool| {
        for (column, strip) in strips_of(&set.momentum, columns).filter(|_| rows > 0) {
            let kernel = if with_squares { strip.with_squares } else { strip.plain };
            // SAFETY: `check` covers rows and columns of all four slices, and strips end within the columns.
            unsafe {
                let (w, v, g) = (w.add(first + column), v.add(first + column), g.add(first + column));
                kernel(rows, columns, w, v, g, &raw const constants, if with_squares { s.add(column) } else { s });
            }
        }
    };
    if let Some(rows) = size.checked_div(columns) {
        run((rows, columns), 0, true);
    } else {
        // Without squares the shape does not matter: memory is processed in order.
        run((size / ROW, ROW), 0, false);
        run((1, size % ROW), size / ROW * ROW, false);
    }
}
