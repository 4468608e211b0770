//! Gradients that the laboratory calls exact, compared with routes that share no code with them: sums over a fine grid of the
//! noise, differences of expectations, and draws.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

use gatelab_engine::estimator::{Estimator, GateDraw, beta_alpha, beta_scale};
use gatelab_engine::lab::{ObjectiveKind, ReferenceGradient};
use gatelab_kernels::{Matrix, Purpose, Rng};

use crate::common::{assert_close, choice, make_with, number, plain_sigmoid};

/// Mode of the Beta noise.
const MODE: f64 = 0.1;
/// The smallest second parameter, the paper's, and the largest.
const BETAS: [f64; 3] = [1.1, 40.1, 200.0];

fn with_beta_noise(id: &str, beta: f64) -> Box<dyn Estimator<f64>> {
    make_with(id, &[("logit-noise", choice("beta")), ("beta", number(beta))])
}

/// `E f` of one gate, by midpoints of 400,000 cells of the noise in `t` with `n = t²(3 − 2t)`, which flattens the density's ends.
fn expected(id: &str, beta: f64, a: f64, f: impl Fn(f64) -> f64) -> f64 {
    const CELLS: u32 = 400_000;
    let (alpha, scale) = (beta_alpha(MODE, beta), beta_scale(MODE));
    let (mut sum, mut total) = (0.0, 0.0);
    for k in 0..CELLS {
        let t = (f64::from(k) + 0.5) / f64::from(CELLS);
        let n = t * t * (3.0 - 2.0 * t);
        // Relative to the density at its mode, since its normalisation cancels.
        let log = (alpha - 1.0) * (n / MODE).ln() + (beta - 1.0) * ((1.0 - n) / (1.0 - MODE)).ln();
        let weight = log.exp() * t * (1.0 - t);
        let p = plain_sigmoid(a + scale * (n - 0.5));
        let open = if id == "sts" { p.sqrt() } else { p };
        sum += weight * (open * f(p.sqrt()) + (1.0 - open) * f(0.0));
        total += weight;
    }
    sum / total
}

/// STS with Beta noise: the derivative of `E f` over noise and coin, one gate.
#[test]
fn the_exact_gradient_with_beta_noise_is_the_derivative_of_the_expected_loss() {
    let target = 0.45;
    let loss = ObjectiveKind::Power { target, power: 2.0 }.build(1);
    for id in ["sts", "sts-released"] {
        for beta in BETAS {
            for a in [-1.3, 0.4, 2.5] {
                let law = with_beta_noise(id, beta).distribution(a);
                let found = ReferenceGradient::new(loss.as_ref(), &[a], &[law], 1);
                assert!(found.is_exact(), "{id}, β = {beta}, a = {a}");
                let at = |step: f64| expected(id, beta, a + step, |h| (h - target).powi(2));
                let wanted = (at(1e-3) - at(-1e-3)) / 2e-3;
                assert_close(found.gradient()[0], wanted, 1e-7, &format!("{id}, β = {beta}, a = {a}"));
                // With the noise replaced by its mean, the gradient is another.
                let alpha = beta_alpha(MODE, beta);
                let mean = beta_scale(MODE) * (alpha / (alpha + beta) - 0.5);
                let p = plain_sigmoid(a + mean);
                let (root, slope) = (p.sqrt(), 0.5 * p.sqrt() * (1.0 - p));
                let (open, moved) = if id == "sts" { (root, slope) } else { (p, p * (1.0 - p)) };
                let (f1, f0) = ((root - target).powi(2), target.powi(2));
                let by_mean = moved * (f1 - f0) + open * slope * 2.0 * (root - target);
                assert!((by_mean - wanted).abs() > 1e-6, "{id}, β = {beta}, a = {a}: {by_mean} {wanted}");
            }
        }
    }
}

/// The distribution of a gate with Beta noise has the moments of the forward draw's gates.
#[test]
fn the_distribution_with_beta_noise_is_that_of_the_draw() {
    const DRAWS: usize = 400_000;
    for id in ["sts", "sts-released"] {
        for beta in BETAS {
            let (mut estimator, a) = (with_beta_noise(id, beta), 0.4);
            let (logits, mut draw) = (Matrix::from_elem((DRAWS, 1), a), GateDraw::new(DRAWS, 1));
            estimator.draw(&logits, &mut Rng::new(5, Purpose::Measurement, 0), &mut draw);
            let law = estimator.distribution(a);
            for power in [0, 1, 2, 4] {
                // Whether it is open, its mean, and two higher moments.
                let f = |h: f64| if power == 0 { f64::from(u8::from(h > 0.0)) } else { h.powi(power) };
                let drawn: Vec<f64> = draw.gates.values().iter().map(|&h| f(h)).collect();
                let mean = drawn.iter().sum::<f64>() / DRAWS as f64;
                let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / DRAWS as f64;
                let wanted: f64 = law.iter().map(|atom| atom.weight * f(atom.value)).sum();
                let error = (variance / DRAWS as f64).sqrt();
                assert_close(mean, wanted, 4.5 * error, &format!("{id}, β = {beta}, moment {power}"));
            }
        }
    }
}

/// Two gates with Beta noise: the sum over pairs of values, against differences of `E f` by nested averages.
#[test]
fn two_gates_with_beta_noise_are_enumerated_together() {
    let loss = ObjectiveKind::Softmax { classes: 3, seed: 4 }.build(2);
    let estimator = with_beta_noise("sts", 40.1);
    let logits = [-0.5, 0.8];
    let expected = |logits: [f64; 2]| -> f64 {
        let [x, y] = logits.map(|a| estimator.distribution(a));
        let pairs = x.iter().flat_map(|one| y.iter().map(move |other| (one, other)));
        pairs.map(|(one, other)| one.weight * other.weight * loss.value(&[one.value, other.value])).sum()
    };
    let laws = logits.map(|a| estimator.distribution(a));
    let found = ReferenceGradient::new(loss.as_ref(), &logits, &laws, 1);
    assert!(found.is_exact());
    for i in 0..2 {
        let at = |step: f64| {
            let mut changed = logits;
            changed[i] += step;
            expected(changed)
        };
        assert_close(found.gradient()[i], (at(1e-4) - at(-1e-4)) / 2e-4, 1e-8, "gate");
    }
}
