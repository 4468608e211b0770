//! The number types of the engine, and the few elementary functions that gates need.
//!
//! The engine runs in `f32`; its `f64` twin is what oracles compare with. All transcendental functions come from the `libm`
//! crate, so that they give the same bits in the browser and natively.

use std::fmt::{Debug, Display};
use std::iter::Sum;

use ndarray::{LinalgScalar, ScalarOperand};
use num_traits::{Float, NumAssign};

use super::gemm::{Gemm, MatrixMultiply};

/// `f32` or `f64`.
pub trait Real:
    Float + NumAssign + LinalgScalar + ScalarOperand + Sum + From<f32> + Debug + Display + Default + Send + Sync + 'static
{
    /// Rounds to this type.
    fn of(x: f64) -> Self;
    /// Widens to `f64`.
    fn wide(self) -> f64;
    /// `e^x`.
    fn exponential(self) -> Self;
    /// `ln x`.
    fn logarithm(self) -> Self;
    /// `tanh x`.
    fn hyperbolic_tangent(self) -> Self;
    /// The bits, widened, for digests and checkpoints.
    fn word(self) -> u64;
    /// The matrix product in use.
    fn gemm() -> &'static dyn Gemm<Self>;
}

impl Real for f32 {
    fn of(x: f64) -> Self {
        x as Self
    }
    fn wide(self) -> f64 {
        f64::from(self)
    }
    fn exponential(self) -> Self {
        libm::expf(self)
    }
    fn logarithm(self) -> Self {
        libm::logf(self)
    }
    fn hyperbolic_tangent(self) -> Self {
        libm::tanhf(self)
    }
    fn word(self) -> u64 {
        u64::from(self.to_bits())
    }
    fn gemm() -> &'static dyn Gemm<Self> {
        &MatrixMultiply
    }
}

impl Real for f64 {
    fn of(x: f64) -> Self {
        x
    }
    fn wide(self) -> f64 {
        self
    }
    fn exponential(self) -> Self {
        libm::exp(self)
    }
    fn logarithm(self) -> Self {
        libm::log(self)
    }
    fn hyperbolic_tangent(self) -> Self {
        libm::tanh(self)
    }
    fn word(self) -> u64 {
        self.to_bits()
    }
    fn gemm() -> &'static dyn Gemm<Self> {
        &MatrixMultiply
    }
}

/// The logistic function `σ(a) = 1/(1+e^{−a})`, accurate in both tails.
pub fn sigmoid<R: Real>(a: R) -> R {
    let e = (-a.abs()).exponential();
    if a >= R::zero() { R::one() / (R::one() + e) } else { e / (R::one() + e) }
}

/// The inverse of [`sigmoid`], for `p` strictly between 0 and 1.
pub fn logit<R: Real>(p: R) -> R {
    (p / (R::one() - p)).logarithm()
}

/// `ln(1 + e^a)` without overflow: the mean of a rectifier with logistic noise.
pub fn ln_one_plus_exp(a: f64) -> f64 {
    a.max(0.0) + libm::log1p(libm::exp(-a.abs()))
}

/// Density of the standard normal distribution.
pub fn normal_density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x) / (2.0 * std::f64::consts::PI).sqrt()
}

/// Distribution function of the standard normal distribution.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// Inverse of [`normal_cdf`] by bisection, for `p` strictly between 0 and 1; to 1e-12. Not for inner loops.
pub fn normal_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-40.0, 40.0);
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if normal_cdf(middle) < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sigmoid_and_logit_are_inverse_and_accurate_in_the_tails() {
        for a in [-30.0, -3.0, -1e-9, 0.0, 0.7, 20.0] {
            let p: f64 = sigmoid(a);
            if a < 10.0 {
                assert!((logit(p) - a).abs() < 1e-12 * (1.0 + a.abs()), "{a}");
            }
            assert!((p + sigmoid(-a) - 1.0).abs() < 1e-15);
        }
        assert!((sigmoid(-700.0_f64) - libm::exp(-700.0)).abs() < 1e-310);
    }

    #[test]
    fn softplus_matches_its_definition() {
        for a in [-5.0, 0.0, 0.5, 3.0] {
            assert!((ln_one_plus_exp(a) - libm::log(1.0 + libm::exp(a))).abs() < 1e-12);
        }
        assert!((ln_one_plus_exp(1e4) - 1e4).abs() < 1e-12);
    }

    #[test]
    fn normal_distribution_values() {
        assert!((normal_cdf(-1.0) - 0.158_655_253_931_457).abs() < 1e-12);
        assert!((normal_density(0.0) - 0.398_942_280_401_433).abs() < 1e-12);
        assert!((normal_quantile(0.1) + 1.281_551_565_544_6).abs() < 1e-10);
    }
}
