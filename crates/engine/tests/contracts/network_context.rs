//! Questions about other gates than those drawn: against brute force and differences, and what each costs by pen.

use crate::common::network::{self, ask, coins, gates_to_losses, small};
use crate::common::script::scattered;
use crate::common::{assert_close, differences};
use gatelab_engine::estimator::{GateContext, GateDraw};
use gatelab_engine::network::{ExpertActivation, ExpertsRun, Parameters, Pass, Shape};
use gatelab_kernels::Matrix;
use gatelab_kernels::{CountingKernels, DefaultBackend, Real};

const BATCH: usize = 6;
const KINDS: [(ExpertActivation, usize); 4] = [
    (ExpertActivation::Linear, 1),
    (ExpertActivation::Linear, 3),
    (ExpertActivation::Rectifier, 1),
    (ExpertActivation::Rectifier, 3),
];

/// A pass through coins of which about this share is open.
fn drawn<R: Real + DefaultBackend>(parameters: &Parameters<R>, shape: Shape, batch: usize, share: f64) -> Pass<R> {
    let mut pass = network::pass(shape, batch);
    pass.draw = coins(batch, shape.gates, share, 3);
    gates_to_losses(parameters, &mut pass, &mut CountingKernels::default(), ExpertsRun::Active);
    pass
}

/// Losses at these gates by a pass of their own.
fn brute(parameters: &Parameters<f64>, shape: Shape, gates: &Matrix<f64>) -> Vec<f64> {
    let mut pass = network::pass(shape, gates.nrows());
    pass.draw = GateDraw::new(gates.nrows(), shape.gates);
    pass.draw.gates.assign(gates);
    gates_to_losses(parameters, &mut pass, &mut CountingKernels::default(), ExpertsRun::All);
    pass.head.losses
}

/// `L(b_j = 1) − L(b_j = 0)` of every gate by two passes each.
fn brute_flips(parameters: &Parameters<f64>, shape: Shape, gates: &Matrix<f64>) -> Matrix<f64> {
    let mut out = Matrix::zeros(gates.dim());
    for j in 0..shape.gates {
        let at = |value: f64| {
            let mut moved = gates.clone();
            moved.view_mut().column_mut(j).fill(value);
            brute(parameters, shape, &moved)
        };
        for (b, (on, off)) in at(1.0).into_iter().zip(at(0.0)).enumerate() {
            out[(b, j)] = on - off;
        }
    }
    out
}

/// Real gate values of a fixed pattern, some of them 0.
fn elsewhere(batch: usize, gates: usize) -> Matrix<f64> {
    Matrix::from_shape_fn((batch, gates), |(b, j)| {
        let x = scattered(44, (100 * b + j) as u64);
        if x < 0.4 { 0.0 } else { 1.3 * x }
    })
}

/// Answers to questions about a pass, and the multiply-adds that they cost: forward, backward.
fn asked<R: Real + DefaultBackend>(
    parameters: &Parameters<R>,
    pass: &mut Pass<R>,
    question: impl FnOnce(&mut dyn GateContext<R>),
) -> (u64, u64) {
    let (mut ahead, mut back) = (CountingKernels::default(), CountingKernels::default());
    ask(parameters, pass, &mut ahead, &mut back, |context| question(context));
    (ahead.take_macs(), back.take_macs())
}

#[test]
fn losses_elsewhere_are_those_of_a_pass_of_their_own() {
    for (expert, units) in KINDS {
        let shape = small(expert, units);
        let parameters = network::parameters(&shape, 55);
        let mut pass = drawn(&parameters, shape, BATCH, 0.4);
        let before = pass.head.losses.clone();
        for gates in [elsewhere(BATCH, 4), Matrix::zeros((BATCH, 4)), Matrix::from_elem((BATCH, 4), 1.0)] {
            let mut losses = vec![f64::NAN; BATCH];
            asked(&parameters, &mut pass, |context| context.losses_at(&gates, &mut losses));
            for (found, expected) in losses.iter().zip(brute(&parameters, shape, &gates)) {
                assert_close(*found, expected, 1e-12, "loss elsewhere");
            }
        }
        let mut losses = vec![f64::NAN; BATCH];
        asked(&parameters, &mut pass, |context| context.losses(&mut losses));
        losses.iter().zip(before).for_each(|(a, b)| assert_close(*a, b, 1e-300, "the drawn gates' are not touched"));
    }
}

#[test]
fn slopes_elsewhere_are_differences() {
    for (expert, units) in KINDS {
        let shape = small(expert, units);
        let parameters = network::parameters(&shape, 55);
        let mut pass = drawn(&parameters, shape, BATCH, 0.4);
        let gates = elsewhere(BATCH, 4);
        let (mut losses, mut slopes) = (vec![f64::NAN; BATCH], Matrix::from_elem((BATCH, 4), f64::NAN));
        asked(&parameters, &mut pass, |context| context.gate_grads_at(&gates, &mut losses, &mut slopes));
        for (found, expected) in losses.iter().zip(brute(&parameters, shape, &gates)) {
            assert_close(*found, expected, 1e-12, "loss");
        }
        for ((b, j), &found) in slopes.indexed_iter() {
            let at = |g: f64| {
                let mut moved = gates.clone();
                moved[(b, j)] = g;
                brute(&parameters, shape, &moved)[b]
            };
            let slope = differences::derivative(at, gates[(b, j)], 1e-3);
            assert_close(found, slope, 1e-6 * slope.abs() + 2e-12, "slope");
        }
    }
}

/// In the engine's own number type against brute force in `f64`: each example's vector of differences to 1e-6 of its length,
/// and each gate's own wherever it isn't tiny beside that.
#[test]
fn flips_agree_with_brute_force() {
    let wide = |x: &f32| f64::from(*x);
    for (expert, units) in KINDS {
        let usual = [(4, 0.4, 1.0), (24, 0.1, 1.0), (24, 0.6, 0.1), (24, 0.1, 0.01)];
        // Closing a gate of these takes all probability from a class that had all of it, or the other way round.
        let decisive = [(4, 0.6, 60.0), (24, 0.3, 20.0), (24, 0.1, 200.0)];
        for (gates, share, size) in usual.into_iter().chain(decisive) {
            // Scores of some hundreds have lost digits before anybody asks.
            let close = if size > 1.0 { 5e-6 } else { 1e-6 };
            let shape = Shape { gates, ..small(expert, units) };
            let mut narrow: Parameters<f32> = network::parameters(&shape, 31);
            narrow.head.weight.values_mut().iter_mut().for_each(|w| *w *= size);
            let mut exact: Parameters<f64> = Parameters::zeros(&shape);
            for (to, from) in exact.tensors().into_iter().zip(narrow.tensors()) {
                to.values.iter_mut().zip(from.values.iter()).for_each(|(to, from)| *to = f64::from(*from));
            }
            let mut pass: Pass<f32> = drawn(&narrow, shape, BATCH, share);
            let mut found = Matrix::from_elem((BATCH, gates), f32::NAN);
            asked(&narrow, &mut pass, |context| context.flips(&mut found));
            // The inputs as rounded, or brute force would answer another question.
            let truth = with_inputs(&exact, shape, &pass);
            for (b, (found, truth)) in found.rows().zip(truth.rows()).enumerate() {
                let length = truth.iter().map(|t| t * t).sum::<f64>().sqrt();
                let apart = found.iter().zip(truth).map(|(f, t)| (wide(f) - t).powi(2)).sum::<f64>().sqrt();
                assert!(apart <= close * length, "example {b}, {gates} gates, ×{size}: {apart:e} of {length:e}");
                for (found, truth) in found.iter().zip(truth).filter(|(_, truth)| truth.abs() > 0.2 * length) {
                    assert_close(wide(found), *truth, 2.0 * close * truth.abs(), "one gate");
                }
            }
        }
    }
}

/// [`brute_flips`] at the very inputs and gates of a pass.
fn with_inputs(parameters: &Parameters<f64>, shape: Shape, of: &Pass<f32>) -> Matrix<f64> {
    let mut out = Matrix::zeros(of.draw.gates.dim());
    for j in 0..shape.gates {
        let at = |value: f64| {
            let mut pass: Pass<f64> = network::pass(shape, of.batch());
            pass.input.assign(of.input.to_dense().map(|&x| f64::from(x)).view());
            pass.draw.gates = of.draw.gates.map(|&g| f64::from(g));
            pass.draw.gates.view_mut().column_mut(j).fill(value);
            gates_to_losses(parameters, &mut pass, &mut CountingKernels::default(), ExpertsRun::All);
            pass.head.losses
        };
        for (b, (on, off)) in at(1.0).into_iter().zip(at(0.0)).enumerate() {
            out[(b, j)] = on - off;
        }
    }
    out
}

#[test]
fn one_flip_is_the_entry_of_all_flips() {
    for (expert, units) in KINDS {
        let shape = small(expert, units);
        let parameters = network::parameters(&shape, 55);
        for share in [0.4, 0.9, -1.0] {
            let pass = drawn(&parameters, shape, BATCH, share);
            let mut all = Matrix::from_elem((BATCH, 4), f64::NAN);
            asked(&parameters, &mut pass.clone(), |context| context.flips(&mut all));
            let truth = brute_flips(&parameters, shape, &pass.draw.gates);
            all.iter().zip(&truth).for_each(|(a, b)| assert_close(*a, *b, 1e-12, "all flips"));
            for shift in 0..4 {
                let gate: Vec<usize> = (0..BATCH).map(|b| (b + shift) % 4).collect();
                let mut one = vec![f64::NAN; BATCH];
                asked(&parameters, &mut pass.clone(), |context| context.flip(&gate, &mut one));
                for (b, (&k, found)) in gate.iter().zip(one).enumerate() {
                    assert_close(found, all[(b, k)], 1e-14, "one flip");
                }
            }
        }
    }
}

/// B = 6, D = 12, G = 4, K = 10, U units a gate.
#[test]
fn questions_cost_what_a_pen_says() {
    let (b, d, g, k) = (BATCH as u64, 12, 4, 10);
    for units in [1, 3] {
        let shape = small(ExpertActivation::Linear, units);
        let (u, every) = (units as u64, b * g * units as u64);
        let parameters: Parameters<f64> = network::parameters(&shape, 55);
        let pass = drawn(&parameters, shape, BATCH, 0.3);
        let open = pass.active.len() as u64;
        let closed = b * g - open;
        // More than half of the pairs are missing: one dense product is done.
        assert!(closed * 2 > b * g);
        let (mut losses, mut slopes) = ([0.0; BATCH], Matrix::zeros((BATCH, 4)));

        // A second draw that opens one gate of each example, closed so far in `missing` of them.
        let gate: Vec<usize> = (0..BATCH).map(|b| (3 * b + 1) % 4).collect();
        let other = Matrix::from_shape_fn((BATCH, 4), |(b, j)| f64::from(u8::from(gate[b] == j)));
        let missing = gate.iter().enumerate().filter(|&(b, &j)| pass.draw.gates[(b, j)].abs() < 1e-300).count() as u64;
        assert!(missing > 0 && missing <= b * g / 2);
        let mut here = pass.clone();
        let cost = asked(&parameters, &mut here, |context| context.losses_at(&other, &mut losses));
        assert_eq!(cost, (missing * u * d + b * u * k, 0), "experts that hadn't run, then the head of open units");
        // Asked again, the experts are there already.
        let cost = asked(&parameters, &mut here, |context| context.losses_at(&other, &mut losses));
        assert_eq!(cost, (b * u * k, 0), "the head alone");

        let cost = asked(&parameters, &mut pass.clone(), |context| context.flip(&gate, &mut losses));
        assert_eq!(cost, (missing * u * d + b * u * k, 0), "one flip");

        let mut here = pass.clone();
        let cost = asked(&parameters, &mut here, |context| context.flips(&mut slopes));
        assert_eq!(cost, (every * d + every * k, 0), "every expert, and what each adds to the scores");
        let cost = asked(&parameters, &mut here, |context| context.flips(&mut slopes));
        assert_eq!(cost, (every * k, 0), "asked again");

        let soft = Matrix::from_elem((BATCH, 4), 0.3);
        let cost =
            asked(&parameters, &mut pass.clone(), |context| context.gate_grads_at(&soft, &mut losses, &mut slopes));
        assert_eq!(cost, (every * d + every * k, every * k + every), "every expert; the head, forward and back");
    }
}

/// What an estimator does by itself is on the meter too.
#[test]
fn work_of_an_estimators_own_is_counted() {
    let shape = small(ExpertActivation::Linear, 1);
    let parameters: Parameters<f64> = network::parameters(&shape, 55);
    let mut pass = drawn(&parameters, shape, BATCH, 0.3);
    assert_eq!(asked(&parameters, &mut pass, |context| context.count_macs(123)), (0, 123));
}
