//! Least squares with four inputs from running sums: the normal equations, and their solution by Cholesky's factors.

use gatelab_kernels::Real;

/// Inputs of the line.
pub(in crate::estimator) const FEATURES: usize = 4;
/// Numbers kept: the lower half of `E φφᵀ` row by row, then `E φy`.
pub(in crate::estimator) const NUMBERS: usize = FEATURES * (FEATURES + 1) / 2 + FEATURES;

/// Where `E φφᵀ[i, j]`, `j ≤ i`, is kept.
const fn at(i: usize, j: usize) -> usize {
    i * (i + 1) / 2 + j
}

/// Where `E φy` begins.
const TARGETS: usize = at(FEATURES, 0);

/// Adds one sample's inputs and target to the sums.
pub(in crate::estimator) fn add(sums: &mut [f64; NUMBERS], inputs: &[f64; FEATURES], target: f64) {
    for i in 0..FEATURES {
        for j in 0..=i {
            sums[at(i, j)] += inputs[i] * inputs[j];
        }
        sums[TARGETS + i] += inputs[i] * target;
    }
}

/// The line's coefficients. Inputs are first scaled to mean square 1, so that `ridge`, which is added on the diagonal, means
/// the same for each; an input that has always been 0 gets coefficient 0.
pub(in crate::estimator) fn solve<R: Real>(sums: &[R], ridge: f64) -> [f64; FEATURES] {
    let mut scale = [0.0; FEATURES];
    for (i, scale) in scale.iter_mut().enumerate() {
        let square = sums[at(i, i)].as_f64();
        *scale = if square > 0.0 { 1.0 / square.sqrt() } else { 0.0 };
    }
    // L of (S A S + ρ) = L Lᵀ; with a positive ρ every pivot is positive, but for rounding in what was summed.
    let mut factor = [[0.0; FEATURES]; FEATURES];
    for i in 0..FEATURES {
        for j in 0..=i {
            let scaled = sums[at(i, j)].as_f64() * scale[i] * scale[j];
            let done: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            factor[i][j] =
                if i == j { (scaled + ridge - done).max(0.5 * ridge).sqrt() } else { (scaled - done) / factor[j][j] };
        }
    }
    let mut x = [0.0; FEATURES];
    for i in 0..FEATURES {
        let done: f64 = (0..i).map(|k| factor[i][k] * x[k]).sum();
        x[i] = (sums[TARGETS + i].as_f64() * scale[i] - done) / factor[i][i];
    }
    for i in (0..FEATURES).rev() {
        let done: f64 = (i + 1..FEATURES).map(|k| factor[k][i] * x[k]).sum();
        x[i] = (x[i] - done) / factor[i][i];
    }
    for (x, scale) in x.iter_mut().zip(scale) {
        *x *= scale;
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(line: [f64; FEATURES]) -> [f64; NUMBERS] {
        let mut sums = [0.0; NUMBERS];
        for i in 0..40 {
            let x = f64::from(i);
            let inputs = [1.0, 0.01 * libm::sin(x), 0.1 + 0.02 * libm::cos(3.0 * x), f64::from(i % 3 / 2)];
            let target = inputs.iter().zip(line).map(|(x, w)| x * w).sum();
            add(&mut sums, &inputs, target);
        }
        sums
    }

    #[test]
    fn a_line_is_found_again() {
        let line = [0.3, -2.0, 1.5, 0.7];
        for (found, expected) in solve(&sums(line), 1e-12).into_iter().zip(line) {
            assert!((found - expected).abs() < 1e-6, "{found}, expected {expected}");
        }
    }

    #[test]
    fn a_ridge_shrinks_and_nothing_seen_predicts_nothing() {
        let line = [0.3, -2.0, 1.5, 0.7];
        let size = |x: [f64; FEATURES]| x.iter().map(|x| x * x).sum::<f64>();
        assert!(size(solve(&sums(line), 1.0)) < size(line));
        assert!(size(solve(&[0.0; NUMBERS], 0.01)) < 1e-300);
    }

    /// An input that is always 0, and two that are always the same.
    #[test]
    fn inputs_that_say_nothing_do_no_harm() {
        let mut sums = [0.0; NUMBERS];
        for _ in 0..5 {
            add(&mut sums, &[1.0, 0.0, 0.1, 1.0], 0.4);
        }
        let line = solve(&sums, 1e-4);
        assert!(line.iter().all(|w| w.is_finite()) && line[1].abs() < 1e-300);
        assert!((line[0] + 0.1 * line[2] + line[3] - 0.4).abs() < 1e-3);
    }
}
