//! What estimators are told of the loss: losses by their definition, and slopes against differences in every gate, open or
//! closed.

use crate::common::network::{self, ask, coins, gates_to_losses, small};
use crate::common::{assert_close, differences};
use gatelab_engine::estimator::GateContext;
use gatelab_engine::network::{ExpertActivation, ExpertsRun, Parameters, Pass};
use gatelab_kernels::CountingKernels;
use gatelab_kernels::Matrix;

const BATCH: usize = 6;
/// Step of the differences.
const STEP: f64 = 1e-3;

#[test]
fn slopes_are_derivatives_in_each_gate_open_or_closed() {
    for expert in [ExpertActivation::Linear, ExpertActivation::Rectifier] {
        for (units, share) in [(1, 0.4), (3, 0.4), (3, 0.9), (3, -1.0)] {
            let shape = small(expert, units);
            let parameters = network::parameters(&shape, 55);
            let mut pass = network::pass(shape, BATCH);
            pass.draw = coins(BATCH, shape.gates, share, 3);
            // Open gates needn't be 1.
            pass.draw.gates.iter_mut().for_each(|g| *g *= 0.7);
            gates_to_losses(&parameters, &mut pass, &mut CountingKernels::default(), ExpertsRun::Active);
            let (mut active, mut all) =
                (Matrix::from_elem((BATCH, 4), f64::NAN), Matrix::from_elem((BATCH, 4), f64::NAN));
            let mut losses = vec![f64::NAN; BATCH];
            ask(
                &parameters,
                &mut pass.clone(),
                &mut CountingKernels::default(),
                &mut CountingKernels::default(),
                |context| {
                    context.gate_grads_of_active(&mut active);
                    context.losses(&mut losses);
                    context.gate_grads_of_all(&mut all);
                },
            );
            for ((b, j), &gate) in pass.draw.gates.indexed_iter() {
                let mut moved = pass.clone();
                let slope = differences::derivative(
                    |g| {
                        moved.draw.gates[(b, j)] = g;
                        gates_to_losses(&parameters, &mut moved, &mut CountingKernels::default(), ExpertsRun::All);
                        moved.head.losses[b]
                    },
                    gate,
                    STEP,
                );
                assert_close(all[(b, j)], slope, 1e-6 * slope.abs() + 2e-12, "every gate");
                if gate.abs() > 0.0 {
                    assert_close(active[(b, j)], slope, 1e-6 * slope.abs() + 2e-12, "open gate");
                } else {
                    assert_close(active[(b, j)], 0.0, 1e-300, "closed gate");
                }
            }
            let closed_too =
                pass.draw.gates.iter().zip(&all).filter(|(g, s)| g.abs() < 1e-300 && s.abs() > 1e-3).count();
            assert!(share > 0.8 || closed_too > 4, "closed gates have slopes");
            // The losses told, and what they are: −log softmax by the textbook.
            for (b, &told) in losses.iter().enumerate() {
                let scores: Vec<f64> = (0..10).map(|k| score(&parameters, &pass, b, k)).collect();
                let sum: f64 = scores.iter().map(|s| s.exp()).sum();
                assert_close(told, -(scores[usize::from(pass.labels[b])].exp() / sum).ln(), 1e-12, "loss");
            }
        }
    }
}

/// Class score k of example b, by the definition of the network: no kernel takes part.
fn score(parameters: &Parameters<f64>, pass: &Pass<f64>, b: usize, k: usize) -> f64 {
    let shape = pass.shape;
    let input = pass.input.to_dense();
    let unit = |u: usize| {
        let sum: f64 = (0..shape.inputs).map(|d| input[(b, d)] * parameters.experts.weight[(d, u)]).sum();
        let z = sum + parameters.experts.bias[u];
        let z = if shape.expert == ExpertActivation::Rectifier { z.max(0.0) } else { z };
        pass.draw.gates[(b, u / shape.units_per_gate)] * z
    };
    parameters.head.bias[k] + (0..shape.units()).map(|u| unit(u) * parameters.head.weight[(u, k)]).sum::<f64>()
}

/// Losses and probabilities stay finite and right where a naive softmax overflows.
#[test]
fn losses_of_extreme_scores_are_right() {
    let shape = small(ExpertActivation::Linear, 1);
    let mut parameters = network::parameters::<f64>(&shape, 1);
    let mut pass = network::pass(shape, 2);
    pass.labels = vec![0, 1];
    parameters.head.bias[0] = 5000.0;
    parameters.head.bias[1] = -5000.0;
    gates_to_losses(&parameters, &mut pass, &mut CountingKernels::default(), ExpertsRun::Active);
    assert_close(pass.head.losses[0], 0.0, 1e-12, "certain and right");
    assert_close(pass.head.losses[1], 10_000.0, 1e-9, "certain and wrong");
    for b in 0..2 {
        let total: f64 = pass.head.log_probs.row(b).iter().map(|s| s.exp()).sum();
        assert_close(total, 1.0, 1e-12, "log-probabilities");
    }
}
