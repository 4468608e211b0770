//! Baselines are honest: what is subtracted in a step was learned in earlier steps, by exactly the published recursion.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

use crate::common::script::{Rows, Script, scattered};
use crate::common::toy::{Loss, ToyContext, run};
use crate::common::{assert_close, make, make_with, number, plain_sigmoid, state_of};
use gatelab_engine::estimator::{Estimator, GateDraw, registry};
use gatelab_kernels::Matrix;

/// One minibatch of scripted coins; returns gates and gradient.
fn minibatch(
    estimator: &mut dyn Estimator<f64>,
    logits: &Matrix<f64>,
    seed: u64,
    loss: &Loss,
) -> (Matrix<f64>, Matrix<f64>) {
    let mut draw = GateDraw::new(logits.nrows(), logits.ncols());
    estimator.draw(logits, &mut Script::plenty(logits.len(), seed), &mut draw);
    let gates = draw.gates.clone();
    let mut gradient = Matrix::zeros(logits.dim());
    estimator.logit_gradient(logits, &draw, &mut ToyContext::new(loss, &gates), &mut Script::default(), &mut gradient);
    (gates, gradient)
}

fn logits(batch: usize, gates: usize) -> Matrix<f64> {
    Matrix::from_shape_fn((batch, gates), |(b, j)| 4.0 * scattered(99, (b * gates + j) as u64) - 2.0)
}

/// A loss whose size drifts from step to step, so that an average of the wrong steps is seen.
fn drifting(step: usize) -> Loss {
    let size = 1.0 + 2.0 * step as f64;
    Loss::new(move |g| size * (0.3 + g[0] + 0.5 * g[1] * g[2]), |_, _| 0.0)
}

#[test]
fn the_recursion_is_the_published_one_and_uses_earlier_steps_only() {
    let (batch, gates, start) = (5, 3, 1e-6);
    let logits = logits(batch, gates);
    let p = logits.map(|&a| plain_sigmoid(a));
    for (id, decay) in
        [("reinforce-mean", 0.9), ("reinforce-optimal", 0.9), ("reinforce-mean", 0.5), ("reinforce-optimal", 0.99)]
    {
        let mut estimator = make_with(id, &[("baseline-decay", number(decay))]);
        let width = if id == "reinforce-mean" { 1 } else { gates };
        let (mut numerator, mut denominator) = (vec![start; width], vec![start; width]);
        for step in 0..12 {
            let loss = drifting(step);
            let (b, gradient) = minibatch(estimator.as_mut(), &logits, step as u64, &loss);
            let losses: Vec<f64> = b.rows().map(|row| loss.at(row)).collect();
            for ((e, j), &found) in gradient.indexed_iter() {
                // Before this minibatch is taken in: its own losses are not in the baseline.
                let baseline = numerator[j % width] / denominator[j % width];
                assert_close(found, (b[(e, j)] - p[(e, j)]) * (losses[e] - baseline), 1e-12, "gradient");
                if step == 0 {
                    assert_close(baseline, 1.0, 1e-12, "the first baseline");
                }
            }
            for j in 0..width {
                let weight = |e: usize| if id == "reinforce-mean" { 1.0 } else { (b[(e, j)] - p[(e, j)]).powi(2) };
                let sums = (0..batch).fold((0.0, 0.0), |(n, d), e| (n + weight(e) * losses[e], d + weight(e)));
                numerator[j] = decay * numerator[j] + (1.0 - decay) * sums.0 / batch as f64;
                denominator[j] = decay * denominator[j] + (1.0 - decay) * sums.1 / batch as f64;
            }
            for (name, expected) in [("baseline-numerator", &numerator), ("baseline-denominator", &denominator)] {
                let found = state_of(estimator.as_ref(), name);
                assert_eq!(found.len(), width);
                found.iter().zip(expected).for_each(|(found, expected)| assert_close(*found, *expected, 1e-12, id));
            }
        }
    }
}

/// The gradient of a step with another loss differs by that loss alone, as if the baseline were a constant: were the
/// minibatch's own losses in it, the estimate would shrink.
#[test]
fn a_minibatch_does_not_see_its_own_losses_in_the_baseline() {
    let logits = logits(4, 3);
    for id in ["reinforce-mean", "reinforce-optimal"] {
        let step = |own: f64| {
            let mut estimator = make(id);
            for seed in 0..5 {
                minibatch(estimator.as_mut(), &logits, seed, &drifting(0));
            }
            minibatch(estimator.as_mut(), &logits, 77, &Loss::new(move |_| own, |_, _| 0.0))
        };
        let (b, small) = step(1.0);
        let (_, large) = step(101.0);
        for ((at, &small), &large) in small.indexed_iter().zip(&large) {
            assert_close(large - small, 100.0 * (b[at] - plain_sigmoid(logits[at])), 1e-10, id);
        }
    }
}

#[test]
fn a_constant_loss_is_taken_away_completely_once_learned() {
    let logits = logits(4, 3);
    for id in ["reinforce-mean", "reinforce-optimal"] {
        let mut estimator = make(id);
        let loss = Loss::new(|_| 2.5, |_, _| 0.0);
        for seed in 0..400 {
            minibatch(estimator.as_mut(), &logits, seed, &loss);
        }
        let (_, gradient) = minibatch(estimator.as_mut(), &logits, 400, &loss);
        gradient.iter().for_each(|g| assert_close(*g, 0.0, 1e-10, id));
        let mut live = Vec::new();
        estimator.live(&mut live);
        assert_eq!(live.len() + 1, estimator.record().live.len());
        assert_close(f64::from(live[0]), 2.5, 1e-6, "the baseline shown");
    }
}

/// A gate so sure that `(b − p)²` is zero in the number type says nothing about its baseline; it must not say NaN.
#[test]
fn a_saturated_gate_does_not_poison_the_baseline() {
    for (id, steps) in [("reinforce-optimal", 3000), ("reinforce-mean", 10)] {
        for decay in [0.0, 0.9] {
            let mut estimator = make(id);
            estimator.configure(&[("baseline-decay".to_owned(), number(decay))].into());
            for _ in 0..steps {
                let logits = Matrix::from_elem((2, 1), 40.0);
                let mut draw = GateDraw::new(2, 1);
                estimator.draw(&logits, &mut Script::plenty(2, 1), &mut draw);
                let mut gradient = Matrix::zeros((2, 1));
                let (loss, gates) = (Loss::new(|_| 2.0, |_, _| 0.0), draw.gates.clone());
                let mut context = ToyContext::new(&loss, &gates);
                estimator.logit_gradient(&logits, &draw, &mut context, &mut Script::default(), &mut gradient);
                assert!(gradient.iter().all(|g| g.is_finite()), "{id}, decay {decay}: {gradient:?}");
            }
            let mut live = Vec::new();
            estimator.live(&mut live);
            assert!(live.iter().all(|x| x.is_finite()), "{id}, decay {decay}: {live:?}");
        }
    }
}

/// Estimators ask for what their record says, once, and nothing else.
#[test]
fn estimators_pay_for_what_their_record_says() {
    use gatelab_engine::estimator::Needs;
    for record in registry::RECORDS {
        let mut estimator = make(record.id);
        let logits = Matrix::from_elem((1, 2), 0.4);
        let mut draw = GateDraw::new(1, 2);
        estimator.draw(&logits, &mut Script::plenty(2, 3), &mut draw);
        let gates = draw.gates.clone();
        let loss = Loss::new(|g| g[0], |_, _| 1.0);
        let mut context = ToyContext::new(&loss, &gates);
        estimator.logit_gradient(&logits, &draw, &mut context, &mut Script::plenty(40, 3), &mut Matrix::zeros((1, 2)));
        let allowed: &[&str] = match record.needs {
            Needs::Losses => &["losses"],
            Needs::MoreLosses => &["losses", "losses elsewhere", "one flip"],
            Needs::Flips => &["flips"],
            Needs::GateGradsOfActive => &["slopes of active"],
            Needs::GateGradsOfSome => &["slopes of some", "outputs of active", "slopes with outputs"],
            Needs::GateGradsOfAll => &["losses", "slopes of all"],
            Needs::GateGradsElsewhere => &["losses", "slopes of all", "slopes elsewhere"],
        };
        assert!(context.asked.iter().all(|asked| allowed.contains(asked)), "{}: {:?}", record.id, context.asked);
        // And for the dearest thing it claims to need, or it would not need it.
        let dearest = match record.needs {
            Needs::GateGradsOfSome | Needs::MoreLosses => &allowed[1..],
            _ => &allowed[allowed.len() - 1..],
        };
        let dearest = if record.needs == Needs::GateGradsOfSome { allowed } else { dearest };
        assert!(context.asked.iter().any(|asked| dearest.contains(asked)), "{}: {:?}", record.id, context.asked);
    }
}

/// An example's draw and gradient don't depend on the examples beside it.
#[test]
fn examples_of_a_minibatch_do_not_touch_each_other() {
    let loss = crate::common::toy::toy_loss();
    let logits = Matrix::from_shape_fn((6, 3), |(b, j)| 3.0 * scattered(5, (3 * b + j) as u64) - 1.5);
    for record in registry::RECORDS {
        let mut together = make(record.id);
        let mut draw = GateDraw::new(6, 3);
        let mut noise = Rows::all(6);
        together.draw(&logits, &mut noise, &mut draw);
        let gates = draw.gates.clone();
        let mut gradient = Matrix::zeros((6, 3));
        together.logit_gradient(&logits, &draw, &mut ToyContext::new(&loss, &gates), &mut noise, &mut gradient);
        for b in 0..6 {
            let alone = run(make(record.id).as_mut(), logits.row(b), &mut Rows::only(b), &loss);
            for j in 0..3 {
                assert_close(gates[(b, j)], alone.gates[j], 1e-15, record.id);
                assert_close(gradient[(b, j)], alone.gradient[j], 1e-12, record.id);
            }
        }
    }
}
