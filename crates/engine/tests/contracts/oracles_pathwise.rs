//! Gates' laws and own objectives: closed forms of the new gates, and for every estimator of the registry that its law is a
//! law, that it says how often gates are open, and that an estimate called unbiased is the law's own gradient on average.

#![allow(clippy::panic, reason = "a test that fails here has found something")]

use crate::common::integral::{Asks, objective_gradient, outcomes};
use crate::common::rules::agree;
use crate::common::toy::{Loss, mean, mean_gradient};
use crate::common::{assert_close, assert_printed, differences, make, make_with, number, plain_sigmoid};
use gatelab_engine::estimator::{Bias, Estimator, registry};
use gatelab_kernels::Matrix;

/// Neither even nor a polynomial.
fn loss() -> Loss {
    Loss::of_one(|g| (g - 0.7).powi(2) + g.sin(), |g| 2.0 * (g - 0.7) + g.cos())
}

/// Of two gates that meddle with each other.
fn loss_of_two() -> Loss {
    Loss::new(
        |g| (g[0] - 0.4 * g[1] - 0.3).powi(2) + 0.5 * (g[0] * g[1]).sin(),
        |g, i| {
            let (root, cos) = (2.0 * (g[0] - 0.4 * g[1] - 0.3), 0.5 * (g[0] * g[1]).cos());
            if i == 0 { root + cos * g[1] } else { -0.4 * root + cos * g[0] }
        },
    )
}

#[test]
fn laws_are_laws_and_know_how_often_gates_are_open() {
    for record in registry::RECORDS {
        let estimator = make(record.id);
        for a in [-4.0, -1.1, 0.0, 0.3, 2.0] {
            let law = estimator.distribution(a);
            let sum = |f: &dyn Fn(&gatelab_engine::estimator::SupportPoint) -> f64| law.iter().map(f).sum::<f64>();
            assert_close(sum(&|atom| atom.weight), 1.0, 1e-9, record.id);
            assert_close(sum(&|atom| atom.weight_grad), 0.0, 1e-9, record.id);
            assert!(law.iter().all(|atom| atom.weight >= 0.0 && atom.value.is_finite()), "{}", record.id);
            let open = sum(&|atom| if atom.value.abs() > 0.0 { atom.weight } else { 0.0 });
            assert_close(open, estimator.open_probability(a), 1e-9, &format!("{}: P(open) at {a}", record.id));
        }
    }
}

/// What each estimator asks of its randomness, and where its gate bends or jumps on the scale of `a + noise`; nothing for
/// those whose randomness has a test of its own.
fn randomness(id: &str) -> Option<(Asks, Vec<f64>)> {
    let kinks = |more: &[f64]| more.iter().copied().chain((-4..=4).map(|i| 1.5 * f64::from(i))).collect();
    Some(match id {
        "rectifier" | "sigmoid" => (Asks::Nothing, Vec::new()),
        "noisy-rectifier" => (Asks::Normal, vec![0.0]),
        "sigmoid-noise" => (Asks::Normal, Vec::new()),
        "reinforce" => (Asks::Uniform, vec![0.0]),
        "concrete" => (Asks::Uniform, kinks(&[])),
        "hard-concrete" => (Asks::Uniform, kinks(&hard_concrete_edges(2.0 / 3.0, -0.1, 1.1))),
        _ => return None,
    })
}

#[test]
fn what_is_called_unbiased_is_the_gradient_of_its_own_objective() {
    let mut seen = Vec::new();
    for record in registry::RECORDS.iter().filter(|record| record.bias != Bias::Biased) {
        let Some((asks, kinks)) = randomness(record.id) else { continue };
        seen.push(record.id);
        for a in [-1.7, 0.2, 1.3] {
            let mut estimator = make(record.id);
            let found = mean_gradient(&outcomes(estimator.as_mut(), &[a], &loss(), asks, &kinks));
            let expected = objective_gradient(&[estimator.distribution(a)], &loss());
            assert_eq!(agree(&format!("{} at {a}", record.id), &found, &expected, 1e-8), Ok(()));
        }
    }
    assert!(seen.contains(&"concrete") && seen.contains(&"hard-concrete") && seen.len() >= 6, "{seen:?}");
}

/// The same with two gates, by every pair of their noises.
#[test]
fn concrete_gates_are_unbiased_two_at_a_time() {
    for id in ["concrete", "hard-concrete"] {
        let Some((asks, kinks)) = randomness(id) else { panic!("{id} is known") };
        let mut estimator = make(id);
        let logits = [-0.6, 0.9];
        let found = mean_gradient(&outcomes(estimator.as_mut(), &logits, &loss_of_two(), asks, &kinks[..2]));
        let laws = logits.map(|a| estimator.distribution(a));
        assert_eq!(agree(id, &found, &objective_gradient(&laws, &loss_of_two()), 1e-7), Ok(()));
    }
}

/// The law's own gradient is the derivative of the objective, by differences: the two ways of writing it agree.
#[test]
fn own_gradients_are_derivatives_of_the_objective() {
    for record in registry::RECORDS {
        let estimator = make(record.id);
        let objective =
            |a: f64| estimator.distribution(a).iter().map(|atom| atom.weight * loss().at(&[atom.value])).sum::<f64>();
        for a in [-1.2, 0.35] {
            let found = objective_gradient(&[estimator.distribution(a)], &loss())[0];
            assert_close(found, differences::derivative(objective, a, 1e-2), 1e-7, record.id);
        }
    }
}

/// The slope that the sparsity control gets is that of the open probability, where this is what it holds.
#[test]
fn a_mixture_of_soft_and_hard_is_open_as_often_as_it_says() {
    let mut estimator = make("semantic-hashing");
    let cut = 11.0_f64.ln();
    for a in [-3.0, -0.4, 1.0] {
        let found = outcomes(estimator.as_mut(), &[a], &loss(), Asks::NormalAndCoin, &[-cut, 0.0, cut]);
        let open = mean(&found, |o| f64::from(u8::from(o.gates[0].abs() > 0.0)));
        assert_close(open, estimator.open_probability(a), 1e-9, "P(open)");
        let law = estimator.distribution(a);
        let expected: f64 = law.iter().map(|atom| atom.weight * loss().at(&[atom.value])).sum();
        assert_close(mean(&found, |o| o.loss), expected, 1e-9, "E f");
        let hard: f64 = mean(&found, |o| f64::from(u8::from(o.gates[0] >= 1.0)));
        let one: f64 = law.iter().filter(|atom| atom.value >= 1.0).map(|atom| atom.weight).sum();
        assert_close(hard, one, 1e-9, "P(1)");
    }
}

/// Noisy logits at which a hard concrete gate leaves 0 and reaches 1.
fn hard_concrete_edges(beta: f64, gamma: f64, zeta: f64) -> [f64; 2] {
    [beta * (-gamma / zeta).ln(), beta * ((1.0 - gamma) / (zeta - 1.0)).ln()]
}

#[test]
fn hard_concrete_has_the_published_probabilities() {
    for (beta, gamma, zeta) in [(2.0 / 3.0, -0.1, 1.1), (0.4, -0.3, 1.2)] {
        let knobs = [("temperature", number(beta)), ("stretch-low", number(gamma)), ("stretch-high", number(zeta))];
        let mut estimator = make_with("hard-concrete", &knobs);
        let edges = hard_concrete_edges(beta, gamma, zeta);
        for a in [-2.0, 0.0, 2.0] {
            let found = outcomes(estimator.as_mut(), &[a], &loss(), Asks::Uniform, &edges);
            let open = mean(&found, |o| f64::from(u8::from(o.gates[0] > 0.0)));
            let full = mean(&found, |o| f64::from(u8::from(o.gates[0] >= 1.0)));
            assert_close(open, plain_sigmoid(a - edges[0]), 1e-9, "P(g ≠ 0)");
            assert_close(estimator.open_probability(a), plain_sigmoid(a - edges[0]), 1e-14, "open_probability");
            assert_close(full, plain_sigmoid(a - edges[1]), 1e-9, "P(g = 1)");
        }
    }
    let estimator = make("hard-concrete");
    for (a, printed) in [(0.0, 0.832), (-2.0, 0.401), (2.0, 0.973)] {
        assert_printed(estimator.open_probability(a), printed, 1e-3, "P(g ≠ 0)");
    }
    let full: f64 = estimator.distribution(0.0).iter().filter(|atom| atom.value >= 1.0).map(|atom| atom.weight).sum();
    assert_printed(full, 0.168, 1e-3, "P(g = 1) at 0");
    let tuned = estimator.record().tuned.iter().find(|(key, _)| *key == "start-rate").map_or(0.0, |(_, rate)| *rate);
    assert_close(estimator.open_probability((tuned / (1.0 - tuned)).ln()), 0.1, 1e-4, "its start");
}

/// At test time: no noise, no β, no threshold.
#[test]
fn hard_concrete_at_test_time() {
    let logits = Matrix::from_vec((1, 4), vec![-3.0, -1.0, 0.4, 3.0]);
    for beta in [0.2, 2.0 / 3.0] {
        let estimator = make_with("hard-concrete", &[("temperature", number(beta))]);
        assert!(!estimator.thresholded());
        let mut out = Matrix::zeros((1, 4));
        estimator.test_gates(&logits, 100.0, &mut out);
        for (&found, &a) in out.iter().zip(&logits) {
            assert_close(found, (1.2 * plain_sigmoid(a) - 0.1).clamp(0.0, 1.0), 1e-14, "clip(σ(a)(ζ−γ)+γ)");
        }
        assert!(out[(0, 0)].abs() < 1e-300 && out[(0, 3)] >= 1.0, "clipped at both ends");
    }
}

/// As the temperature falls Concrete becomes a coin: the mean goes to the exact gradient of coins, the variance grows as 1/τ;
/// as it rises the gradient goes away.
#[test]
fn concrete_between_its_limits() {
    let toy = || Loss::of_one(|g| (g - 0.499).powi(2), |g| 2.0 * (g - 0.499));
    let moments = |tau: f64| {
        let mut estimator = make_with("concrete", &[("temperature", number(tau))]);
        let kinks: Vec<f64> = (-10..=10).map(|i| 2.0 * tau * f64::from(i)).collect();
        let found = outcomes(estimator.as_mut(), &[0.0], &toy(), Asks::Uniform, &kinks);
        (mean(&found, |o| o.gradient[0]), crate::common::toy::variance(&found, |o| o.gradient[0]))
    };
    let exact = 5e-4;
    let errors: Vec<f64> = [0.4, 0.2, 0.1, 0.05].iter().map(|&tau| (moments(tau).0 - exact).abs()).collect();
    assert!(errors.windows(2).all(|pair| pair[1] < 0.35 * pair[0]), "{errors:?}");
    assert_printed(moments(0.1).0, 4.96e-4, 1e-6, "τ = 0.1");
    let ratio = moments(0.02).1 / moments(0.04).1;
    assert_close(ratio, 2.0, 0.02, "variance ∝ 1/τ");
    assert!(moments(10.0).0.abs() < 1e-4 && moments(10.0).1 < 1e-3, "{:?}", moments(10.0));
}

/// At test time Concrete is judged with hard gates at the target rate, as coins are; what is held is the coins' probability.
#[test]
fn concrete_is_hard_at_test_time() {
    let estimator: Box<dyn Estimator<f64>> = make("concrete");
    assert!(estimator.thresholded());
    let mut out = Matrix::from_elem((1, 3), f64::NAN);
    let logits = Matrix::from_vec((1, 3), vec![-1.0, 0.5, 0.6]);
    estimator.test_gates(&logits, 0.5, &mut out);
    assert_eq!(out.row(0).to_vec(), [0.0, 0.0, 1.0]);
    assert_close(estimator.open_probability(-3.0), 1.0, 1e-300, "never closed in training");
}
