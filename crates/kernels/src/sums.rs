//! Sums of many numbers, in eight partial sums side by side, so that they vectorise. The order is fixed: the same numbers give
//! the same bits everywhere.

use super::real::Real;

/// Partial sums.
const SIDE_BY_SIDE: usize = 8;

/// `Σ xᵢ yᵢ` over the shorter of the two.
pub fn dot<R: Real>(x: &[R], y: &[R]) -> R {
    sum(x, y, |x, y| x * y)
}

/// `Σ xᵢ yᵢ` in double precision.
pub fn wide_dot<R: Real>(x: &[R], y: &[R]) -> f64 {
    sum(x, y, |x, y| x.as_f64() * y.as_f64())
}

/// `Σ f(x)` in double precision.
pub fn sum_of<R: Real>(x: &[R], f: impl Fn(f64) -> f64) -> f64 {
    sum(x, x, |x, _| f(x.as_f64()))
}

/// `Σ f(xᵢ, yᵢ)` over the shorter of the two.
#[inline]
fn sum<R: Real, S: Real>(x: &[R], y: &[R], f: impl Fn(R, R) -> S) -> S {
    let length = x.len().min(y.len());
    let blocks = x[..length].chunks_exact(SIDE_BY_SIDE).zip(y[..length].chunks_exact(SIDE_BY_SIDE));
    let mut partial = [S::zero(); SIDE_BY_SIDE];
    for (x, y) in blocks {
        for i in 0..SIDE_BY_SIDE {
            partial[i] += f(x[i], y[i]);
        }
    }
    let done = length - length % SIDE_BY_SIDE;
    for (partial, (&x, &y)) in partial.iter_mut().zip(x[done..length].iter().zip(&y[done..length])) {
        *partial += f(x, y);
    }
    halves(partial)
}

/// The second half is added to the first, and so on.
fn halves<R: Real>(p: [R; SIDE_BY_SIDE]) -> R {
    ((p[0] + p[4]) + (p[2] + p[6])) + ((p[1] + p[5]) + (p[3] + p[7]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::float_cmp, reason = "sums of small whole numbers are exact in any order")]
    fn every_number_counts_once() {
        for length in 0..40 {
            let x: Vec<f64> = (0..length).map(|i| f64::from(1 + i)).collect();
            let y: Vec<f64> = (0..length).map(|i| f64::from(2 * i - 7)).collect();
            let exact: f64 = x.iter().zip(&y).map(|(x, y)| x * y).sum();
            assert_eq!([dot(&x, &y), wide_dot(&x, &y)], [exact; 2]);
            assert_eq!(dot(&x, &[y.clone(), vec![5.0]].concat()), exact, "the shorter one counts");
            assert_eq!(sum_of(&x, |x| x * x), x.iter().map(|x| x * x).sum::<f64>());
        }
    }
}
