//! Estimators from values of the loss, with all their own randomness enumerated or integrated exactly.

#![allow(clippy::panic, reason = "a test that fails here has found something")]

use crate::common::checks::{PLACES, moments, one_gate, softmax_loss, square, unbiased_on_a_net};
use crate::common::script::Script;
use crate::common::states::{self, Axis, States};
use crate::common::toy::{Loss, Outcome, TOY_LOGITS, run, toy_loss, variance};
use crate::common::{assert_close, assert_printed, checks, make, make_with, number, plain_logit};

/// Axes of an estimator's randomness, from the logits.
type Axes = fn(&[f64]) -> Vec<Vec<Axis>>;

/// A variance as a function of `p` and `f(1) − f(0)`.
type Variance<'a> = &'a dyn Fn(f64, f64) -> f64;

fn twice(logits: &[f64]) -> Vec<Vec<Axis>> {
    vec![states::coins(logits); 2]
}

fn with_a_pick(logits: &[f64]) -> Vec<Vec<Axis>> {
    vec![states::coins(logits), vec![states::pick(logits.len())]]
}

/// Id, and what its randomness is.
const VALUE: [(&str, Axes); 5] = [
    ("rloo", twice),
    ("arm", |logits| vec![states::pairs_by_gauss(logits)]),
    ("disarm", |logits| vec![states::pairs(logits)]),
    ("bitflip-1", with_a_pick),
    ("leg", |logits| vec![states::coins(logits)]),
];

fn outcomes(id: &str, axes: Axes, logits: &[f64], loss: &Loss) -> Vec<Outcome> {
    States::product(&axes(logits)).outcomes(make(id).as_mut(), logits, loss)
}

#[test]
fn all_are_unbiased_on_a_net() {
    for (id, axes) in VALUE {
        unbiased_on_a_net(&|| make(id), &axes).unwrap_or_else(|wrong| panic!("{id}: {wrong}"));
    }
    let three = |logits: &[f64]| vec![states::coins(&logits[..4]); 3];
    let make = || make_with("rloo", &[("samples", number(3.0))]);
    unbiased_on_a_net(&make, &three).unwrap_or_else(|wrong| panic!("RLOO of three: {wrong}"));
}

#[test]
fn one_gate_has_the_closed_form_variances() {
    let smaller = |p: f64| p.min(1.0 - p);
    let forms: [Variance<'_>; 5] = [
        &|p, d| p * (1.0 - p) * d * d * (0.5 - p * (1.0 - p)),
        &|p, d| {
            let (m, high) = (smaller(p), 1.0 - smaller(p));
            d * d * (2.0 / 3.0 * (0.125 - (0.5 - m).powi(3)) - m * m * high * high)
        },
        &|p, d| {
            let (m, high) = (smaller(p), 1.0 - smaller(p));
            d * d * m * high * high * (0.5 - m)
        },
        &|_, _| 0.0,
        &|_, _| 0.0,
    ];
    for ((id, axes), form) in VALUE.into_iter().zip(forms) {
        one_gate(&|| make(id), &axes, form).unwrap_or_else(|wrong| panic!("{id}: {wrong}"));
    }
}

#[test]
fn one_gate_has_the_printed_digits() {
    // t, p, mean, then the variances of RLOO, ARM and DisARM; each number with the worth of its last digit.
    let printed = [
        (0.499, 0.5, (5.0e-4, 1e-5), [(2.50e-7, 1e-9), (8.333e-8, 1e-11), (0.0, 1e-15)]),
        (0.499, 0.1, (1.8e-4, 1e-5), [(1.476e-7, 1e-10), (1.303e-7, 1e-10), (1.296e-7, 1e-10)]),
        (0.45, 0.5, (0.025, 1e-3), [(6.25e-4, 1e-6), (2.083e-4, 1e-7), (0.0, 1e-15)]),
        (0.45, 0.1, (0.009, 1e-3), [(3.69e-4, 1e-6), (3.257e-4, 1e-7), (3.24e-4, 1e-6)]),
    ];
    for (t, p, (centre, unit), variances) in printed {
        for ((id, axes), (expected, worth)) in VALUE.into_iter().zip(variances) {
            let (mean, variance) = moments(&outcomes(id, axes, &[plain_logit(p)], &square(t)));
            assert_printed(mean, centre, unit, id);
            assert_printed(variance, expected, worth, id);
        }
    }
    let difference: f64 = 1.0 - 2.0 * 0.45;
    let fair = |id: &str, axes: Axes| moments(&outcomes(id, axes, &[0.0], &square(0.45))).1;
    assert_close(fair(VALUE[1].0, VALUE[1].1), difference.powi(2) / 48.0, 1e-15, "ARM, a fair coin");
    assert_close(fair(VALUE[0].0, VALUE[0].1), difference.powi(2) / 16.0, 1e-15, "RLOO, a fair coin");
}

/// Averaging the dice away never adds noise, gate by gate.
#[test]
fn disarm_is_never_noisier_than_arm() {
    for logits in PLACES {
        for loss in [softmax_loss(4, 3), softmax_loss(4, 20), Loss::new(|g| g.iter().sum(), |_, _| 1.0)] {
            let (arm, disarm) = (outcomes(VALUE[1].0, VALUE[1].1, &logits, &loss), VALUE[2]);
            let disarm = outcomes(disarm.0, disarm.1, &logits, &loss);
            for i in 0..4 {
                let (noisy, quiet) = (variance(&arm, |o| o.gradient[i]), variance(&disarm, |o| o.gradient[i]));
                assert!(quiet <= noisy + 1e-13, "gate {i} at {logits:?}: {quiet:e} and {noisy:e}");
            }
        }
    }
}

#[test]
fn rloo_of_two_is_half_the_product_of_differences() {
    let (logits, loss) = (TOY_LOGITS, toy_loss());
    for first in 0..8_u32 {
        for second in 0..8_u32 {
            let bit = |state: u32, i: usize| f64::from(state >> i & 1);
            let uniform: Vec<f64> = [first, second]
                .into_iter()
                .flat_map(|state| (0..3).map(move |i| if bit(state, i) > 0.5 { 1e-3 } else { 0.999 }))
                .collect();
            let found = run(make("rloo").as_mut(), &logits, &mut Script::uniform(&uniform), &loss);
            let at = |state: u32| loss.at(&[0, 1, 2].map(|i| bit(state, i)));
            for i in 0..3 {
                let apart = bit(first, i) - bit(second, i);
                assert_close(found.gradient[i], 0.5 * (at(first) - at(second)) * apart, 1e-14, "identity");
                assert!(apart.abs() > 0.0 || found.gradient[i].abs() < 1e-300, "alike: exactly 0");
            }
        }
    }
}

/// The dice turned upside down swap the two draws, which changes nothing; gates that came out alike are silent in
/// `DisARM`.
#[test]
fn antithetic_estimates_do_not_depend_on_which_draw_is_first() {
    let loss = softmax_loss(4, 5);
    for seed in 0..40 {
        let logits = PLACES[seed % 3];
        let uniform: Vec<f64> = (0..4).map(|i| crate::common::script::scattered(seed as u64, i)).collect();
        let turned: Vec<f64> = uniform.iter().map(|u| 1.0 - u).collect();
        for id in ["arm", "disarm"] {
            let one = run(make(id).as_mut(), &logits, &mut Script::uniform(&uniform), &loss);
            let other = run(make(id).as_mut(), &logits, &mut Script::uniform(&turned), &loss);
            for i in 0..4 {
                assert_close(one.gradient[i], other.gradient[i], 1e-14, id);
                if id == "disarm" && (one.gates[i] - other.gates[i]).abs() < 1e-300 {
                    assert!(one.gradient[i].abs() < 1e-300, "alike: exactly 0");
                }
            }
        }
    }
}

#[test]
fn a_constant_added_to_the_loss_changes_nothing() {
    for (id, axes) in VALUE {
        let plain = outcomes(id, axes, &TOY_LOGITS, &toy_loss());
        let raised = outcomes(id, axes, &TOY_LOGITS, &toy_loss().plus(3.5));
        for (a, b) in plain.iter().zip(&raised) {
            a.gradient.iter().zip(&b.gradient).for_each(|(a, b)| assert_close(*a, *b, 1e-12, id));
        }
    }
}

/// `f(b) → f(1−b)`, `a → −a`, dice turned upside down: every gradient changes its sign.
#[test]
fn turning_every_gate_round_turns_every_gradient_round() {
    let turned = TOY_LOGITS.map(|a| -a);
    for (id, axes) in VALUE {
        let questions = axes(&TOY_LOGITS);
        // The pick of a gate is no coin, and stays.
        let round = |axes: &Vec<Axis>| match axes.len() {
            1 => axes.clone(),
            _ => axes.iter().map(|axis| axis.iter().map(|&(w, u)| (w, 1.0 - u)).collect()).collect(),
        };
        let back: Vec<Vec<Axis>> = questions.iter().map(round).collect();
        let straight = States::product(&questions).outcomes(make(id).as_mut(), &TOY_LOGITS, &toy_loss());
        let back = States::product(&back).outcomes(make(id).as_mut(), &turned, &toy_loss().reversed());
        for (a, b) in straight.iter().zip(&back) {
            a.gradient.iter().zip(&b.gradient).for_each(|(a, b)| assert_close(*a, -b, 1e-12, id));
        }
    }
}

/// Values only: what the loss does between 0 and 1 does not matter.
#[test]
fn they_see_the_states_only() {
    let straight = |t: f64| Loss::of_one(move |b| t * t + (1.0 - 2.0 * t) * b, |_| f64::NAN);
    for (id, axes) in VALUE {
        let curved = outcomes(id, axes, &[0.4], &square(0.45));
        for (a, b) in curved.iter().zip(outcomes(id, axes, &[0.4], &straight(0.45))) {
            assert_close(a.gradient[0], b.gradient[0], 1e-14, id);
        }
    }
}

/// The check that the altered estimators must not pass.
#[test]
fn disarm_passes_the_check_of_its_alterations() {
    checks::disarm(&|| make("disarm")).unwrap_or_else(|wrong| panic!("{wrong}"));
}
