//! Functions of one `f64`: the normal distribution and softplus.
//!
//! All of them are built on `libm`, not on the platform's mathematical library, so native and WebAssembly builds give the same bits.

/// Softplus `ln(1 + e^a)`, without overflow for large `a`.
pub fn ln_one_plus_exp(a: f64) -> f64 {
    a.max(0.0) + libm::log1p(libm::exp(-a.abs()))
}

/// Density of the standard normal distribution, `e^{−x²/2}/√(2π)`.
pub fn normal_density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x) / (2.0 * std::f64::consts::PI).sqrt()
}

/// Distribution function Φ of the standard normal distribution, by the complementary error function.
pub fn normal_cdf(x: f64) -> f64 {
    0.5 * libm::erfc(-x / std::f64::consts::SQRT_2)
}

/// Inverse of [`normal_cdf`] for 0 < p < 1, to 1e-12. Runs 100 bisections: too slow for inner loops.
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

/// `σ(a) = 1/(1 + e^{−a})`, accurate in both tails.
pub(crate) fn sigmoid(a: f64) -> f64 {
    let e = libm::exp(-a.abs());
    if a >= 0.0 { 1.0 / (1.0 + e) } else { e / (1.0 + e) }
}

#[cfg(test)]
mod tests {
    use super::*;

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
