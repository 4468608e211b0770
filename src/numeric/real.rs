//! The number types of the engine, and the few elementary functions that gates need.
//!
//! The engine runs in `f32`; its `f64` twin is what oracles compare with. All transcendental functions come from the `libm`
//! crate, so that they give the same bits in the browser and natively.

use std::fmt::{Debug, Display};
use std::iter::Sum;

use ndarray::{LinalgScalar, ScalarOperand};
use num_traits::{Float, NumAssign};

use super::products::{Gemm, MatrixMultiply, Packed};

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
    /// `ln(1 + x)` in place, accurate near 0, for `x > −1`; in `f32` to 3e-7 relative, in a form that vectorises.
    fn logarithm_of_one_plus(values: &mut [Self]);
    /// `e^x − 1` in place, accurate near 0, for `x` up to 80; in `f32` to 2e-7 relative, in a form that vectorises.
    fn exponential_minus_one(values: &mut [Self]);
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
    fn logarithm_of_one_plus(values: &mut [Self]) {
        values.iter_mut().for_each(|x| *x = logarithm_of_one_plus(*x));
    }
    fn exponential_minus_one(values: &mut [Self]) {
        values.iter_mut().for_each(|x| *x = exponential_minus_one(*x));
    }
    fn hyperbolic_tangent(self) -> Self {
        libm::tanhf(self)
    }
    fn word(self) -> u64 {
        u64::from(self.to_bits())
    }
    fn gemm() -> &'static dyn Gemm<Self> {
        &Packed
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
    fn logarithm_of_one_plus(values: &mut [Self]) {
        values.iter_mut().for_each(|x| *x = libm::log1p(*x));
    }
    fn exponential_minus_one(values: &mut [Self]) {
        values.iter_mut().for_each(|x| *x = libm::expm1(*x));
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

/// `e^x − 1` without a branch: `x = n ln 2 + r` with `|r| ≤ ½ ln 2`, `e^r − 1` by its series, then `2ⁿ(e^r − 1) + (2ⁿ − 1)`.
fn exponential_minus_one(x: f32) -> f32 {
    // ln 2 in two parts, so that n times the first is exact.
    const HIGH: f32 = 0.693_359_4;
    const LOW: f32 = -2.121_944_4e-4;
    // Adding and taking away 1.5·2²³ rounds to the nearest whole number.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-80.0, 80.0);
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let n = rounded - ROUND;
    let r = (x - n * HIGH) - n * LOW;
    let series = 1.0 / 720.0 + r * (1.0 / 5040.0 + r * (1.0 / 40320.0));
    let series = r * r * (0.5 + r * (1.0 / 6.0 + r * (1.0 / 24.0 + r * (1.0 / 120.0 + r * series))));
    // The last bits of `rounded` are n: shifted into the exponent without a conversion, which would not vectorise.
    let power = f32::from_bits((rounded.to_bits() << 23).wrapping_add(127 << 23));
    power * (r + series) + (power - 1.0)
}

/// `ln(1 + x)` without a branch: `1 + x = 2ⁿ(1 + f)` with `1 + f` between √½ and √2, then `n ln 2 + 2 artanh(f/(2 + f))`.
fn logarithm_of_one_plus(x: f32) -> f32 {
    // Bits of √½: subtracting them makes the exponent field n.
    const ROOT_HALF: u32 = 0x3f35_04f3;
    let y = 1.0 + x;
    let n = y.to_bits().wrapping_sub(ROOT_HALF).cast_signed() >> 23;
    let reduced = f32::from_bits((y.to_bits().cast_signed() - (n << 23)).cast_unsigned()) - 1.0;
    // Where nothing was taken out, x itself has digits that 1 + x has lost.
    let f = if n == 0 { x } else { reduced };
    let s = f / (2.0 + f);
    let z = s * s;
    let series = 2.0 / 3.0 + z * (2.0 / 5.0 + z * (2.0 / 7.0 + z * (2.0 / 9.0)));
    n as f32 * std::f32::consts::LN_2 + (2.0 * s + s * z * series)
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
    fn e_to_the_x_minus_one_keeps_its_digits() {
        let mut worst = 0.0_f64;
        for i in -8000..8000 {
            let x = i as f32 * 0.01 + 1e-4 * (i % 7) as f32;
            let mut found = [x, x * 1e-4];
            f32::exponential_minus_one(&mut found);
            for (found, x) in found.into_iter().zip([x, x * 1e-4]) {
                let exact = libm::expm1(f64::from(x));
                if exact.abs() > 0.0 {
                    worst = worst.max(((f64::from(found) - exact) / exact).abs());
                }
            }
        }
        assert!(worst < 2e-7, "{worst:e}");
    }

    #[test]
    fn the_logarithm_of_one_plus_x_keeps_its_digits() {
        let mut worst = 0.0_f64;
        for i in -999..4000 {
            for x in [i as f32 * 1e-3, i as f32 * 1e-6, i as f32 * 0.7] {
                let exact = libm::log1p(f64::from(x));
                if x > -1.0 && exact.abs() > 0.0 {
                    let mut found = [x];
                    f32::logarithm_of_one_plus(&mut found);
                    worst = worst.max(((f64::from(found[0]) - exact) / exact).abs());
                }
            }
        }
        assert!(worst < 3e-7, "{worst:e}");
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
