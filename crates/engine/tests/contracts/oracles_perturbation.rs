//! Estimates from small perturbations (SPSA; Fiete and Seung 2006) are biased by the size of their noise; Theorem 1, which
//! multiplies by the perturbation instead of dividing, is not, however large its noise.

use crate::common::perturbation::{fiete_seung, spsa};
use crate::common::toy::{Loss, enumerate_coins, expected_loss, mean_gradient};
use crate::common::{assert_close, differences, make};

/// Neither quadratic nor symmetric.
fn loss(u: &[f64]) -> f64 {
    (0.8 * u[0] - 0.3 * u[1]).exp() + (u[0] * u[1] + 0.5 * u[1]).sin()
}

fn gradient(at: [f64; 2]) -> [f64; 2] {
    [0, 1].map(|i| {
        let moved = |x: f64| {
            let mut u = at;
            u[i] = x;
            loss(&u)
        };
        differences::derivative(moved, at[i], 1e-3)
    })
}

fn largest(found: &[f64], truth: &[f64]) -> f64 {
    found.iter().zip(truth).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

#[test]
fn the_bias_of_small_perturbations_falls_with_the_square_of_their_size() {
    let at = [0.4, -0.7];
    let truth = gradient(at);
    let rules: [(&str, &dyn Fn(f64) -> f64); 2] = [
        ("SPSA", &|sigma| largest(&spsa(&loss, &at, sigma), &truth)),
        ("Fiete and Seung", &|sigma| largest(&fiete_seung(&loss, at, sigma), &truth)),
    ];
    for (name, bias) in rules {
        assert!(bias(1.0) > 0.05, "{name}: at σ = 1 the bias is plain, found {}", bias(1.0));
        for sigma in [0.1, 0.05] {
            let ratio = bias(sigma) / bias(0.5 * sigma);
            assert!((ratio - 4.0).abs() < 0.1, "{name}: halving σ = {sigma} divides the bias by {ratio}");
        }
        assert!(bias(1e-3) < 1e-5, "{name}: no bias in the limit, found {}", bias(1e-3));
    }
}

#[test]
fn on_a_quadratic_neither_is_biased() {
    let quadratic = |u: &[f64]| 3.0 * u[0] * u[0] - u[0] * u[1] + 0.5 * u[1] + 1.0;
    let at = [0.4, -0.7];
    let truth = [6.0 * at[0] - at[1], -at[0] + 0.5];
    for sigma in [0.1, 1.0] {
        assert!(largest(&spsa(&quadratic, &at, sigma), &truth) < 1e-12);
        assert!(largest(&fiete_seung(&quadratic, at, sigma), &truth) < 1e-9);
    }
}

/// The same function of two coins: their noise is as large as noise of coins is, and there is no bias; what perturbing the
/// logits' mean-field loss would give is something else.
#[test]
fn theorem_1_needs_no_small_noise() {
    let coins = || Loss::new(loss, |_, _| 0.0);
    for logits in [[0.4, -0.7], [0.0, 0.0], [3.0, -4.0]] {
        let found = mean_gradient(&enumerate_coins(make("reinforce").as_mut(), &logits, &coins()));
        for i in 0..2 {
            let moved = |a: f64| {
                let mut moved = logits;
                moved[i] = a;
                expected_loss(&moved, &coins())
            };
            assert_close(found[i], differences::derivative(moved, logits[i], 1e-2), 1e-9, "Theorem 1");
        }
    }
}
