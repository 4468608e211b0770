//! Straight-through with closed experts skipped: what each way of doing without their slopes costs on average, and when it
//! costs nothing.

use crate::common::network::{self, ask, coins, gates_to_losses, small};
use crate::common::rules::{LOGITS, agree, exact_in_mean, multilinear, quadratic, weighs_slopes};
use crate::common::script::Script;
use crate::common::toy::{ToyContext, enumerate, enumerate_coins, exact_gradient, mean_gradient, toy_loss};
use crate::common::{assert_close, make, make_with, number, plain_sigmoid, set_state, state_of};
use gatelab_engine::estimator::{Estimator, GateDraw};
use gatelab_engine::network::{ExpertActivation, ExpertsRun, Parameters};
use gatelab_kernels::CountingKernels;
use gatelab_kernels::Matrix;

/// The trap: for a multilinear loss what should be the gradient comes out multiplied by p, and in general it is the right
/// end point's share of dense straight-through.
#[test]
fn masking_multiplies_by_the_probability() {
    let exact = exact_gradient(&LOGITS, &multilinear());
    let masked = mean_gradient(&enumerate_coins(make("st-masked").as_mut(), &LOGITS, &multilinear()));
    for i in 0..3 {
        assert_close(masked[i], plain_sigmoid(LOGITS[i]) * exact[i], 1e-14, "p × the truth");
    }
    let right_end = |b: f64, p: f64| b * p * (1.0 - p);
    assert_eq!(weighs_slopes(make("st-masked").as_mut(), "masked", &toy_loss(), right_end), Ok(()));
    assert!(exact_in_mean(make("st-masked").as_mut(), "masked", &multilinear()).is_err());
}

/// The right end point, corrected for how often it is seen: exact where the slope is the same at both ends, and with the
/// closed experts never asked.
#[test]
fn the_right_end_point_is_exact_for_multilinear_losses() {
    assert_eq!(exact_in_mean(make("st-on-only").as_mut(), "open only", &multilinear()), Ok(()));
    let weight = |b: f64, p: f64| b * (1.0 - p);
    assert_eq!(weighs_slopes(make("st-on-only").as_mut(), "open only", &toy_loss(), weight), Ok(()));
    // Twice the open half of ReinMax.
    let reinmax = enumerate_coins(make("reinmax").as_mut(), &LOGITS, &toy_loss());
    for (one, other) in enumerate_coins(make("st-on-only").as_mut(), &LOGITS, &toy_loss()).iter().zip(&reinmax) {
        for i in (0..3).filter(|&i| one.gates[i] > 0.5) {
            assert_close(one.gradient[i], 2.0 * other.gradient[i], 1e-14, "the open half");
        }
    }
    assert!(exact_in_mean(make("st-on-only").as_mut(), "open only", &quadratic()).is_err());
}

/// The gradient of one state and one choice of the closed gate.
fn sampled(gates: &[f64], u: f64) -> Vec<f64> {
    let mut estimator = make("st-sampled-off");
    let logits = Matrix::from_vec((1, LOGITS.len()), LOGITS.to_vec());
    let fires = |(a, g): (&f64, &f64)| if *g > 0.5 { 0.5 * plain_sigmoid(*a) } else { 0.5 * (1.0 + plain_sigmoid(*a)) };
    let mut numbers: Vec<f64> = LOGITS.iter().zip(gates).map(fires).collect();
    numbers.push(u);
    let mut script = Script::uniform(&numbers);
    let mut draw = GateDraw::new(1, LOGITS.len());
    estimator.draw(&logits, &mut script, &mut draw);
    assert_eq!(draw.gates.row(0).to_vec(), gates);
    let (loss, drawn) = (toy_loss(), draw.gates.clone());
    let mut context = ToyContext::new(&loss, &drawn);
    let mut out = Matrix::from_elem((1, LOGITS.len()), f64::NAN);
    estimator.logit_gradient(&logits, &draw, &mut context, &mut script, &mut out);
    assert!(script.is_spent(), "one number per example");
    out.row(0).to_vec()
}

/// The mean over which closed gate is taken is dense straight-through, in every state.
#[test]
fn one_closed_gate_at_a_time_is_dense_straight_through_on_average() {
    for outcome in enumerate_coins(make("st-sigmoid").as_mut(), &LOGITS, &toy_loss()) {
        let closed: Vec<usize> = (0..3).filter(|&i| outcome.gates[i] < 0.5).collect();
        let choices = closed.len().max(1);
        let mut mean = vec![0.0; 3];
        for choice in 0..choices {
            let found = sampled(&outcome.gates, (choice as f64 + 0.5) / choices as f64);
            let learning = closed.iter().filter(|&&i| found[i].abs() > 0.0).count();
            assert_eq!(learning, usize::from(!closed.is_empty()), "one closed gate learns");
            mean.iter_mut().zip(&found).for_each(|(sum, g)| *sum += g / choices as f64);
        }
        assert_eq!(agree(&format!("{:?}", outcome.gates), &mean, &outcome.gradient, 1e-13), Ok(()));
    }
}

/// Fills the stand-ins of a toy's three experts, whose outputs are 1.
fn with_stand_ins(estimator: &mut dyn Estimator<f64>, outputs: [f64; 3]) {
    let sums = outputs.map(|z| 4.0 * z);
    set_state(estimator, 3, &[("output-sums", &sums), ("active-counts", &[4.0; 3])]);
}

#[test]
fn a_right_stand_in_is_dense_straight_through() {
    let dense = enumerate_coins(make("st-sigmoid").as_mut(), &LOGITS, &toy_loss());
    let stand_in = |outputs: [f64; 3]| {
        let mut estimator = make("st-default-expert");
        enumerate(estimator.as_mut(), &LOGITS, &toy_loss(), |p| p, |e| with_stand_ins(e, outputs))
    };
    for (right, expected) in stand_in([1.0; 3]).iter().zip(&dense) {
        assert_eq!(agree("right", &right.gradient, &expected.gradient, 1e-13), Ok(()));
    }
    // Off by a tenth, closed gates are off by a tenth and open ones are right.
    for (off, expected) in stand_in([1.1; 3]).iter().zip(&dense) {
        for i in 0..3 {
            let factor = if off.gates[i] > 0.5 { 1.0 } else { 1.1 };
            assert_close(off.gradient[i], factor * expected.gradient[i], 1e-13, "a tenth");
        }
    }
    // Without any it is masked.
    let masked = enumerate_coins(make("st-masked").as_mut(), &LOGITS, &toy_loss());
    for (none, expected) in stand_in([0.0; 3]).iter().zip(&masked) {
        assert_eq!(agree("nothing known", &none.gradient, &expected.gradient, 1e-13), Ok(()));
    }
}

/// Slopes under an estimator's own questions, in the real network with these gates.
fn in_network(estimator: &mut dyn Estimator<f64>, parameters: &Parameters<f64>, seed: u64) -> Matrix<f64> {
    let shape = small(ExpertActivation::Linear, 3);
    let mut pass = network::pass(shape, 6);
    pass.draw = coins(6, shape.gates, 0.4, seed);
    pass.draw.probability.fill(0.3);
    gates_to_losses(parameters, &mut pass, &mut CountingKernels::default(), ExpertsRun::Active);
    let (logits, draw) = (pass.logits.clone(), pass.draw.clone());
    let mut out = Matrix::from_elem((6, shape.gates), f64::NAN);
    let (mut ahead, mut back) = (CountingKernels::default(), CountingKernels::default());
    ask(parameters, &mut pass, &mut ahead, &mut back, |context| {
        estimator.logit_gradient(&logits, &draw, context, &mut Script::plenty(60, 2), &mut out);
    });
    let all_ran = pass.experts.computed.iter().all(|computed| *computed);
    assert_eq!(all_ran, estimator.record().id == "st-sigmoid", "closed experts run for dense straight-through only");
    out
}

/// In the network: experts that put out the same for every digit are known after one look, whatever the memory's length;
/// other experts are not.
#[test]
fn running_means_of_constant_experts_are_right_after_one_minibatch() {
    let mut parameters: Parameters<f64> = network::parameters(&small(ExpertActivation::Linear, 3), 8);
    let mut varied = parameters.clone();
    parameters.experts.weight.values_mut().fill(0.0);
    for decay in [0.0, 0.95] {
        let mut estimator = make_with("st-default-expert", &[("default-decay", number(decay))]);
        in_network(estimator.as_mut(), &parameters, 3);
        let found = in_network(estimator.as_mut(), &parameters, 4);
        let dense = in_network(make("st-sigmoid").as_mut(), &parameters, 4);
        for (at, &expected) in dense.indexed_iter() {
            assert_close(found[at], expected, 1e-13, "constant experts");
        }
    }
    varied.experts.weight.values_mut().iter_mut().for_each(|w| *w *= 3.0);
    let mut estimator = make("st-default-expert");
    in_network(estimator.as_mut(), &varied, 3);
    let found = in_network(estimator.as_mut(), &varied, 4);
    let dense = in_network(make("st-sigmoid").as_mut(), &varied, 4);
    assert!(found.iter().zip(&dense).any(|(a, b)| (a - b).abs() > 1e-3), "experts that depend on the digit");
}

/// The running mean weighs each minibatch by how often the gate was open in it, and forgets at the knob's pace.
#[test]
fn stand_ins_are_ratios_of_moving_averages() {
    let mut estimator = make_with("st-default-expert", &[("default-decay", number(0.5))]);
    let loss = toy_loss();
    for (states, sums, counts) in [
        (vec![1.0, 0.0, 0.0, 1.0, 1.0, 0.0], [1.0, 0.5, 0.0], [1.0, 0.5, 0.0]),
        (vec![1.0, 0.0, 1.0, 0.0, 0.0, 1.0], [1.0, 0.25, 1.0], [1.0, 0.25, 1.0]),
    ] {
        let gates = Matrix::from_vec((2, 3), states);
        let mut draw = GateDraw::new(2, 3);
        draw.gates.assign(&gates);
        let (logits, mut out) = (Matrix::zeros((2, 3)), Matrix::zeros((2, 3)));
        let mut context = ToyContext::new(&loss, &gates);
        estimator.logit_gradient(&logits, &draw, &mut context, &mut Script::default(), &mut out);
        let state = |name| state_of(estimator.as_ref(), name);
        assert_eq!(agree("sums", &state("output-sums"), &sums, 1e-15), Ok(()));
        assert_eq!(agree("counts", &state("active-counts"), &counts, 1e-15), Ok(()));
    }
}
