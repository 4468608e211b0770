//! Quadrature rules for the area under the slope: where each is exact, by how much it is off elsewhere, and what the single
//! gate of the literature gives.

use crate::common::integral::{Asks, outcomes};
use crate::common::rules::{
    LOGITS, agree, exact_in_mean, is_dense_straight_through, is_the_trapezoid_rule, multilinear, quadratic,
};
use crate::common::toy::{
    Loss, Outcome, enumerate, enumerate_coins, exact_gradient, mean, mean_gradient, toy_loss, variance,
};
use crate::common::{assert_close, assert_printed, differences, make, make_with, number, plain_logit, plain_sigmoid};
use gatelab_engine::estimator::Estimator;

/// `(g − t)²`, the toy of the literature.
fn toy(t: f64) -> Loss {
    Loss::of_one(move |g| (g - t).powi(2), move |g| 2.0 * (g - t))
}

#[test]
fn reinmax_is_the_trapezoid_rule() {
    assert_eq!(is_the_trapezoid_rule(make("reinmax").as_mut()), Ok(()));
    let exact = exact_gradient(&LOGITS, &quadratic());
    // Straight-through is not, where squares are.
    let dense = mean_gradient(&enumerate_coins(make("st-sigmoid").as_mut(), &LOGITS, &quadratic()));
    assert!((0..3).any(|i| (dense[i] - exact[i]).abs() > 0.05), "{dense:?} {exact:?}");
    assert_eq!(is_dense_straight_through(make("st-sigmoid").as_mut()), Ok(()));
}

/// The general form with `τ` at 1 is the short one, and other temperatures give up the second order.
#[test]
fn reinmax_with_a_temperature() {
    let loss = toy_loss();
    let at = |tau: f64, logits: &[f64]| {
        let mut estimator = make_with("reinmax", &[("backward-temperature", number(tau))]);
        enumerate_coins(estimator.as_mut(), logits, &loss)
    };
    for (near, one) in at(1.0 + 1e-13, &LOGITS).iter().zip(at(1.0, &LOGITS)) {
        assert_eq!(agree("τ → 1", &near.gradient, &one.gradient, 1e-11), Ok(()));
    }
    let tau = 1.3;
    for outcome in at(tau, &LOGITS) {
        for (i, &a) in LOGITS.iter().enumerate() {
            let (b, p) = (outcome.gates[i], plain_sigmoid(a));
            let middle = 0.5 * (b + plain_sigmoid(a / tau));
            let weight = 2.0 * middle * (1.0 - middle) - 0.5 * p * (1.0 - p);
            let expected = weight * loss.slope_at(&outcome.gates, i);
            assert_close(outcome.gradient[i], expected, 1e-12, "τ = 1.3");
        }
    }
    let mut warm = make_with("reinmax", &[("backward-temperature", number(tau))]);
    assert!(exact_in_mean(warm.as_mut(), "quadratic", &quadratic()).is_err());
}

/// Exact in the mean for multilinear losses: straight-through, ReinMax and the right end point; and the variance of
/// straight-through is that of the exact derivative given the other gates.
#[test]
fn rules_that_are_exact_for_multilinear_losses() {
    for id in ["st-sigmoid", "reinmax", "st-on-only"] {
        assert_eq!(exact_in_mean(make(id).as_mut(), id, &multilinear()), Ok(()));
    }
    let outcomes = enumerate_coins(make("st-sigmoid").as_mut(), &LOGITS, &multilinear());
    for i in 0..3 {
        let p = plain_sigmoid(LOGITS[i]);
        let local = |o: &Outcome| {
            let at = |value: f64| {
                let mut gates = o.gates.clone();
                gates[i] = value;
                multilinear().at(&gates)
            };
            p * (1.0 - p) * (at(1.0) - at(0.0))
        };
        assert_close(variance(&outcomes, |o| o.gradient[i]), variance(&outcomes, local), 1e-14, "variance");
    }
}

/// Symmetry: a gate and its loss turned round, `f(b) → f(1 − b)` and `a → −a`, turn the gradient round; not for rules that
/// look at one end only.
#[test]
fn turning_gates_round_turns_the_gradient_round() {
    let turned: Vec<f64> = LOGITS.iter().map(|a| -a).collect();
    let both = |id: &str| {
        let mean_of = |logits: &[f64], loss: &Loss| match id {
            "st-hard-sigmoid" => {
                let coins = enumerate_with(id, logits, loss, |p| (0.2 * plain_logit(p) + 0.5).clamp(0.0, 1.0));
                mean_gradient(&coins)
            }
            // Two gates are enough, and all that quadrature can afford.
            "st-gumbel" => mean_gradient(&outcomes(make(id).as_mut(), &logits[1..2], loss, Asks::Uniform, &[0.0])),
            _ => mean_gradient(&enumerate_coins(make(id).as_mut(), logits, loss)),
        };
        let one = || toy(0.3);
        if id == "st-gumbel" {
            (mean_of(&LOGITS, &one()), mean_of(&turned, &one().reversed()))
        } else {
            (mean_of(&LOGITS, &toy_loss()), mean_of(&turned, &toy_loss().reversed()))
        }
    };
    for id in ["st", "st-sigmoid", "reinmax", "st-slope", "st-hard-sigmoid", "st-gumbel"] {
        let (here, there) = both(id);
        let there: Vec<f64> = there.iter().map(|g| -g).collect();
        assert_eq!(agree(id, &here, &there, 1e-9), Ok(()));
    }
    for id in ["st-masked", "st-on-only"] {
        let (here, there) = both(id);
        assert!((0..3).any(|i| (here[i] + there[i]).abs() > 0.05), "{id} looks at one end only");
    }
}

fn enumerate_with(id: &str, logits: &[f64], loss: &Loss, chance: impl Fn(f64) -> f64) -> Vec<Outcome> {
    enumerate(make(id).as_mut(), logits, loss, chance, |_| {})
}

/// A constant added to the loss is nothing to a slope.
#[test]
fn a_constant_in_the_loss_changes_nothing() {
    for id in ["reinmax", "st-slope", "st-masked", "st-on-only"] {
        let here = enumerate_coins(make(id).as_mut(), &LOGITS, &toy_loss());
        let there = enumerate_coins(make(id).as_mut(), &LOGITS, &toy_loss().plus(7.0));
        for (a, b) in here.iter().zip(&there) {
            assert_eq!(agree(id, &a.gradient, &b.gradient, 1e-14), Ok(()));
        }
    }
}

/// The rows of the table for `t = 0.499`, to the digits that are printed: mean and variance at p = ½ and at p = 0.1.
#[test]
fn the_published_rows_of_the_single_gate() {
    let rows = |estimator: &mut dyn Estimator<f64>, p: f64| {
        let found = outcomes(estimator, &[plain_logit(p)], &toy(0.499), Asks::Uniform, &kinks(0.1));
        (mean(&found, |o| o.gradient[0]), variance(&found, |o| o.gradient[0]))
    };
    let gumbel = |tau: f64| make_with("st-gumbel", &[("temperature", number(tau))]);
    let concrete = |tau: f64| make_with("concrete", &[("temperature", number(tau))]);
    // Each number with the worth of its last digit. At p = ½ the Gumbel variant has the mean of Concrete: the noise is
    // symmetric, and what multiplies the density there, 2(s − t) or 2(b − t), has the mean 1 − 2t both times.
    let table = [
        ("ReinMax", make("reinmax"), 0.5, (5.0e-4, 1e-5), (6.25e-2, 1e-4)),
        ("ReinMax", make("reinmax"), 0.1, (1.8e-4, 1e-5), (2.257e-2, 1e-5)),
        ("ST-Gumbel ½", gumbel(0.5), 0.5, (4.29e-4, 1e-6), (7.76e-2, 1e-4)),
        ("ST-Gumbel ½", gumbel(0.5), 0.1, (-4.55e-2, 1e-4), (2.98e-2, 1e-4)),
        ("ST-Gumbel .1", gumbel(0.1), 0.5, (4.96e-4, 1e-6), (0.415, 1e-3)),
        ("ST-Gumbel .1", gumbel(0.1), 0.1, (-9.8e-3, 1e-4), (0.150, 1e-3)),
        ("Concrete ½", concrete(0.5), 0.5, (4.29e-4, 1e-6), (1.39e-2, 1e-4)),
        ("Concrete ½", concrete(0.5), 0.1, (-3.19e-2, 1e-4), (5.9e-3, 1e-4)),
        ("Concrete .1", concrete(0.1), 0.5, (4.96e-4, 1e-6), (8.27e-2, 1e-4)),
        ("Concrete .1", concrete(0.1), 0.1, (-7.0e-3, 1e-4), (3.0e-2, 1e-3)),
    ];
    for (name, mut estimator, p, mean, variance) in table {
        let (m, v) = rows(estimator.as_mut(), p);
        assert_printed(m, mean.0, mean.1, &format!("{name}, p = {p}: mean"));
        assert_printed(v, variance.0, variance.1, &format!("{name}, p = {p}: variance"));
    }
}

/// Places where a gate of this temperature bends.
fn kinks(temperature: f64) -> Vec<f64> {
    (-8..=8).map(|i| 3.0 * temperature * f64::from(i)).collect()
}

/// ReinMax on the toy at t = 0.45, closed forms at every p, and where straight-through comes to rest.
#[test]
fn closed_forms_of_the_single_gate() {
    for t in [0.45, 0.499] {
        for p in [0.03, 0.1, 0.5, 0.9] {
            let (q, f0, f1) = (1.0 - p, -2.0 * t, 2.0 * (1.0 - t));
            let reinmax = enumerate_coins(make("reinmax").as_mut(), &[plain_logit(p)], &toy(t));
            assert_close(mean(&reinmax, |o| o.gradient[0]), 0.5 * p * q * (f1 + f0), 1e-14, "ReinMax, mean");
            let expected = 0.25 * p * q * (q * f1 - p * f0).powi(2);
            assert_close(variance(&reinmax, |o| o.gradient[0]), expected, 1e-14, "ReinMax, variance");
            let dense = enumerate_coins(make("st-sigmoid").as_mut(), &[plain_logit(p)], &toy(t));
            assert_close(mean(&dense, |o| o.gradient[0]), 2.0 * p * q * (p - t), 1e-14, "it rests at p = t");
        }
    }
    let variance_at =
        |p| variance(&enumerate_coins(make("reinmax").as_mut(), &[plain_logit(p)], &toy(0.45)), |o| o.gradient[0]);
    assert_printed(variance_at(0.5), 0.0625, 1e-4, "t = .45, p = .5");
    assert_printed(variance_at(0.1), 0.02624, 1e-5, "t = .45, p = .1");
}

/// Coins of another probability than σ(a): they fire below it, the record's probability says so, and a linear loss is
/// followed exactly.
#[test]
fn coins_of_other_probabilities() {
    let linear = || Loss::of_one(|h| 1.7 * h, |_| 1.7);
    for (a, window) in [(-2.0, 0.2), (0.4, 0.2), (-0.5, 0.5)] {
        let mut estimator = make_with("st-hard-sigmoid", &[("window-slope", number(window))]);
        let p = window * a + 0.5;
        assert_close(estimator.open_probability(a), p, 1e-15, "hard sigmoid");
        let found = enumerate(estimator.as_mut(), &[a], &linear(), |_| p, |_| {});
        assert_close(mean(&found, |o| o.gradient[0]), 1.7 * window, 1e-14, "E");
    }
    for (a, expected) in [(-2.6, 0.0), (2.6, 1.0)] {
        let mut estimator = make("st-hard-sigmoid");
        assert_close(estimator.open_probability(a), expected, 1e-300, "beyond the window");
        let found = outcomes(estimator.as_mut(), &[a], &linear(), Asks::Uniform, &[]);
        assert!(found.iter().all(|o| o.gradient[0].abs() < 1e-300 && (o.gates[0] - expected).abs() < 1e-300));
    }
    assert_close(make("st-hard-sigmoid").open_probability(start_logit("st-hard-sigmoid")), 0.1, 1e-12, "its start");
    for (a, s) in [(-1.0, 2.5), (0.3, 5.0)] {
        let mut estimator = make_with("st-slope", &[("slope", number(s)), ("anneal-epochs", number(0.0))]);
        let p = plain_sigmoid(s * a);
        assert_close(estimator.open_probability(a), p, 1e-15, "steep sigmoid");
        for outcome in enumerate(estimator.as_mut(), &[a], &linear(), |_| p, |_| {}) {
            assert_close(outcome.gradient[0], 1.7 * s * p * (1.0 - p), 1e-14, "every state");
        }
    }
    for (a, forward) in [(-1.0, 0.5), (0.7, 2.0)] {
        let mut estimator = make_with("st-gumbel", &[("forward-temperature", number(forward))]);
        assert_close(estimator.open_probability(a), plain_sigmoid(a / forward), 1e-15, "forward temperature");
        let found = outcomes(estimator.as_mut(), &[a], &linear(), Asks::Uniform, &[0.0, a - a / forward]);
        assert_close(mean(&found, |o| o.gates[0]), plain_sigmoid(a / forward), 1e-9, "it fires as often");
    }
}

/// The logit at which an estimator's biases begin.
fn start_logit(id: &str) -> f64 {
    let tuned = make(id).record().tuned.iter().find(|(key, _)| *key == "start-rate").map_or(0.1, |(_, rate)| *rate);
    plain_logit(tuned)
}

/// The mean of the Gumbel variant for a linear loss is the slope times the density that a tempered sigmoid integrates over.
#[test]
fn the_gumbel_variant_of_a_linear_loss_has_the_slope_of_a_soft_gate() {
    let linear = || Loss::of_one(|h| h, |_| 1.0);
    for tau in [0.3, 1.0] {
        for a in [-2.0, 0.4] {
            let mut estimator = make_with("st-gumbel", &[("temperature", number(tau))]);
            let found =
                mean(&outcomes(estimator.as_mut(), &[a], &linear(), Asks::Uniform, &kinks(tau)), |o| o.gradient[0]);
            let soft = |a: f64| {
                let mut concrete = make_with("concrete", &[("temperature", number(tau))]);
                mean(&outcomes(concrete.as_mut(), &[a], &linear(), Asks::Uniform, &kinks(tau)), |o| o.gates[0])
            };
            assert_close(found, differences::derivative(soft, a, 1e-2), 1e-8, "∂E σ((a+ℓ)/τ)/∂a");
        }
    }
}

/// Semantic hashing: soft in half of the draws, hard in the other half, the soft one's gradient in both, and closed gates
/// beyond the clip cost nothing.
#[test]
fn semantic_hashing_goes_through_the_soft_gate() {
    use crate::common::script::Script;
    use crate::common::toy::run;
    let loss = Loss::of_one(|g| (g - 0.3).powi(2), |g| 2.0 * (g - 0.3));
    for (a, n) in [(-0.5, 0.2), (0.4, 1.0), (-2.0, -1.0), (2.0, 1.5)] {
        let v = a + n;
        let soft = (1.2 * plain_sigmoid(v) - 0.1).clamp(0.0, 1.0);
        let inside = soft > 0.0 && soft < 1.0;
        let slope = if inside { 1.2 * plain_sigmoid(v) * plain_sigmoid(-v) } else { 0.0 };
        for (coin, gate) in [(0.3, soft), (0.7, if v > 0.0 { 1.0 } else { 0.0 })] {
            let mut script = Script::uniform(&[coin]).and_normal(&[n]);
            let found = run(make("semantic-hashing").as_mut(), &[a], &mut script, &loss);
            assert_close(found.gates[0], gate, 1e-14, "gate");
            assert_close(found.gradient[0], 2.0 * (gate - 0.3) * slope, 1e-14, "gradient");
        }
    }
    let start = make("semantic-hashing").open_probability(start_logit("semantic-hashing"));
    assert_close(start, 0.1, 1e-4, "its start");
}
