//! The kernel for momentum steps, in Rust.
#![allow(
    clippy::inline_always,
    reason = "a kernel is compiled for the instruction set of the function that it is inlined into"
)]
#![allow(unsafe_code, reason = "kernels share a signature with those of a WebAssembly module: pointers, not slices")]

use super::kernel_set::MomentumConstants;

/// A `MomentumKernel`; `SQUARES` selects whether it adds to `squares`.
///
/// # Safety
/// As for the type, for N columns.
#[inline(always)]
pub(super) unsafe fn momentum<const N: usize, const SQUARES: bool>(
    (rows, stride): (usize, usize),
    [w, v, g]: [*mut f32; 3],
    constants: *const MomentumConstants,
    squares: *mut f32,
) {
    // SAFETY: the caller's promise; an array of `f32` has the alignment of `f32`.
    unsafe {
        let MomentumConstants { momentum, rate, flush_threshold, .. } = *constants;
        let mut sums = if SQUARES { squares.cast::<[f32; N]>().read() } else { [0.0; N] };
        for row in 0..rows {
            let [w, v, g] = [w, v, g].map(|values| &mut *values.add(row * stride).cast::<[f32; N]>());
            for (((w, v), g), sum) in w.iter_mut().zip(v).zip(&mut *g).zip(&mut sums) {
                let velocity = momentum * *v - rate * *g;
                *v = if velocity.abs() < flush_threshold { 0.0 } else { velocity };
                *w += *v;
                if SQUARES {
                    *sum += *w * *w;
                }
            }
            *g = [0.0; N];
        }
        if SQUARES {
            squares.cast::<[f32; N]>().write(sums);
        }
    }
}
