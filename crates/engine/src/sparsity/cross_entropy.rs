//! Eq. 14 with corrected parentheses: `−λ Σ_i [s ln m_i + (1−s) ln(1−m_i)]`, `m_i` the mean activation of gate `i`.

use gatelab_kernels::{Matrix, Real, sum_map_f64};
use ndarray::{ArrayView2, Zip, s};

/// Keeps the logarithms and their derivatives finite when a gate is always or never on; the released code adds the same amount
/// inside its logarithms.
const EDGE: f64 = 1e-6;

/// The term of one gate with mean activation `mean`, for λ = 1; nats.
pub fn cross_entropy(target: f64, mean: f64) -> f64 {
    let mean = mean.clamp(EDGE, 1.0 - EDGE);
    -(target * libm::log(mean) + (1.0 - target) * libm::log(1.0 - mean))
}

/// Its derivative with respect to the mean activation: `−(s/m − (1−s)/(1−m))`, zero at the target.
pub fn cross_entropy_grad(target: f64, mean: f64) -> f64 {
    let mean = mean.clamp(EDGE, 1.0 - EDGE);
    (1.0 - target) / (1.0 - mean) - target / mean
}

/// Gates whose mean activations are computed at a time.
const AT_ONCE: usize = 256;

pub(super) fn add_gradient<R: Real>(
    lambda: f64,
    target: f64,
    value: &Matrix<R>,
    grad: &Matrix<R>,
    gradient: &mut Matrix<R>,
) -> f64 {
    let mut penalty = 0.0;
    let (value, grad, mut gradient) = (value.view(), grad.view(), gradient.view_mut());
    for start in (0..value.ncols()).step_by(AT_ONCE) {
        let gates = s![.., start..(start + AT_ONCE).min(value.ncols())];
        let (mut means, mut factors) = ([0.0; AT_ONCE], [R::zero(); AT_ONCE]);
        let (means, factors) = (&mut means[..value.slice(gates).ncols()], &mut factors[..value.slice(gates).ncols()]);
        column_means(value.slice(gates), means);
        for (factor, &mean) in factors.iter_mut().zip(means.iter()) {
            // ∂(mean)/∂(value) is 1/B, and per-example gradients carry a factor B: they cancel.
            *factor = R::from_f64(lambda * cross_entropy_grad(target, mean));
        }
        penalty += lambda * sum_of_terms::<R>(target, means);
        for (mut gradient, grad) in gradient.slice_mut(gates).rows_mut().into_iter().zip(grad.slice(gates).rows()) {
            Zip::from(&mut gradient).and(grad).and(&*factors).for_each(|g, &s, &factor| *g += factor * s);
        }
    }
    penalty
}

/// Means over the minibatch, added up row after row.
fn column_means<R: Real>(value: ArrayView2<'_, R>, means: &mut [f64]) {
    for row in value.rows() {
        Zip::from(&mut *means).and(row).for_each(|mean, v| *mean += v.as_f64());
    }
    let batch = value.nrows().max(1) as f64;
    means.iter_mut().for_each(|mean| *mean /= batch);
}

/// `Σ cross_entropy(target, mean)` of at most [`AT_ONCE`] means, with the logarithms of the number type.
fn sum_of_terms<R: Real>(target: f64, means: &[f64]) -> f64 {
    let (mut open, mut closed) = ([R::zero(); AT_ONCE], [R::zero(); AT_ONCE]);
    for ((open, closed), mean) in open.iter_mut().zip(&mut closed).zip(means) {
        let mean = mean.clamp(EDGE, 1.0 - EDGE);
        (*open, *closed) = (R::from_f64(mean), R::from_f64(1.0 - mean));
    }
    let (open, closed) = (&mut open[..means.len()], &mut closed[..means.len()]);
    R::ln_inplace(open);
    R::ln_inplace(closed);
    -(target * sum_map_f64(open, |x| x) + (1.0 - target) * sum_map_f64(closed, |x| x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_target_the_term_is_the_entropy_and_the_gradient_zero() {
        assert!((cross_entropy(0.1, 0.1) - 0.325_083).abs() < 1e-6);
        assert!(cross_entropy_grad(0.1, 0.1).abs() < 1e-12);
        assert!((2000.0 * cross_entropy(0.1, 0.1) - 650.166).abs() < 1e-3);
    }

    #[test]
    fn gradient_is_the_derivative() {
        for mean in [0.02, 0.1, 0.5, 0.97] {
            let h = 1e-6;
            let difference = (cross_entropy(0.1, mean + h) - cross_entropy(0.1, mean - h)) / (2.0 * h);
            let grad = cross_entropy_grad(0.1, mean);
            assert!((difference - grad).abs() < 1e-6 * (1.0 + grad.abs()), "{mean}");
        }
    }

    #[test]
    fn a_gate_that_is_always_closed_has_a_finite_gradient() {
        assert!(cross_entropy_grad(0.1, 0.0).is_finite() && cross_entropy(0.1, 1.0).is_finite());
    }
}
