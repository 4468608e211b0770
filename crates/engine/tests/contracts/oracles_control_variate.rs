//! Estimators from values and slopes that are made of coins only: every state is enumerated.

#![allow(clippy::panic, reason = "a test that fails here has found something")]

use crate::common::checks::{close, moments, softmax_loss, square, unbiased_on_a_net};
use crate::common::script::Script;
use crate::common::states::{self, Axis, States};
use crate::common::toy::{
    Loss, Outcome, TOY_LOGITS, ToyContext, exact_gradient, mean_gradient, run, toy_loss, variance,
};
use crate::common::{assert_close, assert_printed, make, make_with, number, plain_logit, set_state};
use gatelab_engine::estimator::{Bias, Estimator, GateDraw};
use gatelab_kernels::Matrix;
use gatelab_kernels::{Purpose, Rng};

fn once(logits: &[f64]) -> Vec<Vec<Axis>> {
    vec![states::coins(logits)]
}

fn twice(logits: &[f64]) -> Vec<Vec<Axis>> {
    vec![states::coins(logits); 2]
}

fn outcomes(estimator: &mut dyn Estimator<f64>, axes: fn(&[f64]) -> Vec<Vec<Axis>>, loss: &Loss) -> Vec<Outcome> {
    States::product(&axes(&TOY_LOGITS)).outcomes(estimator, &TOY_LOGITS, loss)
}

/// With this weight of its control variate.
fn double_cv(alpha: f64) -> Box<dyn Estimator<f64>> {
    let mut estimator = make("double-cv");
    set_state(estimator.as_mut(), 1, &[("alpha", &[-alpha, 1.0])]);
    estimator
}

/// With this baseline.
fn muprop(baseline: f64) -> Box<dyn Estimator<f64>> {
    let mut estimator = make("muprop");
    set_state(estimator.as_mut(), 1, &[("baseline", &[baseline, 1.0])]);
    estimator
}

#[test]
fn muprop_is_unbiased_whatever_its_baseline() {
    for baseline in [0.0, 1.7, -4.0] {
        unbiased_on_a_net(&|| muprop(baseline), &once).unwrap_or_else(|wrong| panic!("{wrong}"));
    }
}

#[test]
fn double_control_variates_are_unbiased_whatever_their_weight() {
    for alpha in [0.0, -1.0, 0.6] {
        unbiased_on_a_net(&|| double_cv(alpha), &twice).unwrap_or_else(|wrong| panic!("α = {alpha}: {wrong}"));
        let three = |logits: &[f64]| vec![states::coins(logits); 3];
        let of_three = || {
            let mut estimator = make_with("double-cv", &[("samples", number(3.0))]);
            set_state(estimator.as_mut(), 1, &[("alpha", &[-alpha, 1.0])]);
            estimator
        };
        unbiased_on_a_net(&of_three, &three).unwrap_or_else(|wrong| panic!("three draws, α = {alpha}: {wrong}"));
    }
}

#[test]
fn one_gate_has_the_printed_digits() {
    for (t, p, centre, spread) in [
        (0.499, 0.5, (5.0e-4, 1e-5), (1.5625e-2, 1e-6)),
        (0.499, 0.1, (1.8e-4, 1e-5), (4.796e-2, 1e-5)),
        (0.45, 0.5, (0.025, 1e-3), (0.015_625, 1e-6)),
    ] {
        let (logits, loss) = ([plain_logit(p)], square(t));
        let states = States::product(&once(&logits)).outcomes(make("muprop").as_mut(), &logits, &loss);
        let (mean, variance) = moments(&states);
        assert_printed(mean, centre.0, centre.1, "mean of MuProp");
        assert_printed(variance, spread.0, spread.1, "variance of MuProp");
        // pq(q·r₁ + p·r₀)², r what the line through the mean field leaves over.
        let left = |b: f64| (b - t).powi(2) - (p - t).powi(2) - 2.0 * (p - t) * (b - p);
        let q = 1.0 - p;
        assert_close(variance, p * q * (q * left(1.0) + p * left(0.0)).powi(2), 1e-15, "closed form");
    }
}

#[test]
fn muprop_has_no_noise_where_the_loss_is_a_line() {
    let loss = Loss::new(|g| 0.3 + 1.5 * g[0] - 2.0 * g[1] + 0.7 * g[2], |_, i| [1.5, -2.0, 0.7][i]);
    let exact = exact_gradient(&TOY_LOGITS, &loss);
    for outcome in outcomes(make("muprop").as_mut(), once, &loss) {
        for (found, exact) in outcome.gradient.iter().zip(&exact) {
            assert_close(*found, *exact, 1e-14, "every state");
        }
    }
}

/// The baseline is the usual remainder of earlier steps, and takes noise away.
#[test]
fn muprop_learns_the_usual_remainder() {
    let loss = softmax_loss(3, 12);
    let mut estimator = make_with("muprop", &[("baseline-decay", number(0.5))]);
    let without = outcomes(estimator.as_mut(), once, &loss);
    let mut live = Vec::new();
    estimator.live(&mut live);
    let p: Vec<f64> = TOY_LOGITS.iter().map(|&a| crate::common::plain_sigmoid(a)).collect();
    let left = |o: &Outcome| {
        let line: f64 = (0..3).map(|i| loss.slope_at(&p, i) * (o.gates[i] - p[i])).sum();
        o.loss - loss.at(&p) - line
    };
    let usual = without.iter().map(left).sum::<f64>() / without.len() as f64;
    assert_close(f64::from(live[0]), usual, 1e-6, "the first minibatch's mean");
    let mean_field = p.clone();
    for outcome in outcomes(estimator.as_mut(), once, &loss) {
        for (i, &p) in p.iter().enumerate() {
            let line = p * (1.0 - p) * loss.slope_at(&mean_field, i);
            let expected = (outcome.gates[i] - p) * (left(&outcome) - usual) + line;
            assert_close(outcome.gradient[i], expected, 1e-12, "the second step uses it");
        }
    }
}

#[test]
fn double_control_variates_without_weight_are_leave_one_out() {
    for samples in [2, 3] {
        let knobs = [("samples", number(f64::from(samples)))];
        let questions = vec![states::coins(&TOY_LOGITS); samples as usize];
        let of =
            |id: &str| States::product(&questions).outcomes(make_with(id, &knobs).as_mut(), &TOY_LOGITS, &toy_loss());
        for (a, b) in of("double-cv").iter().zip(of("rloo")) {
            for (a, b) in a.gradient.iter().zip(&b.gradient) {
                assert_close(*a, *b, 1e-14, "α = 0");
            }
        }
    }
}

/// A straight loss is foretold completely with weight −1; for a curved one the weight that was learned is better than none.
#[test]
fn double_control_variates_take_noise_away() {
    let line = Loss::new(|g| 0.3 + 1.5 * g[0] - 2.0 * g[1] + 0.7 * g[2], |_, i| [1.5, -2.0, 0.7][i]);
    let total = |outcomes: &[Outcome]| (0..3).map(|i| variance(outcomes, |o| o.gradient[i])).sum::<f64>();
    assert!(total(&outcomes(double_cv(-1.0).as_mut(), twice, &line)) < 1e-25);
    let loss = toy_loss();
    let mut estimator = make("double-cv");
    for step in 0..50 {
        run(estimator.as_mut(), &TOY_LOGITS, &mut Script::plenty(6, step), &loss);
    }
    let mut live = Vec::new();
    estimator.live(&mut live);
    let [none, learned] =
        [0.0, f64::from(live[0])].map(|alpha| total(&outcomes(double_cv(alpha).as_mut(), twice, &loss)));
    assert!(live[0] < -0.1 && learned < none, "α = {}: {learned} after {none}", live[0]);
}

/// A constant added to the loss is no matter of slopes, and the differences of values don't see it.
#[test]
fn a_constant_added_to_the_loss_changes_nothing() {
    for (id, axes) in [("muprop", once as fn(&[f64]) -> Vec<Vec<Axis>>), ("double-cv", twice)] {
        let plain = outcomes(make(id).as_mut(), axes, &toy_loss());
        let raised = outcomes(make(id).as_mut(), axes, &toy_loss().plus(3.5));
        for (a, b) in plain.iter().zip(&raised) {
            a.gradient.iter().zip(&b.gradient).for_each(|(a, b)| assert_close(*a, *b, 1e-12, id));
        }
    }
}

/// `f(b) → f(1−b)`, `a → −a`, dice turned upside down: every gradient changes its sign.
#[test]
fn turning_every_gate_round_turns_every_gradient_round() {
    let turned = TOY_LOGITS.map(|a| -a);
    for (make, axes) in [
        (&(|| muprop(0.7)) as &dyn Fn() -> Box<dyn Estimator<f64>>, once as fn(&[f64]) -> Vec<Vec<Axis>>),
        (&|| double_cv(-0.8), twice),
    ] {
        let round = |axis: &Axis| axis.iter().map(|&(w, u)| (w, 1.0 - u)).collect::<Axis>();
        let questions = axes(&TOY_LOGITS);
        let back: Vec<Vec<Axis>> = questions.iter().map(|axes| axes.iter().map(round).collect()).collect();
        let straight = States::product(&questions).outcomes(make().as_mut(), &TOY_LOGITS, &toy_loss());
        let back = States::product(&back).outcomes(make().as_mut(), &turned, &toy_loss().reversed());
        for (a, b) in straight.iter().zip(&back) {
            a.gradient.iter().zip(&b.gradient).for_each(|(a, b)| assert_close(*a, -b, 1e-12, "turned round"));
        }
    }
}

/// At fair coins all states weigh the same, so one minibatch of all states is the whole truth: the line that is fitted has
/// the mean of what it is fitted to, which is the exact gradient; and it comes from earlier steps.
#[test]
fn the_predicted_gradient_has_the_right_mean_where_a_line_can_have_it() {
    let (logits, loss) = ([0.0; 3], softmax_loss(3, 12));
    let knobs = [("ridge", number(1e-6)), ("regression-memory", number(0.5)), ("baseline-decay", number(0.0))];
    let mut estimator = make_with("predicted", &knobs);
    let mut step = || States::product(&once(&logits)).outcomes(estimator.as_mut(), &logits, &loss);
    assert!(step().iter().all(|o| o.gradient.iter().all(|g| g.abs() < 1e-300)), "nothing is known at the first step");
    let outcomes: Vec<Outcome> = (0..40).map(|_| step()).last().unwrap_or_default();
    for (found, exact) in mean_gradient(&outcomes).into_iter().zip(exact_gradient(&logits, &loss)) {
        close(found, exact, 1e-5, "mean").unwrap_or_else(|wrong| panic!("{wrong}"));
    }
    // Less noise than what it learned from.
    let plain = States::product(&once(&logits)).outcomes(make("reinforce").as_mut(), &logits, &loss);
    for i in 0..3 {
        assert!(variance(&outcomes, |o| o.gradient[i]) < variance(&plain, |o| o.gradient[i]));
    }
}

/// Over examples with several `p` the exact gradient is no line in the inputs: right on average over the examples, wrong for
/// each.
#[test]
fn the_predicted_gradient_is_biased() {
    let loss = square(-0.3);
    let (batch, places) = (300, [-2.5, 0.0, 2.5]);
    let logits = Matrix::from_shape_fn((batch, 1), |(b, _)| places[b % 3]);
    let mut estimator = make_with("predicted", &[("ridge", number(1e-6)), ("regression-memory", number(0.995))]);
    let (mut means, steps) = ([0.0; 3], 1500);
    for step in 0..2 * steps {
        let mut noise = Rng::new(3, Purpose::Measurement, step);
        let mut draw = GateDraw::new(batch, 1);
        estimator.draw(&logits, &mut noise, &mut draw);
        let (gates, mut out) = (draw.gates.clone(), Matrix::zeros((batch, 1)));
        estimator.logit_gradient(&logits, &draw, &mut ToyContext::new(&loss, &gates), &mut noise, &mut out);
        if step >= steps {
            out.iter().enumerate().for_each(|(b, g)| means[b % 3] += g / (batch as f64 / 3.0) / steps as f64);
        }
    }
    let exact = places.map(|a| exact_gradient(&[a], &loss)[0]);
    assert_close(means.iter().sum::<f64>(), exact.iter().sum(), 0.02, "on average");
    assert!((means[1] - exact[1]).abs() > 0.05, "a fair coin: {} and {}", means[1], exact[1]);
    assert_eq!(estimator.record().bias, Bias::Biased);
}
