//! The number types of the crate, and the elementary functions that neural networks need.
//!
//! Neither type uses the platform's mathematical library, so that native and WebAssembly builds give the same bits: `f32` uses
//! the vectorizable functions of this crate, `f64` the `libm` crate.

use std::fmt::{Debug, Display};
use std::iter::Sum;

use bytemuck::Pod;
use ndarray::{LinalgScalar, ScalarOperand};
use num_traits::{Float, NumAssign};

use super::{elementwise, special};

/// `f32` or `f64`.
///
/// The functions of one number have names of their own (`exponential`, not `exp`), because those of `Float` may differ in bits
/// between platforms. Each function of a slice works in place and gives every element the same bits as the function of one number.
pub trait Real:
    Float
    + NumAssign
    + LinalgScalar
    + ScalarOperand
    + Sum
    + Pod
    + From<f32>
    + Debug
    + Display
    + Default
    + Send
    + Sync
    + 'static
{
    /// Rounds to this type.
    fn from_f64(x: f64) -> Self;
    /// Converts to `f64`, which is exact.
    fn as_f64(self) -> f64;
    /// `e^x`.
    fn exponential(self) -> Self;
    /// `e^x` of each element.
    fn exp_inplace(values: &mut [Self]);
    /// `e^x − 1` of each element, accurate near 0.
    fn expm1_inplace(values: &mut [Self]);
    /// `ln x`; −∞ at 0, NaN below.
    fn logarithm(self) -> Self;
    /// `ln x` of each element.
    fn ln_inplace(values: &mut [Self]);
    /// `ln(1 + x)` of each element, accurate near 0.
    fn ln_1p_inplace(values: &mut [Self]);
    /// `tanh x`.
    fn hyperbolic_tangent(self) -> Self;
    /// `tanh x` of each element.
    fn tanh_inplace(values: &mut [Self]);
    /// The logistic function `σ(a) = 1/(1 + e^{−a})`, accurate in both tails.
    fn logistic(self) -> Self;
    /// `σ(a)` of each element.
    fn sigmoid_inplace(values: &mut [Self]);
    /// `ln(p/(1 − p))`, the inverse of [`Real::logistic`]; −∞ at 0, ∞ at 1.
    fn log_odds(self) -> Self;
    /// `ln(p/(1 − p))` of each element.
    fn logit_inplace(values: &mut [Self]);
    /// Density of the standard normal distribution at each element.
    fn normal_density_inplace(values: &mut [Self]);
    /// Distribution function of the standard normal distribution at each element.
    fn normal_cdf_inplace(values: &mut [Self]);
    /// Polar to Cartesian coordinates: a radius r and an angle t in turns become `r cos 2πt` and `r sin 2πt`.
    ///
    /// # Panics
    /// If the lengths differ.
    fn polar_to_cartesian(radii: &mut [Self], turns: &mut [Self]);
    /// A uniform number in the open interval (0, 1) from 32 random bits: an odd multiple of 2⁻²⁴, the same in either type. The
    /// distribution is symmetric about ½ and `1 − u` is exact.
    fn uniform_from(word: u32) -> Self;
    /// The bits, zero-extended to 64.
    fn word(self) -> u64;
}

/// Asserts that every radius has an angle.
fn check_polar<R>(radii: &[R], turns: &[R]) {
    assert_eq!(radii.len(), turns.len(), "an angle for every radius");
}

/// Defines functions of one number together with their in-place functions of slices.
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
        logistic, sigmoid_inplace = elementwise::sigmoid;
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
        check_polar(radii, turns);
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
        logistic, sigmoid_inplace = special::sigmoid;
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
        elementwise::each(values, special::normal_density);
    }
    fn normal_cdf_inplace(values: &mut [Self]) {
        elementwise::each(values, special::normal_cdf);
    }
    fn polar_to_cartesian(radii: &mut [Self], turns: &mut [Self]) {
        check_polar(radii, turns);
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

/// The logistic function `σ(a) = 1/(1+e^{−a})`, accurate in both tails.
pub fn sigmoid<R: Real>(a: R) -> R {
    a.logistic()
}

/// The inverse of [`sigmoid`], for `p` strictly between 0 and 1.
pub fn logit<R: Real>(p: R) -> R {
    p.log_odds()
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
        // Lengths around the width of a vector cover both the vector loop and its remainder.
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
        check(&numbers, Real::logistic, f32::sigmoid_inplace);
        check(&probabilities, Real::logarithm, f32::ln_inplace);
        check(&probabilities, Real::log_odds, f32::logit_inplace);
    }
}
