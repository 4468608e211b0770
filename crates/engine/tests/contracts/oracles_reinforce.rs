//! REINFORCE and its baselines against the paper's Theorem 1 and Corollary 1: every state of the toy's gates is enumerated
//! through the real estimators, so means and variances are exact.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

use crate::common::toy::{
    Loss, TOY_LOGITS, enumerate, enumerate_coins, exact_gradient, expected_loss, mean, mean_gradient, set_baselines,
    toy_loss, variance, with_baselines,
};
use crate::common::{
    assert_close, assert_printed, differences, make, make_with, number, plain_logit, plain_sigmoid, state_of,
};
use gatelab_engine::estimator::{Estimator, GateDraw};
use gatelab_kernels::Matrix;
use gatelab_kernels::RandomSource;

/// Every estimator whose gates are plain coins.
const COINS: [&str; 5] = ["reinforce", "reinforce-mean", "reinforce-optimal", "st", "st-sigmoid"];

/// `L̄*_i = E[(b−p)²L]/E[(b−p)²]`, from what the estimator learns with a memory of nothing but the last example.
fn learned_baselines(logits: &[f64], loss: &Loss) -> (Vec<f64>, Vec<f64>) {
    let mut estimator = make_with("reinforce-optimal", &[("baseline-decay", number(0.0))]);
    let (mut numerators, mut denominators) = (vec![0.0; logits.len()], vec![0.0; logits.len()]);
    let weights: Vec<f64> =
        enumerate_coins(make("reinforce").as_mut(), logits, loss).iter().map(|o| o.weight).collect();
    let mut states = 0;
    // The memory seen before state k is what state k−1 left.
    let mut take = |e: &mut dyn Estimator<f64>| {
        if states > 0 {
            let [numerator, denominator] = ["baseline-numerator", "baseline-denominator"].map(|name| state_of(e, name));
            for i in 0..logits.len() {
                numerators[i] += weights[states - 1] * numerator[i];
                denominators[i] += weights[states - 1] * denominator[i];
            }
        }
        states += 1;
    };
    enumerate(estimator.as_mut(), logits, loss, |p| p, &mut take);
    take(estimator.as_mut());
    (numerators.iter().zip(&denominators).map(|(n, d)| n / d).collect(), denominators)
}

#[test]
fn theorem_1_the_mean_is_the_gradient() {
    let loss = toy_loss();
    assert_printed(expected_loss(&TOY_LOGITS, &loss), 1.940_328, 1e-6, "E L");
    let exact = exact_gradient(&TOY_LOGITS, &loss);
    let found = mean_gradient(&enumerate_coins(make("reinforce").as_mut(), &TOY_LOGITS, &loss));
    for (i, printed) in [-0.107_193_79, 0.475_641_79, -0.155_790_22].into_iter().enumerate() {
        assert_printed(found[i], printed, 1e-8, "mean");
        assert_close(found[i], exact[i], 1e-12, "mean");
        let moved = |a: f64| {
            let mut logits = TOY_LOGITS;
            logits[i] = a;
            expected_loss(&logits, &loss)
        };
        assert_close(differences::derivative(moved, TOY_LOGITS[i], 1e-2), found[i], 1e-9, "differences");
    }
}

#[test]
fn corollary_1_no_constant_baseline_moves_the_mean() {
    let loss = toy_loss();
    let exact = exact_gradient(&TOY_LOGITS, &loss);
    for baseline in [-3.0, 0.0, 10.0] {
        let each = with_baselines(&TOY_LOGITS, &loss, &[baseline; 3]);
        let mut estimator = make("reinforce-mean");
        let one = enumerate(estimator.as_mut(), &TOY_LOGITS, &loss, |p| p, |e| set_baselines(e, &[baseline]));
        for (i, &exact) in exact.iter().enumerate() {
            assert_close(mean(&each, |o| o.gradient[i]), exact, 1e-12, "a baseline per gate");
            assert_close(mean(&one, |o| o.gradient[i]), exact, 1e-12, "one baseline");
        }
    }
    let unlike = with_baselines(&TOY_LOGITS, &loss, &[-3.0, 10.0, 0.5]);
    for (i, &exact) in exact.iter().enumerate() {
        assert_close(mean(&unlike, |o| o.gradient[i]), exact, 1e-12, "unlike baselines");
    }
}

#[test]
fn corollary_1_the_variance_is_a_parabola_around_the_optimal_baseline() {
    let loss = toy_loss();
    let (optimal, _) = learned_baselines(&TOY_LOGITS, &loss);
    let usual = expected_loss(&TOY_LOGITS, &loss);
    let variances = |baselines: &[f64]| {
        let states = with_baselines(&TOY_LOGITS, &loss, baselines);
        [0, 1, 2].map(|i| variance(&states, |o| o.gradient[i]))
    };
    let (none, average, best) = (variances(&[0.0; 3]), variances(&[usual; 3]), variances(&optimal));
    let printed = [
        (1.688_379, 0.972_897, 0.424_911, 0.412_430),
        (1.650_643, 1.178_856, 0.533_314, 0.512_799),
        (2.410_647, 2.102_808, 1.108_375, 1.069_024),
    ];
    for (i, (vertex, at_zero, at_average, at_best)) in printed.into_iter().enumerate() {
        assert_printed(optimal[i], vertex, 1e-6, "optimal baseline");
        assert_printed(none[i], at_zero, 1e-6, "variance without");
        assert_printed(average[i], at_average, 1e-6, "variance, average loss");
        assert_printed(best[i], at_best, 1e-6, "variance, optimal");
        let p = plain_sigmoid(TOY_LOGITS[i]);
        for baseline in [-3.0, 0.0, 1.0, 10.0] {
            let excess = variances(&[baseline; 3])[i] - best[i];
            assert_close(excess, p * (1.0 - p) * (baseline - optimal[i]).powi(2), 1e-10, "parabola");
        }
    }
    let plain = enumerate_coins(make("reinforce").as_mut(), &TOY_LOGITS, &loss);
    for (i, none) in none.into_iter().enumerate() {
        assert_close(variance(&plain, |o| o.gradient[i]), none, 1e-12, "REINFORCE is a baseline of 0");
    }
}

#[test]
fn a_single_gate_with_its_optimal_baseline_has_no_noise() {
    let (p, on, off) = (0.3, 2.0, 5.0);
    let loss = || Loss::of_one(move |b| off + (on - off) * b, move |_| on - off);
    let logits = [plain_logit(p)];
    let (optimal, _) = learned_baselines(&logits, &loss());
    assert_close(optimal[0], (1.0 - p) * on + p * off, 1e-12, "weights are swapped");
    assert!((optimal[0] - (p * on + (1.0 - p) * off)).abs() > 1.0, "it is not the average loss");
    for outcome in with_baselines(&logits, &loss(), &optimal) {
        assert_close(outcome.gradient[0], -0.63, 1e-12, "both samples");
    }
}

#[test]
fn denominators_of_the_optimal_baseline_are_the_coins_variances() {
    let (_, denominators) = learned_baselines(&TOY_LOGITS, &toy_loss());
    for (i, printed) in [0.196_612, 0.244_458, 0.177_894].into_iter().enumerate() {
        let p = plain_sigmoid(TOY_LOGITS[i]);
        assert_close(denominators[i], p * (1.0 - p), 1e-12, "E (b−p)²");
        assert_printed(denominators[i], printed, 1e-6, "E (b−p)²");
    }
}

/// Erratum of Eq. 3: the comparison must fire with probability σ(a), not 1 − σ(a).
#[test]
fn coins_fire_below_p_and_not_above() {
    for id in COINS {
        let mut estimator = make(id);
        for a in [-2.5, -1.0, 0.3, 4.0] {
            let p = plain_sigmoid(a);
            let cells = 10_000;
            let mut fired = 0;
            for cell in 0..cells {
                let u = (f64::from(cell) + 0.5) / f64::from(cells);
                let gate = draw_one(estimator.as_mut(), a, u);
                assert!(gate.abs() < 1e-300 || (gate - 1.0).abs() < 1e-300);
                fired += i32::from(gate > 0.5);
            }
            assert_close(f64::from(fired) / f64::from(cells), p, 1.0 / f64::from(cells), id);
            assert!(
                draw_one(estimator.as_mut(), a, p - 1e-12) > 0.5 && draw_one(estimator.as_mut(), a, p + 1e-12) < 0.5
            );
            assert_close(estimator.open_probability(a), p, 1e-15, id);
        }
    }
}

fn draw_one(estimator: &mut dyn Estimator<f64>, a: f64, u: f64) -> f64 {
    let mut draw = GateDraw::new(1, 1);
    let mut script = crate::common::script::Script::uniform(&[u]);
    estimator.draw(&Matrix::from_elem((1, 1), a), &mut script as &mut dyn RandomSource<f64>, &mut draw);
    draw.gates[(0, 0)]
}

#[test]
fn a_constant_added_to_the_loss_changes_plain_reinforce_only() {
    let constant = 3.5;
    let logits = TOY_LOGITS;
    for id in COINS {
        let plain = enumerate_coins(make(id).as_mut(), &logits, &toy_loss());
        let raised = enumerate_coins(make(id).as_mut(), &logits, &toy_loss().plus(constant));
        let apart = plain.iter().zip(&raised).flat_map(|(a, b)| a.gradient.iter().zip(&b.gradient));
        let largest = apart.map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        match id {
            "st" | "st-sigmoid" => assert!(largest < 1e-300, "{id} changed by {largest}"),
            "reinforce" => {
                assert!(largest > 0.5, "each sample of REINFORCE moves");
                for (a, b) in mean_gradient(&plain).into_iter().zip(mean_gradient(&raised)) {
                    assert_close(a, b, 1e-12, "its mean doesn't");
                }
            }
            // Baselines that have learned the constant take it away again, sample by sample.
            _ => {
                let gates = if id == "reinforce-mean" { 1 } else { 3 };
                let run = |loss: &Loss, baseline: f64| {
                    let set = |e: &mut dyn Estimator<f64>| set_baselines(e, &vec![baseline; gates]);
                    enumerate(make(id).as_mut(), &logits, loss, |p| p, set)
                };
                let learned = run(&toy_loss().plus(constant), 1.9 + constant);
                for (a, b) in run(&toy_loss(), 1.9).iter().zip(&learned) {
                    a.gradient.iter().zip(&b.gradient).for_each(|(a, b)| assert_close(*a, *b, 1e-12, id));
                }
            }
        }
    }
}

/// `f(b) → f(1−b)`, `a → −a`: every gradient of coins changes its sign, outcome by outcome.
#[test]
fn turning_every_gate_round_turns_every_gradient_round() {
    let turned: Vec<f64> = TOY_LOGITS.iter().map(|a| -a).collect();
    for id in COINS {
        if id.starts_with("reinforce-") {
            // What a baseline has learned depends on the order of states; constant baselines follow below.
            continue;
        }
        let straight = enumerate_coins(make(id).as_mut(), &TOY_LOGITS, &toy_loss());
        let back = enumerate_coins(make(id).as_mut(), &turned, &toy_loss().reversed());
        assert_eq!(straight.len(), back.len());
        for (state, outcome) in straight.iter().enumerate() {
            let opposite = &back[straight.len() - 1 - state];
            assert_close(outcome.weight, opposite.weight, 1e-15, id);
            for (a, b) in outcome.gradient.iter().zip(&opposite.gradient) {
                assert_close(*a, -b, 1e-12, id);
            }
        }
    }
    for (straight, back) in with_baselines(&TOY_LOGITS, &toy_loss(), &[0.7, 1.0, -2.0])
        .iter()
        .zip(with_baselines(&turned, &toy_loss().reversed(), &[0.7, 1.0, -2.0]).iter().rev())
    {
        straight.gradient.iter().zip(&back.gradient).for_each(|(a, b)| assert_close(*a, -b, 1e-12, "baselines"));
    }
}
