//! The distribution of a gate's value given its logit. An estimator's own objective is an expectation over it.
//!
//! The laboratory enumerates or averages over these distributions. So each estimator is compared with the gradient of the
//! objective it samples, computed without any code of the estimator's own gradient.

use gatelab_kernels::{normal_density, sigmoid};

/// One value that a gate can take, with the derivatives of value and probability with respect to the logit.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct SupportPoint {
    /// Gate value `g`.
    pub value: f64,
    /// Its probability, 0..=1.
    pub weight: f64,
    /// `∂g/∂a` of this point.
    pub value_grad: f64,
    /// `∂weight/∂a`.
    pub weight_grad: f64,
}

/// A distribution as a list of points. Weights sum to 1 and weight gradients to 0. Continuous distributions are represented
/// by quadrature rules.
pub type GateDistribution = Vec<SupportPoint>;

/// 1 with probability `p`, else 0; `dp_da` is `∂p/∂a`.
pub fn two_point(p: f64, dp_da: f64) -> GateDistribution {
    vec![
        SupportPoint { value: 0.0, weight: 1.0 - p, value_grad: 0.0, weight_grad: -dp_da },
        SupportPoint { value: 1.0, weight: p, value_grad: 0.0, weight_grad: dp_da },
    ]
}

/// `b ~ Bernoulli(σ(a))`.
pub fn bernoulli(a: f64) -> GateDistribution {
    let p: f64 = sigmoid(a);
    two_point(p, p * sigmoid::<f64>(-a))
}

/// The distribution of `gate(z)` with `z = a + scale·L`, `L` standard logistic.
pub fn logistic(a: f64, scale: f64, kinks: &[f64], gate: impl Fn(f64) -> f64) -> GateDistribution {
    // Beyond ±37 the density is below 1e-16.
    continuous(a, 37.0, scale, kinks, gate, |x| {
        let (p, q): (f64, f64) = (sigmoid(x), sigmoid(-x));
        (p * q, p * q * (q - p))
    })
}

/// The distribution of `gate(a + L)` with `L` standard logistic, for a gate that is a function of `σ(z/τ)`; `kinks` are the
/// values of `z` at which it is not smooth.
pub fn tempered(a: f64, temperature: f64, kinks: &[f64], gate: impl Fn(f64) -> f64) -> GateDistribution {
    // The gate varies on the scale of the temperature: pieces of that scale around 0.
    let bends = [0.0, 1.5, 3.0, 5.0, 8.0, 12.0, 20.0, 36.0].map(|x| x * temperature);
    let cuts: Vec<f64> = kinks.iter().copied().chain(bends).chain(bends.map(|z| -z)).collect();
    logistic(a, 1.0, &cuts, gate)
}

/// One distribution or the other, with probability ½ each.
pub fn equal_mixture(one: GateDistribution, other: GateDistribution) -> GateDistribution {
    let halved = |point: SupportPoint| SupportPoint {
        weight: 0.5 * point.weight,
        weight_grad: 0.5 * point.weight_grad,
        ..point
    };
    one.into_iter().chain(other).map(halved).collect()
}

/// The distribution of `gate(z)` with `z = a + scale·N`, `N` standard normal.
pub fn normal(a: f64, scale: f64, kinks: &[f64], gate: impl Fn(f64) -> f64) -> GateDistribution {
    continuous(a, 9.0, scale, kinks, gate, |x| (normal_density(x), -x * normal_density(x)))
}

/// Nodes are placed in `x = (z − a)/scale`, between the kinks of `gate` (given as values of `z`). The derivative is taken at
/// a fixed `z`, where only the weight `ρ((z − a)/scale)` depends on the logit, so that only values of the loss are needed.
fn continuous(
    a: f64,
    reach: f64,
    scale: f64,
    kinks: &[f64],
    gate: impl Fn(f64) -> f64,
    density: impl Fn(f64) -> (f64, f64),
) -> GateDistribution {
    let mut ends = vec![-reach, reach];
    ends.extend(kinks.iter().map(|z| (z - a) / scale).filter(|x| x.abs() < reach));
    // Pieces of one and a half near the centre, wider in the tails: 12-point Gauss and Legendre then gives 1e-10.
    ends.extend(
        [-20.0, -12.0, -8.0, -5.0, -3.0, -1.5, 0.0, 1.5, 3.0, 5.0, 8.0, 12.0, 20.0]
            .into_iter()
            .filter(|x: &f64| x.abs() < reach),
    );
    ends.sort_by(f64::total_cmp);
    let mut points = GateDistribution::new();
    for piece in ends.windows(2).filter(|piece| piece[1] > piece[0]) {
        let (middle, half) = (0.5 * (piece[0] + piece[1]), 0.5 * (piece[1] - piece[0]));
        for &(node, weight) in &GAUSS {
            for x in [middle - half * node, middle + half * node] {
                let (rho, slope) = density(x);
                points.push(SupportPoint {
                    value: gate(a + scale * x),
                    weight: half * weight * rho,
                    value_grad: 0.0,
                    weight_grad: -half * weight * slope / scale,
                });
            }
        }
    }
    points
}

/// Nodes in (0, 1) and weights, which sum to 1, for expectations over a Beta(α, β) number with both parameters above 1.
///
/// In `x = logit(n)` the density is `σ(x)^α·σ(−x)^β / B(α, β)`: analytic, and 0 at both ends, so that the trapezoidal rule
/// converges exponentially (Trefethen & Weideman 2014). Its steps are a fraction of the standard deviation of x, about
/// `√(1/α + 1/β)`. Dividing by the sum of the weights removes `B(α, β)`.
pub(in crate::estimator) fn beta_rule(alpha: f64, beta: f64) -> Vec<(f64, f64)> {
    let log_density = |x: f64| -alpha * libm::log1p(libm::exp(-x)) - beta * libm::log1p(libm::exp(x));
    let mode = libm::log(alpha / beta);
    let largest = log_density(mode);
    // A singularity of `σ(a + c·n)` is within 1.7 of the real line for the noise's scale c: 0.35 gives 1e-13.
    let step = (0.5 * (1.0 / alpha + 1.0 / beta).sqrt()).min(0.35);
    let side = |direction: f64| {
        let nodes = (0_u32..).map(move |k| mode + direction * step * f64::from(k));
        nodes.map(|x| (x, libm::exp(log_density(x) - largest))).take_while(|(_, weight)| *weight > 1e-17)
    };
    let nodes: Vec<(f64, f64)> = side(1.0).chain(side(-1.0).skip(1)).collect();
    let total: f64 = nodes.iter().map(|(_, weight)| weight).sum();
    nodes.into_iter().map(|(x, weight)| (sigmoid(x), weight / total)).collect()
}

/// Positive nodes and weights of the 12-point Gauss and Legendre rule.
pub(crate) const GAUSS: [(f64, f64); 6] = [
    (0.125_233_408_511_468_9, 0.249_147_045_813_402_77),
    (0.367_831_498_998_180_2, 0.233_492_536_538_354_8),
    (0.587_317_954_286_617_5, 0.203_167_426_723_065_9),
    (0.769_902_674_194_304_7, 0.160_078_328_543_346_22),
    (0.904_117_256_370_474_9, 0.106_939_325_995_318_43),
    (0.981_560_634_246_719_3, 0.047_175_336_386_511_83),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn check(points: &GateDistribution, what: &str) {
        let total: f64 = points.iter().map(|point| point.weight).sum();
        let drift: f64 = points.iter().map(|point| point.weight_grad).sum();
        assert!((total - 1.0).abs() < 1e-9, "{what}: {total}");
        assert!(drift.abs() < 1e-9, "{what}: {drift}");
    }

    #[test]
    fn weights_sum_to_one_and_their_gradients_to_zero() {
        for a in [-4.0, 0.3, 2.0] {
            check(&bernoulli(a), "Bernoulli");
            check(&logistic(a, 1.0, &[0.0], |z| z.max(0.0)), "logistic");
            check(&normal(a, 2.0, &[0.0], |z| z.max(0.0)), "normal");
            check(&tempered(a, 0.1, &[0.3], |z| sigmoid(z / 0.1)), "tempered");
            check(&equal_mixture(bernoulli(a), normal(a, 1.0, &[], |z| z)), "mixture");
        }
    }

    /// Moments of the Beta distribution, and an expectation that is no polynomial: `E ln n = ψ(α) − ψ(α + β)`.
    #[test]
    fn the_beta_rule_has_the_moments_of_the_distribution() {
        for (alpha, beta) in [(1.011, 1.1), (5.344, 40.1), (23.1, 200.0), (2.0, 3.0)] {
            let rule = beta_rule(alpha, beta);
            let mean_of = |f: &dyn Fn(f64) -> f64| rule.iter().map(|&(n, w)| w * f(n)).sum::<f64>();
            let mean = alpha / (alpha + beta);
            let second = mean * (alpha + 1.0) / (alpha + beta + 1.0);
            let third = second * (alpha + 2.0) / (alpha + beta + 2.0);
            for (found, expected) in
                [(mean_of(&|n| n), mean), (mean_of(&|n| n * n), second), (mean_of(&|n| n * n * n), third)]
            {
                assert!((found - expected).abs() < 1e-12, "{alpha}, {beta}: {found} {expected}");
            }
            assert!(rule.len() < 400, "{}", rule.len());
        }
        // ψ(2) − ψ(5) = −(1/2 + 1/3 + 1/4).
        let found: f64 = beta_rule(2.0, 3.0).iter().map(|&(n, w)| w * libm::log(n)).sum();
        assert!((found + 13.0 / 12.0).abs() < 1e-12, "{found}");
    }

    /// `E max(0, a + L) = ln(1 + e^a)`, whose slope is `σ(a)`.
    #[test]
    fn mean_of_the_rectifier_and_its_slope() {
        for a in [-3.0, 0.0, 1.7] {
            let points = logistic(a, 1.0, &[0.0], |z| z.max(0.0));
            let mean: f64 = points.iter().map(|point| point.weight * point.value).sum();
            let grad: f64 = points.iter().map(|point| point.weight_grad * point.value).sum();
            assert!((mean - libm::log1p(libm::exp(a))).abs() < 1e-9, "{a}: {mean}");
            assert!((grad - sigmoid::<f64>(a)).abs() < 1e-9, "{a}: {grad}");
        }
    }
}
