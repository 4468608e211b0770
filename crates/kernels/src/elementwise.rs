//! Elementary functions in `f32` that the compiler can vectorize: additions, multiplications, divisions and bit operations, without
//! branches or tables.
//!
//! Each operation is rounded as IEEE 754 prescribes, whatever the vector width. So a number has the same function value alone
//! and in a slice, natively and in WebAssembly. Arguments may be any finite number or infinity; NaN gives NaN. The tests compare each
//! function with the `f64` function of `libm`. Error bounds are relative unless stated otherwise, for results that are not
//! subnormal.

#![allow(clippy::inline_always, reason = "a function that is not inlined into the loop over a slice is not vectorized")]

/// Applies the function to each element in place.
#[inline(always)]
pub(super) fn each<R: Copy>(values: &mut [R], function: impl Fn(R) -> R) {
    values.iter_mut().for_each(|x| *x = function(*x));
}

/// Adding and subtracting 1.5·2²³ rounds to the nearest integer.
const ROUND: f32 = 12_582_912.0;

/// Clamps to `low..=high`; NaN stays NaN. Two comparisons, because `f32::max` is not one instruction in WebAssembly.
#[inline(always)]
fn clamp(x: f32, low: f32, high: f32) -> f32 {
    let x = if x < low { low } else { x };
    if x > high { high } else { x }
}

/// `2ⁿ` for `−126 ≤ n ≤ 127`.
#[inline(always)]
fn power_of_two(n: i32) -> f32 {
    f32::from_bits((n.wrapping_add(127) << 23).cast_unsigned())
}

/// `x = n ln 2 + r` with `|r| ≤ ½ ln 2`: returns `n` and `e^r − 1`.
#[inline(always)]
fn reduced_exponential(x: f32) -> (i32, f32) {
    // ln 2 as a sum of two numbers. The product of n and the first is exact.
    const HIGH: f32 = 0.693_359_4;
    const LOW: f32 = -2.121_944_4e-4;
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    // The low bits of `rounded` are n. A float-to-integer conversion would not vectorize.
    let n = rounded.to_bits().cast_signed().wrapping_sub(ROUND.to_bits().cast_signed());
    let whole = rounded - ROUND;
    let r = (x - whole * HIGH) - whole * LOW;
    // Minimax coefficients near 1/2!, 1/3!, … (Cephes). Evaluating them in pairs shortens the dependency chain.
    let z = r * r;
    let series = z * ((4.166_579_6e-2 + r * 8.333_452e-3) + z * (1.398_2e-3 + r * 1.987_569_1e-4));
    let series = (0.5 + r * 0.166_666_65) + series;
    (n, r + z * series)
}

/// `e^x` to 1.3e-7.
#[inline(always)]
pub(super) fn exponential(x: f32) -> f32 {
    // Beyond these arguments the result is 0 or infinite.
    let (n, growth) = reduced_exponential(clamp(x, -104.0, 89.0));
    // 2ⁿ as two factors, since n ranges from −150 (subnormal results) to 128.
    let half = n >> 1;
    (1.0 + growth) * power_of_two(half) * power_of_two(n.wrapping_sub(half))
}

/// `e^x − 1` to 2e-7, also near 0.
#[inline(always)]
pub(super) fn expm1(x: f32) -> f32 {
    let (n, growth) = reduced_exponential(clamp(x, -80.0, 89.0));
    // Half of 2ⁿ(e^r − 1) + (2ⁿ − 1), because n reaches 128.
    let power = power_of_two(n.wrapping_sub(1));
    2.0 * (power * growth + (power - 0.5))
}

/// `tanh x` to 2.5e-7, also near 0; exactly ±1 beyond about ±9.
#[inline(always)]
pub(super) fn hyperbolic_tangent(x: f32) -> f32 {
    let e = expm1(2.0 * clamp(x.abs(), 0.0, 10.0));
    (e / (e + 2.0)).copysign(x)
}

/// `1/(1 + e^−x)` to 2.5e-7, also in the lower tail.
#[inline(always)]
pub(super) fn sigmoid(x: f32) -> f32 {
    let e = exponential(-x.abs());
    let numerator = if x < 0.0 { e } else { 1.0 };
    numerator / (1.0 + e)
}

/// `y = 2ⁿ(1 + f)` with `1 + f` between √½ and √2, for positive `y` that is not subnormal.
#[inline(always)]
fn reduced_logarithm(y: f32) -> (i32, f32) {
    // The bits of √½. After subtracting them the exponent field is n.
    const ROOT_HALF: u32 = 0x3f35_04f3;
    let n = y.to_bits().wrapping_sub(ROOT_HALF).cast_signed() >> 23;
    (n, f32::from_bits(y.to_bits().wrapping_sub((n << 23).cast_unsigned())) - 1.0)
}

/// `n ln 2 + ln(1 + f)`, the latter as `2 artanh s` with `s = f/(2 + f)`, with the leading terms `f − ½f²` added separately.
#[inline(always)]
fn sum_of_logarithms(n: i32, f: f32) -> f32 {
    const HIGH: f32 = 0.693_138_1;
    const LOW: f32 = 9.058_001e-6;
    let s = f / (2.0 + f);
    let z = s * s;
    // Minimax coefficients near 2/3, 2/5, 2/7, 2/9 (FreeBSD's logf, as in libm).
    let w = z * z;
    let series = z * (0.666_666_6 + w * 0.284_987_87) + w * (0.400_009_72 + w * 0.242_790_79);
    let half_square = 0.5 * f * f;
    let n = n as f32;
    s * (half_square + series) + n * LOW - half_square + f + n * HIGH
}

/// `ln x` to 1.2e-7; −∞ at 0 and NaN below.
#[inline(always)]
pub(super) fn logarithm(x: f32) -> f32 {
    let subnormal = x < f32::MIN_POSITIVE;
    let (n, f) = reduced_logarithm(if subnormal { x * 8_388_608.0 } else { x });
    let result = sum_of_logarithms(if subnormal { n - 23 } else { n }, f);
    finite_logarithm(x, result, x)
}

/// `ln(1 + x)` to 3e-7, also near 0; −∞ at −1 and NaN below.
#[inline(always)]
pub(super) fn ln_1p(x: f32) -> f32 {
    let y = 1.0 + x;
    let (n, f) = reduced_logarithm(y);
    // With n = 0, x itself is more precise than (1 + x) − 1.
    finite_logarithm(y, sum_of_logarithms(n, if n == 0 { x } else { f }), x)
}

/// `result` for positive finite `y`, else the logarithm of `y`: `beyond` for infinity and NaN.
#[inline(always)]
fn finite_logarithm(y: f32, result: f32, beyond: f32) -> f32 {
    let result = if y < f32::INFINITY { result } else { beyond };
    let result = if y < 0.0 { f32::NAN } else { result };
    if y == 0.0 { f32::NEG_INFINITY } else { result }
}

/// `ln(p/(1 − p))` to 4e-7, also near ½; −∞ at 0 and subnormal numbers, ∞ at 1, NaN outside.
#[inline(always)]
pub(super) fn logit(p: f32) -> f32 {
    // p/(1 − p) = 1 + (2p − 1)/(1 − p), mirrored below ½. The difference is exact where it is small.
    let rest = 1.0 - p;
    let less = if p < rest { p } else { rest };
    let distance = p - 0.5;
    ln_1p((distance + distance).abs() / less).copysign(distance)
}

/// Density of the standard normal distribution, to 3e-7 within ±1 and to `1.3e-7·(2 + x²)` beyond.
#[inline(always)]
pub(super) fn normal_density(x: f32) -> f32 {
    exponential(-0.5 * x * x) * 0.398_942_3
}

/// Distribution function of the standard normal distribution, to `1e-6·(1 + x²)`, also in the lower tail.
#[inline(always)]
pub(super) fn normal_cdf(x: f32) -> f32 {
    let t = 1.0 / (1.0 + x.abs() * (0.5 * std::f32::consts::FRAC_1_SQRT_2));
    // Chebyshev fit of erfc in this t (Press et al., Numerical Recipes), to 1.2e-7 relative.
    let fit = 0.278_868_07 + t * (-1.135_204 + t * (1.488_515_9 + t * (-0.822_152_2 + t * 0.170_872_77)));
    let fit = 1.000_023_7 + t * (0.374_091_96 + t * (0.096_784_18 + t * (-0.186_288_06 + t * fit)));
    let tail = 0.5 * t * exponential((-0.5 * x * x - 1.265_512_2) + t * fit);
    if x < 0.0 { tail } else { 1.0 - tail }
}

/// `(cos 2πt, sin 2πt)` to 1.5e-7 absolute, for `|t|` up to a million.
#[inline(always)]
pub(super) fn sincos_turns(t: f32) -> (f32, f32) {
    let rounded = 4.0 * t + ROUND;
    let quarter = rounded.to_bits();
    // Exact, and at most one eighth of a turn.
    let x = (t - 0.25 * (rounded - ROUND)) * std::f32::consts::TAU;
    let z = x * x;
    // Minimax coefficients near those of the Taylor series (Cephes).
    let sine = x + x * z * (-0.166_666_55 + z * (8.332_161e-3 + z * -1.951_529_6e-4));
    let cosine = 1.0 - 0.5 * z + z * z * (4.166_664_6e-2 + z * (-1.388_731_6e-3 + z * 2.443_315_7e-5));
    let odd = quarter & 1 == 1;
    let (cosine, sine) = if odd { (sine, cosine) } else { (cosine, sine) };
    let signed = |x: f32, half_turn: u32| f32::from_bits(x.to_bits() ^ ((half_turn & 2) << 30));
    (signed(cosine, quarter.wrapping_add(1)), signed(sine, quarter))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::special;

    /// Many points of `low..high`: equidistant ones, and ones with equidistant exponents.
    fn points(low: f32, high: f32) -> impl Iterator<Item = f32> {
        let even = (0..400_000).map(move |i| low + (high - low) * (i as f32 / 400_000.0));
        let scaled = (0..400_000).flat_map(|i| {
            let x = f32::from_bits(i * 5351 + 0x0080_0000);
            [x, -x]
        });
        even.chain(scaled.filter(move |x| *x > low && *x < high))
    }

    /// Largest relative error where the exact result is neither subnormal nor above the largest `f32`.
    fn worst(low: f32, high: f32, found: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64) -> f64 {
        points(low, high)
            .map(|x| (f64::from(found(x)), exact(f64::from(x))))
            .filter(|(_, exact)| exact.abs() >= f64::from(f32::MIN_POSITIVE) && exact.abs() <= f64::from(f32::MAX))
            .map(|(found, exact)| ((found - exact) / exact).abs())
            .fold(0.0, f64::max)
    }

    #[test]
    fn every_function_keeps_its_bound() {
        let sigmoid64 = |x: f64| 1.0 / (1.0 + libm::exp(-x));
        // Near ½ the quotient p/(1 − p) is too imprecise for its logarithm; far from ½ the form 1 + … is.
        let logit64 = |p: f64| {
            if p < 0.25 { libm::log(p / (1.0 - p)) } else { libm::log1p((2.0 * p - 1.0) / (1.0 - p)) }
        };
        for (name, error, bound) in [
            ("exp", worst(-105.0, 90.0, exponential, libm::exp), 1.3e-7),
            ("expm1", worst(-105.0, 90.0, expm1, libm::expm1), 2e-7),
            ("tanh", worst(-20.0, 20.0, hyperbolic_tangent, libm::tanh), 2.5e-7),
            ("sigmoid", worst(-88.0, 88.0, sigmoid, sigmoid64), 2.5e-7),
            ("ln", worst(0.0, f32::MAX, logarithm, libm::log), 1.2e-7),
            ("ln near 1", worst(0.9, 1.1, logarithm, libm::log), 1.2e-7),
            ("log1p", worst(-1.0, f32::MAX, ln_1p, libm::log1p), 3e-7),
            ("log1p near 0", worst(-1.0, 4.0, ln_1p, libm::log1p), 3e-7),
            ("logit", worst(f32::MIN_POSITIVE, 1.0, logit, logit64), 4e-7),
        ] {
            assert!(error < bound, "{name}: {error:e}");
        }
    }

    #[test]
    fn sine_and_cosine_keep_their_bound() {
        let mut worst = 0.0_f64;
        for t in points(-3.0, 3.0) {
            let (cosine, sine) = sincos_turns(t);
            let angle = std::f64::consts::TAU * f64::from(t);
            worst = worst.max((f64::from(cosine) - libm::cos(angle)).abs());
            worst = worst.max((f64::from(sine) - libm::sin(angle)).abs());
        }
        assert!(worst < 1.5e-7, "{worst:e}");
        assert!(sincos_turns(f32::NAN).0.is_nan() && sincos_turns(f32::NAN).1.is_nan());
    }

    #[test]
    fn the_normal_distribution_keeps_its_bounds() {
        for x in points(-13.0, 13.0) {
            let wide = f64::from(x);
            for (name, found, exact, bound) in [
                ("Φ", normal_cdf(x), special::normal_cdf(wide), 1e-6 * (1.0 + wide * wide)),
                ("φ", normal_density(x), special::normal_density(wide), 1.3e-7 * (2.0 + wide * wide)),
            ] {
                assert!((f64::from(found) - exact).abs() <= bound * exact, "{name} at {x}: {found}, {exact}");
            }
        }
    }

    #[test]
    fn limits_and_special_values() {
        let (inf, nan) = (f32::INFINITY, f32::NAN);
        for (found, expected) in [
            (exponential(inf), inf),
            (exponential(-inf), 0.0),
            (exponential(f32::MAX), inf),
            (exponential(-f32::MAX), 0.0),
            (expm1(inf), inf),
            (expm1(-inf), -1.0),
            (hyperbolic_tangent(inf), 1.0),
            (hyperbolic_tangent(-f32::MAX), -1.0),
            (hyperbolic_tangent(9.5), 1.0),
            (sigmoid(inf), 1.0),
            (sigmoid(-inf), 0.0),
            (sigmoid(0.0), 0.5),
            (logarithm(inf), inf),
            (logarithm(0.0), -inf),
            (logarithm(-0.0), -inf),
            (logarithm(1.0), 0.0),
            (ln_1p(inf), inf),
            (ln_1p(-1.0), -inf),
            (normal_cdf(inf), 1.0),
            (normal_cdf(-inf), 0.0),
            (normal_density(inf), 0.0),
            (logit(0.0), -inf),
            (logit(1.0), inf),
            (logit(0.5), 0.0),
        ] {
            assert!(found.to_bits() == expected.to_bits(), "{found} instead of {expected}");
        }
        let functions =
            [exponential, expm1, hyperbolic_tangent, sigmoid, logarithm, ln_1p, logit, normal_cdf, normal_density];
        assert!(functions.iter().all(|f| f(nan).is_nan()));
        assert!([logarithm(-1.0), logarithm(-inf), ln_1p(-1.5), logit(-0.1), logit(1.1)].iter().all(|x| x.is_nan()));
    }

    #[test]
    fn subnormal_arguments_and_results() {
        let least = f32::from_bits(1);
        assert!((logarithm(least) + 103.278_93).abs() < 1e-5);
        for x in [-90.0_f32, -100.0, -103.0] {
            assert!((f64::from(exponential(x)) - libm::exp(f64::from(x))).abs() < 1.5e-45);
        }
        assert!(exponential(-103.9) > 0.0 && sigmoid(-103.0) > 0.0 && hyperbolic_tangent(1e-37) > 0.0);
    }
}
