//! How fast the sets of loops are on this machine.

use ndarray::Array2;

use super::Backend;
use super::kernel_set::KernelSet;
use super::selection::available;

/// A minibatch of 32 digits into 512 units: what a small network does most. About half a millisecond.
const SHAPE: (usize, usize, usize) = (32, 784, 512);
/// Times each set is measured: a few milliseconds in all.
const ROUNDS: usize = 7;

/// Each available set with its speed in GFLOP/s, by a clock in milliseconds. They take turns, so that what else the machine
/// does meets all of them, and each one's best counts, since other programs only ever make it slower.
pub fn speeds(now: impl Fn() -> f64) -> Vec<(&'static KernelSet, f64)> {
    let (m, k, n) = SHAPE;
    let (a, b) = (Array2::from_elem((m, k), 0.5), Array2::from_elem((k, n), 0.25));
    let mut c = Array2::zeros((m, n));
    let mut found: Vec<_> = available().into_iter().map(|set| (set, 0.0)).collect();
    for _ in 0..ROUNDS {
        for (set, best) in &mut found {
            // Clocks of browsers tick in steps of 0.1 ms: two products, so that one step matters less.
            let start = now();
            set.product(a.view(), b.view(), 0.0, c.view_mut());
            set.product(a.view(), b.view(), 0.0, c.view_mut());
            let flop = (4 * m * k * n) as f64;
            *best = f64::max(*best, flop / (now() - start).max(1e-3) * 1e-6);
        }
    }
    found
}
