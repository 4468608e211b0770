//! REBAR and RELAX: their uniform numbers are integrated, on one gate and on two.

#![allow(clippy::panic, reason = "a test that fails here has found something")]

use crate::common::checks::{rebar_at, set_eta, softmax_loss, square};
use crate::common::script::{Script, scattered};
use crate::common::states::{self, States, mean_of_relaxed};
use crate::common::toy::{Loss, Outcome, ToyContext, exact_gradient, mean, run, variance};
use crate::common::{assert_close, assert_printed, choice, make, make_with, number, plain_logit, set_state};
use gatelab_engine::estimator::{Estimator, GateDraw};
use gatelab_kernels::Matrix;
use gatelab_kernels::{Purpose, Rng};

fn rebar(temperature: f64) -> Box<dyn Estimator<f64>> {
    make_with("rebar", &[("temperature", number(temperature))])
}

/// A surrogate that has learned something, of numbers that look random.
fn relax(surrogate: &str, temperature: f64) -> Box<dyn Estimator<f64>> {
    make_with("relax", &[("temperature", number(temperature)), ("surrogate", choice(surrogate))])
}

fn teach(estimator: &mut dyn Estimator<f64>, gates: usize, eta: f64) {
    let weights: Vec<f64> = (0..10 * gates + 21).map(|i| 1.6 * scattered(4, i as u64) - 0.8).collect();
    set_state(estimator, gates, &[("eta", &[-eta, 1.0]), ("surrogate-weights", &weights)]);
}

/// Every combination of both uniform numbers of one gate.
fn whole(estimator: &mut dyn Estimator<f64>, p: f64, loss: &Loss) -> Vec<Outcome> {
    let questions = [vec![states::relaxed(p, 40)], vec![states::smooth(40)]];
    States::product(&questions).outcomes(estimator, &[plain_logit(p)], loss)
}

#[test]
fn rebar_is_unbiased_on_one_gate() {
    for temperature in [0.1, 0.5, 1.3] {
        for p in [0.04, 0.182, 0.5, 0.9] {
            for t in [0.45, 0.499, -0.2] {
                rebar_at(&|| rebar(temperature), p, t).unwrap_or_else(|wrong| panic!("τ = {temperature}: {wrong}"));
            }
        }
    }
}

#[test]
fn rebar_is_unbiased_on_two_gates() {
    for logits in [[0.0, -1.5], [-2.2, 0.7]] {
        for temperature in [0.5, 1.0] {
            let loss = softmax_loss(2, 6);
            let found = mean_of_relaxed(rebar(temperature).as_mut(), |e| set_eta(e, 0.9), &logits, &loss, 60);
            for (found, exact) in found.into_iter().zip(exact_gradient(&logits, &loss)) {
                assert_close(found, exact, 1e-9, "mean");
            }
        }
    }
}

#[test]
fn relax_is_unbiased_whatever_its_network_has_learned() {
    for surrogate in ["relaxed-loss-and-network", "network"] {
        for (p, t) in [(0.1, 0.45), (0.5, 0.499), (0.8, -0.2)] {
            let (logits, loss) = ([plain_logit(p)], square(t));
            let mut estimator = relax(surrogate, 0.5);
            let found = mean_of_relaxed(estimator.as_mut(), |e| teach(e, 1, 0.8), &logits, &loss, 120);
            assert_close(found[0], exact_gradient(&logits, &loss)[0], 1e-9, surrogate);
        }
        let (logits, loss) = ([0.4, -1.5], softmax_loss(2, 6));
        let mut estimator = relax(surrogate, 0.7);
        let found = mean_of_relaxed(estimator.as_mut(), |e| teach(e, 2, 0.8), &logits, &loss, 60);
        for (found, exact) in found.into_iter().zip(exact_gradient(&logits, &loss)) {
            assert_close(found, exact, 1e-8, surrogate);
        }
    }
}

/// The trick by which means on two gates are found, against all combinations on one.
#[test]
fn estimates_are_sums_of_a_part_of_each_set_of_numbers() {
    let (p, loss) = (0.3, square(0.45));
    for mut estimator in [rebar(0.5), relax("network", 0.5)] {
        let prepare =
            |e: &mut dyn Estimator<f64>| if e.state().len() == 1 { set_eta(e, 0.7) } else { teach(e, 1, 0.7) };
        prepare(estimator.as_mut());
        let combined = mean(&whole(estimator.as_mut(), p, &loss), |o| o.gradient[0]);
        let parts = mean_of_relaxed(estimator.as_mut(), prepare, &[plain_logit(p)], &loss, 40);
        assert_close(combined, parts[0], 1e-10, "one gate");
    }
}

#[test]
fn without_weight_rebar_is_reinforce() {
    let loss = softmax_loss(3, 2);
    let logits = [-1.0, 0.2, 0.9];
    for seed in 0..20 {
        let found = run(rebar(0.5).as_mut(), &logits, &mut Script::plenty(6, seed), &loss);
        let plain = run(make("reinforce").as_mut(), &logits, &mut Script::plenty(3, seed), &loss);
        let relaxed = run(relax("network", 0.5).as_mut(), &logits, &mut Script::plenty(6, seed), &loss);
        for i in 0..3 {
            assert_close(found.gradient[i], plain.gradient[i], 1e-15, "REBAR before it has learned");
            assert_close(relaxed.gradient[i], plain.gradient[i], 1e-15, "RELAX before it has learned");
        }
    }
}

/// Weight 1 can be worse than none, the best weight never is.
#[test]
fn the_best_weight_is_never_worse_than_none() {
    let spread = |p: f64, t: f64, temperature: f64, eta: f64| {
        let mut estimator = rebar(temperature);
        set_eta(estimator.as_mut(), eta);
        variance(&whole(estimator.as_mut(), p, &square(t)), |o| o.gradient[0])
    };
    // Reported as .0226, from samples.
    assert_printed(spread(0.5, 0.45, 0.5, 1.0), 0.022_653, 1e-6, "η = 1");
    // ¼·(½·0.3025 + ½·0.2025)².
    assert_close(spread(0.5, 0.45, 0.5, 0.0), 0.25 * 0.2525_f64.powi(2), 1e-10, "η = 0");
    for (p, t) in [(0.5, 0.45), (0.1, 0.45), (0.7, -0.3)] {
        // A parabola through three weights.
        let [none, one, minus] = [0.0, 1.0, -1.0].map(|eta| spread(p, t, 0.5, eta));
        let (bend, tilt) = (0.5 * (one + minus) - none, 0.5 * (one - minus));
        let best = -0.5 * tilt / bend;
        assert!(spread(p, t, 0.5, best) < none, "p = {p}, t = {t}: η = {best}");
        // And the weight learned on the way is near it.
        let mut estimator = rebar(0.5);
        let found = learned(estimator.as_mut(), p, &square(t));
        assert_close(found, best, 0.1 * best.abs() + 0.02, "learned");
    }
}

/// The weight after many minibatches of real randomness.
fn learned(estimator: &mut dyn Estimator<f64>, p: f64, loss: &Loss) -> f64 {
    let logits = Matrix::from_elem((200, 1), plain_logit(p));
    for step in 0..600 {
        let mut noise = Rng::new(5, Purpose::Measurement, step);
        let mut draw = GateDraw::new(200, 1);
        estimator.draw(&logits, &mut noise, &mut draw);
        let gates = draw.gates.clone();
        let mut out = Matrix::zeros((200, 1));
        estimator.logit_gradient(&logits, &draw, &mut ToyContext::new(loss, &gates), &mut noise, &mut out);
    }
    let mut live = Vec::new();
    estimator.live(&mut live);
    f64::from(live[0])
}

/// The small network is trained on the noise that is left, and there is less of it in the end.
#[test]
fn relax_learns_to_be_quieter() {
    let (p, loss) = (0.3, square(0.45));
    let mut estimator = make_with("relax", &[("surrogate", choice("network")), ("surrogate-rate", number(0.01))]);
    let before = variance(&whole(estimator.as_mut(), p, &loss), |o| o.gradient[0]);
    // The look itself was a step; forget it.
    let mut estimator = make_with("relax", &[("surrogate", choice("network")), ("surrogate-rate", number(0.01))]);
    learned(estimator.as_mut(), p, &loss);
    let after = variance(&whole(estimator.as_mut(), p, &loss), |o| o.gradient[0]);
    assert!(after < 0.2 * before, "{after:e} after {before:e}");
}

#[test]
fn the_network_alone_asks_for_no_slope() {
    let (logits, loss) = (Matrix::from_elem((1, 2), 0.4), softmax_loss(2, 1));
    let mut estimator = relax("network", 0.5);
    let mut draw = GateDraw::new(1, 2);
    estimator.draw(&logits, &mut Script::plenty(2, 3), &mut draw);
    let gates = draw.gates.clone();
    let mut context = ToyContext::new(&loss, &gates);
    estimator.logit_gradient(&logits, &draw, &mut context, &mut Script::plenty(2, 4), &mut Matrix::zeros((1, 2)));
    assert_eq!(context.asked, ["losses"]);
}

/// The historic bug has the size that was reported from samples: .0076 in place of .0250.
#[test]
fn the_historic_bug_has_the_published_size() {
    let mut estimator = make_with("rebar", &[("temperature", number(0.5)), ("historic-bug", choice("yes"))]);
    let found = mean_of_relaxed(estimator.as_mut(), |e| set_eta(e, 1.0), &[0.0], &square(0.45), 120);
    assert_close(found[0], 0.0076, 1e-4, "mean with the bug");
    assert_printed(found[0], 0.007_671, 1e-6, "and more of its digits");
}

#[test]
fn the_temperature_follows_its_schedule() {
    for id in ["rebar", "relax"] {
        let knobs = [("temperature", number(1.0)), ("temperature-end", number(0.25)), ("anneal-epochs", number(2.0))];
        let mut estimator = make_with(id, &knobs);
        for (epoch, expected) in [(0.0, 1.0), (1.0, 0.5), (5.0, 0.25)] {
            estimator.advance(epoch);
            let mut live = Vec::new();
            estimator.live(&mut live);
            assert_close(f64::from(live[1]), expected, 1e-6, id);
        }
    }
}
