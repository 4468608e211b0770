//! The speed of the kernel sets on this machine.

use ndarray::Array2;

use super::contract::Backend;
use super::kernel_set::KernelSet;
use super::selection::available;

/// m, k, n of the measured product: a minibatch of 32 × 784 inputs into 512 units, about half a millisecond.
const SHAPE: (usize, usize, usize) = (32, 784, 512);
/// Measurements of each set: a few milliseconds in all.
const ROUNDS: usize = 7;

/// Measures each available set, in GFLOP/s. `now` is a clock in milliseconds.
///
/// The sets are measured in turns, so that other load on the machine affects all of them. The best measurement of each counts, since
/// other load only makes it slower.
pub fn speeds(now: impl Fn() -> f64) -> Vec<(&'static KernelSet, f64)> {
    let (m, k, n) = SHAPE;
    let (a, b) = (Array2::from_elem((m, k), 0.5), Array2::from_elem((k, n), 0.25));
    let mut c = Array2::zeros((m, n));
    let mut found: Vec<_> = available().into_iter().map(|set| (set, 0.0)).collect();
    for _ in 0..ROUNDS {
        for (set, best) in &mut found {
            // Two products, since the clocks of browsers have steps of 0.1 ms.
            let start = now();
            set.product(a.view(), b.view(), 0.0, c.view_mut());
            set.product(a.view(), b.view(), 0.0, c.view_mut());
            let flop = (4 * m * k * n) as f64;
            *best = f64::max(*best, flop / (now() - start).max(1e-3) * 1e-6);
        }
    }
    found
}
