//! The number types of the engine, and the few elementary functions that gates need.
//!
//! The engine runs in `f32`; its `f64` twin is what oracles compare with. Transcendental functions are the project's own
//! ([`functions`](super::elementwise)) for `f32` and the `libm` crate's for `f64`, never the platform's, so that they give the
//! same bits in the browser and natively.

use std::fmt::{Debug, Display};
use std::iter::Sum;

use ndarray::{LinalgScalar, ScalarOperand};
use num_traits::{Float, NumAssign};

use super::elementwise;

/// `f32` or `f64`.
///
/// A function of a slice works in place, and gives each number the same bits as the function of one number.
pub trait Real:
    Float + NumAssign + LinalgScalar + ScalarOperand + Sum + From<f32> + Debug + Display + Default + Send + Sync + 'static
{
    /// Rounds to this type.
    fn from_f64(x: f64) -> Self;
    /// Widens to `f64`.
    fn as_f64(self) -> f64;
    /// `e^x`.
    fn exponential(self) -> Self;
    /// `e^x` of each.
    fn exp_inplace(values: &mut [Self]);
    /// `e^x − 1` of each, accurate near 0.
    fn expm1_inplace(values: &mut [Self]);
    /// `ln x`; −∞ at 0, NaN below.
    fn logarithm(self) -> Self;
    /// `ln x` of each.
    fn ln_inplace(values: &mut [Self]);
    /// `ln(1 + x)` of each, accurate near 0.
    fn ln_1p_inplace(values: &mut [Self]);
    /// `tanh x`.
    fn hyperbolic_tangent(self) -> Self;
    /// `tanh x` of each.
    fn tanh_inplace(values: &mut [Self]);
    /// The logistic function `σ(a) = 1/(1+e^{−a})`, accurate in both tails.
    fn logistic(self) -> Self;
    /// `σ(a)` of each.
    fn sigmoid_of(values: &mut [Self]);
    /// `ln(p/(1 − p))`, the inverse of [`Real::logistic`]; ∓∞ at 0 and 1.
    fn log_odds(self) -> Self;
    /// `ln(p/(1 − p))` of each.
    fn logit_inplace(values: &mut [Self]);
    /// Density of the standard normal distribution at each.
    fn normal_density_inplace(values: &mut [Self]);
    /// Distribution function of the standard normal distribution at each.
    fn normal_cdf_inplace(values: &mut [Self]);
    /// Polar coordinates, a radius and an angle in turns, to points of the plane: `r cos 2πt` and `r sin 2πt`.
    fn polar_to_cartesian(radii: &mut [Self], turns: &mut [Self]);
    /// A uniform number in the open interval (0, 1) from 32 random bits: an odd multiple of 2⁻²⁴. The same in either type, and
    /// as even about ½: `1 − u` is exact and comes as often as `u`.
    fn uniform_from(word: u32) -> Self;
    /// The bits, widened, for digests and checkpoints.
    fn word(self) -> u64;
}

/// Declares functions of one number, each with its twin for slices.
macro_rules! functions {
    ($real:ty: $($one:ident, $each:ident = $function:expr;)*) => {
        $(fn $one(self) -> $real {
            $function(self)
        }
        fn $each(values: &mut [$real]) {
            elementwise::each(values, $function);
        })*
    };
}

impl Real for f32 {
    functions! { f32:
        exponential, exp_inplace = elementwise::exponential;
        logarithm, ln_inplace = elementwise::logarithm;
        hyperbolic_tangent, tanh_inplace = elementwise::hyperbolic_tangent;
        logistic, sigmoid_of = elementwise::sigmoid;
        log_odds, logit_inplace = elementwise::logit;
    }
    fn from_f64(x: f64) -> Self {
        x as Self
    }
    fn as_f64(self) -> f64 {
        f64::from(self)
    }
    fn ln_1p_inplace(values: &mut [Self]) {
        elementwise::each(values, elementwise::ln_1p);
    }
    fn expm1_inplace(values: &mut [Self]) {
        elementwise::each(values, elementwise::expm1);
    }
    fn normal_density_inplace(values: &mut [Self]) {
        elementwise::each(values, elementwise::normal_density);
    }
    fn normal_cdf_inplace(values: &mut [Self]) {
        elementwise::each(values, elementwise::normal_cdf);
    }
    fn polar_to_cartesian(radii: &mut [Self], turns: &mut [Self]) {
        for (r, t) in radii.iter_mut().zip(turns) {
            let (cosine, sine) = elementwise::sincos_turns(*t);
            (*r, *t) = (*r * cosine, *r * sine);
        }
    }
    fn uniform_from(word: u32) -> Self {
        ((word >> 9).cast_signed() as Self + 0.5) / 8_388_608.0
    }
    fn word(self) -> u64 {
        u64::from(self.to_bits())
    }
}

impl Real for f64 {
    functions! { f64:
        exponential, exp_inplace = libm::exp;
        logarithm, ln_inplace = libm::log;
        hyperbolic_tangent, tanh_inplace = libm::tanh;
        logistic, sigmoid_of = sigmoid_of_f64;
        log_odds, logit_inplace = |p: f64| libm::log(p / (1.0 - p));
    }
    fn from_f64(x: f64) -> Self {
        x
    }
    fn as_f64(self) -> f64 {
        self
    }
    fn ln_1p_inplace(values: &mut [Self]) {
        elementwise::each(values, libm::log1p);
    }
    fn expm1_inplace(values: &mut [Self]) {
        elementwise::each(values, libm::expm1);
    }
    fn normal_density_inplace(values: &mut [Self]) {
        elementwise::each(values, normal_density);
    }
    fn normal_cdf_inplace(values: &mut [Self]) {
        elementwise::each(values, normal_cdf);
    }
    fn polar_to_cartesian(radii: &mut [Self], turns: &mut [Self]) {
        for (r, t) in radii.iter_mut().zip(turns) {
            let (sine, cosine) = libm::sincos(std::f64::consts::TAU * *t);
            (*r, *t) = (*r * cosine, *r * sine);
        }
    }
    fn uniform_from(word: u32) -> Self {
        (Self::from(word >> 9) + 0.5) / 8_388_608.0
    }
    fn word(self) -> u64 {
        self.to_bits()
    }
}

fn sigmoid_of_f64(a: f64) -> f64 {
    let e = libm::exp(-a.abs());
    if a >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

/// The logistic function `σ(a) = 1/(1+e^{−a})`, accurate in both tails.
pub fn sigmoid<R: Real>(a: R) -> R {
    a.logistic()
}

/// The inverse of [`sigmoid`], for `p` strictly between 0 and 1.
pub fn logit<R: Real>(p: R) -> R {
    p.log_odds()
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
    fn a_slice_gets_the_bits_of_its_numbers() {
        // Of every length around the width of a vector, so that vectors and what is left over are both met.
        let numbers: Vec<f32> = (0..37).map(|i| (i as f32 - 17.3) * 0.37).collect();
        let probabilities: Vec<f32> = (0..37).map(|i| (i as f32 + 0.3) / 38.0).collect();
        let check = |numbers: &[f32], one: fn(f32) -> f32, each: fn(&mut [f32])| {
            for length in 0..numbers.len() {
                let mut found = numbers[..length].to_vec();
                each(&mut found);
                assert!(found.iter().zip(numbers).all(|(found, &x)| found.to_bits() == one(x).to_bits()));
            }
        };
        check(&numbers, Real::exponential, f32::exp_inplace);
        check(&numbers, Real::hyperbolic_tangent, f32::tanh_inplace);
        check(&numbers, Real::logistic, f32::sigmoid_of);
        check(&probabilities, Real::logarithm, f32::ln_inplace);
        check(&probabilities, Real::log_odds, f32::logit_inplace);
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
