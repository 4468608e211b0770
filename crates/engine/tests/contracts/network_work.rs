//! The compute meter: what the kernels count is what a pen counts, and the dense figures beside it are what the same
//! counters say when every gate is open.

use crate::common::network::{self, ask, coins, gates_to_losses};
use gatelab_engine::estimator::{GateContext, Needs, registry};
use gatelab_engine::network::{
    ExpertActivation, ExpertsRun, ParameterGradient, Parameters, Pass, Shape, backward, gater,
};
use gatelab_kernels::CountingKernels;
use gatelab_kernels::Matrix;

const BATCH: usize = 6;
const D: u64 = 12;
const M: u64 = 5;
const G: u64 = 4;
const K: u64 = 10;

/// What a step counted: forward, backward.
struct Counted {
    forward: u64,
    backward: u64,
    /// Open pairs.
    open: u64,
}

/// A step with this share of open gates and these questions.
fn step(shape: Shape, share: f64, needs: Needs) -> Counted {
    let parameters: Parameters<f64> = network::parameters(&shape, 3);
    let mut pass: Pass<f64> = network::pass(shape, BATCH);
    let (mut ahead, mut back) = (CountingKernels::default(), CountingKernels::default());
    gater::forward(&parameters, &mut pass, &mut ahead);
    pass.draw = coins(BATCH, shape.gates, share, 21);
    let run = if needs.every_expert() { ExpertsRun::All } else { ExpertsRun::Active };
    gates_to_losses(&parameters, &mut pass, &mut ahead, run);
    let mut slopes = Matrix::zeros((BATCH, shape.gates));
    ask(&parameters, &mut pass, &mut ahead, &mut back, |context| match needs {
        Needs::Losses => context.losses(&mut [0.0; BATCH]),
        Needs::GateGradsOfActive => context.gate_grads_of_active(&mut slopes),
        Needs::GateGradsOfAll => context.gate_grads_of_all(&mut slopes),
        _ => unreachable!("not measured here"),
    });
    pass.logit_grad = slopes;
    backward(&parameters, &mut pass, &mut back);
    ParameterGradient::of(&pass, std::iter::empty()).store(&mut back, &mut Parameters::zeros(&shape));
    Counted { forward: ahead.take_macs(), backward: back.take_macs(), open: pass.active.len() as u64 }
}

fn shape(units: usize) -> Shape {
    network::small(ExpertActivation::Linear, units)
}

#[test]
fn sparse_steps_count_open_pairs() {
    let batch = BATCH as u64;
    for units in [1, 3] {
        for needs in [Needs::Losses, Needs::GateGradsOfActive, Needs::GateGradsOfAll] {
            let Counted { forward, backward, open } = step(shape(units), 0.35, needs);
            assert!(open > 4 && open < batch * G / 2, "{open} open: the sparse way");
            let u = units as u64;
            let pairs = open * u;
            let every = batch * G * u;
            let all = needs == Needs::GateGradsOfAll;
            // Gater, experts that ran, and the head of open units.
            let experts = if all { every * D } else { pairs * D };
            assert_eq!(forward, batch * (D * M + M * G) + experts + pairs * K, "forward, {units} units, {needs:?}");
            // Head: weights and what comes back; experts' weights; gater's two layers and what comes back between them.
            let slopes = match needs {
                Needs::Losses => 0,
                Needs::GateGradsOfActive => pairs,
                // The product that gives every slope does the open ones too.
                Needs::GateGradsOfAll => (every - pairs) * K + every,
                _ => unreachable!("not measured here"),
            };
            let expected = 2 * pairs * K + pairs * D + batch * (D * M + 2 * M * G) + slopes;
            assert_eq!(backward, expected, "backward, {units} units, {needs:?}");
        }
    }
}

/// Above half open one dense product is done, and counted as what it is.
#[test]
fn above_half_open_the_dense_product_is_counted() {
    let batch = BATCH as u64;
    let Counted { forward, backward, open } = step(shape(3), 0.8, Needs::GateGradsOfActive);
    assert!(open > batch * G / 2 && open < batch * G, "{open}");
    let (every, pairs) = (batch * G * 3, open * 3);
    assert_eq!(forward, batch * (D * M + M * G) + every * D + pairs * K);
    assert_eq!(backward, 2 * pairs * K + every * D + batch * (D * M + 2 * M * G) + pairs);
}

#[test]
fn with_every_gate_open_the_counters_say_what_the_shape_says() {
    for units in [1, 3] {
        let shape = shape(units);
        for needs in [Needs::Losses, Needs::GateGradsOfActive, Needs::GateGradsOfAll] {
            let counted = step(shape, 1.1, needs);
            assert_eq!(counted.open, BATCH as u64 * G);
            assert_eq!(counted.forward, shape.dense_forward(BATCH as u64, BATCH as u64 * D), "forward, {needs:?}");
            // Without slopes at the gates one product per unit is not done.
            let slopes = if needs == Needs::Losses { BATCH as u64 * shape.units() as u64 } else { 0 };
            assert_eq!(
                counted.backward,
                shape.dense_backward(BATCH as u64, BATCH as u64 * D) - slopes,
                "backward, {needs:?}"
            );
        }
    }
}

/// The paper's network by the numbers of its fact sheet: 1.588 M for the main path, 1.1136 M for the gater.
#[test]
fn the_papers_network_has_the_published_work() {
    let expert = ExpertActivation::Linear;
    let shape = Shape { inputs: 784, gater_hidden: 400, gates: 2000, units_per_gate: 1, classes: 10, expert };
    assert_eq!(shape.dense_forward(1, 784), 1_588_000 + 1_113_600);
    assert_eq!(shape.parameters(), 785 * 2000 + 785 * 400 + 401 * 2000 + 2001 * 10);
}

/// Nobody open: no expert and no head row runs, and nothing breaks.
#[test]
fn with_every_gate_closed_only_the_gater_works() {
    let batch = BATCH as u64;
    let counted = step(shape(3), -1.0, Needs::Losses);
    assert_eq!((counted.open, counted.forward), (0, batch * (D * M + M * G)));
    assert_eq!(counted.backward, batch * (D * M + 2 * M * G));
    for id in ["reinforce", "reinforce-mean", "reinforce-optimal"] {
        assert_eq!(registry::record(id).map(|record| record.needs), Some(Needs::Losses), "{id}");
    }
}
