//! Sums over slices in eight partial sums, which vectorise.
//!
//! The order of additions is fixed: eight interleaved partial sums, then a binary tree. The same values give the same bits everywhere.

use super::real::Real;

/// Number of partial sums.
const PARTIAL_SUMS: usize = 8;

/// Inner product `Σ xᵢ yᵢ`.
///
/// # Panics
/// If the lengths differ.
pub fn dot<R: Real>(x: &[R], y: &[R]) -> R {
    sum(x, y, |x, y| x * y)
}

/// Inner product `Σ xᵢ yᵢ`, computed in `f64`.
///
/// # Panics
/// If the lengths differ.
pub fn dot_f64<R: Real>(x: &[R], y: &[R]) -> f64 {
    sum(x, y, |x, y| x.as_f64() * y.as_f64())
}

/// `Σ f(xᵢ)`, computed in `f64`.
pub fn sum_map_f64<R: Real>(x: &[R], f: impl Fn(f64) -> f64) -> f64 {
    sum(x, x, |x, _| f(x.as_f64()))
}

/// `Σ f(xᵢ, yᵢ)`.
#[inline]
fn sum<R: Real, S: Real>(x: &[R], y: &[R], f: impl Fn(R, R) -> S) -> S {
    assert_eq!(x.len(), y.len(), "slices of one length");
    let length = x.len();
    let blocks = x.chunks_exact(PARTIAL_SUMS).zip(y[..length].chunks_exact(PARTIAL_SUMS));
    let mut partial = [S::zero(); PARTIAL_SUMS];
    for (x, y) in blocks {
        for i in 0..PARTIAL_SUMS {
            partial[i] += f(x[i], y[i]);
        }
    }
    let done = length - length % PARTIAL_SUMS;
    for (partial, (&x, &y)) in partial.iter_mut().zip(x[done..].iter().zip(&y[done..])) {
        *partial += f(x, y);
    }
    tree_sum(partial)
}

/// Adds the second half to the first, three times.
fn tree_sum<R: Real>(p: [R; PARTIAL_SUMS]) -> R {
    ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::float_cmp, reason = "sums of small whole numbers are exact in any order")]
    fn every_element_counts_once() {
        for length in 0..40 {
            let x: Vec<f64> = (0..length).map(|i| f64::from(1 + i)).collect();
            let y: Vec<f64> = (0..length).map(|i| f64::from(2 * i - 7)).collect();
            let exact: f64 = x.iter().zip(&y).map(|(x, y)| x * y).sum();
            assert_eq!([dot(&x, &y), dot_f64(&x, &y)], [exact; 2]);
            assert_eq!(sum_map_f64(&x, |x| x * x), x.iter().map(|x| x * x).sum::<f64>());
        }
    }

    #[test]
    #[should_panic(expected = "slices of one length")]
    fn slices_of_two_lengths_are_refused() {
        dot(&[1.0, 2.0], &[1.0]);
    }
}
