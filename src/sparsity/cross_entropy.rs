//! Eq. 14 with its parentheses put right: `−λ Σ_i [s ln m_i + (1−s) ln(1−m_i)]`, `m_i` the mean activation of gate `i`.

use ndarray::{Array2, Axis, Zip};

use crate::numeric::Real;

/// Keeps the logarithms and their slopes finite when a gate is always or never on; the released code adds the same amount
/// inside its logarithms.
const EDGE: f64 = 1e-6;

/// The term of one gate with mean activation `mean`, for λ = 1; nats.
pub fn cross_entropy(target: f64, mean: f64) -> f64 {
    let mean = mean.clamp(EDGE, 1.0 - EDGE);
    -(target * libm::log(mean) + (1.0 - target) * libm::log(1.0 - mean))
}

/// Its derivative with respect to the mean activation: `−(s/m − (1−s)/(1−m))`, zero at the target.
pub fn cross_entropy_slope(target: f64, mean: f64) -> f64 {
    let mean = mean.clamp(EDGE, 1.0 - EDGE);
    (1.0 - target) / (1.0 - mean) - target / mean
}

pub(super) fn add_gradient<R: Real>(
    lambda: f64,
    target: f64,
    value: &Array2<R>,
    slope: &Array2<R>,
    gradient: &mut Array2<R>,
) -> f64 {
    let batch = value.nrows().max(1) as f64;
    let mut penalty = 0.0;
    for (j, column) in value.axis_iter(Axis(1)).enumerate() {
        let mean = column.iter().map(|v| v.wide()).sum::<f64>() / batch;
        penalty += lambda * cross_entropy(target, mean);
        // d/d(mean) spreads over the batch as 1/B, and per-example gradients carry a factor B: they cancel.
        let factor = R::of(lambda * cross_entropy_slope(target, mean));
        Zip::from(gradient.column_mut(j)).and(slope.column(j)).for_each(|g, &s| *g += factor * s);
    }
    penalty
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_the_target_the_term_is_the_entropy_and_the_slope_zero() {
        assert!((cross_entropy(0.1, 0.1) - 0.325_083).abs() < 1e-6);
        assert!(cross_entropy_slope(0.1, 0.1).abs() < 1e-12);
        assert!((2000.0 * cross_entropy(0.1, 0.1) - 650.166).abs() < 1e-3);
    }

    #[test]
    fn slope_is_the_derivative() {
        for mean in [0.02, 0.1, 0.5, 0.97] {
            let h = 1e-6;
            let difference = (cross_entropy(0.1, mean + h) - cross_entropy(0.1, mean - h)) / (2.0 * h);
            let slope = cross_entropy_slope(0.1, mean);
            assert!((difference - slope).abs() < 1e-6 * (1.0 + slope.abs()), "{mean}");
        }
    }

    #[test]
    fn a_silent_gate_has_a_finite_slope() {
        assert!(cross_entropy_slope(0.1, 0.0).is_finite() && cross_entropy(0.1, 1.0).is_finite());
    }
}
