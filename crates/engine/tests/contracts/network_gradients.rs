//! The network's backward pass against differences of its forward pass, in `f64`, every parameter.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

use crate::common::network::{
    self, Address, ask, back_to_gradient, coins, gates_to_losses, get, mean_loss, set, small,
};
use crate::common::script::{Script, scattered};
use crate::common::{assert_close, choice, combined, differences, make, make_with, number};
use gatelab_engine::estimator::{Estimator, GateContext};
use gatelab_engine::network::{ExpertActivation, ExpertsRun, Parameters, Pass, TENSORS};
use gatelab_engine::schema::Value;
use gatelab_engine::sparsity::{LambdaController, SparsityPenalty};
use gatelab_kernels::Matrix;
use gatelab_kernels::{CountingKernels, MatrixMultiply, Reference};

const BATCH: usize = 6;
/// Step of the differences; kinks of rectifiers must be farther away.
const STEP: f64 = 1e-3;

/// Differences of `f` in every entry of one tensor.
fn differences_in(
    parameters: &mut Parameters<f64>,
    tensor: usize,
    mut f: impl FnMut(&Parameters<f64>) -> f64,
) -> Vec<f64> {
    let count = parameters.tensors()[tensor].values.len();
    (0..count)
        .map(|at| {
            let here: Address = (tensor, at);
            let still = get(parameters, here);
            let slope = differences::derivative(
                |w| {
                    set(parameters, here, w);
                    f(parameters)
                },
                still,
                STEP,
            );
            set(parameters, here, still);
            slope
        })
        .collect()
}

/// Compares whole tensors, and makes sure that the comparison would notice one per cent in one entry: in the largest, and in
/// the one in the middle of those that can be told.
fn agree(gradient: &mut Parameters<f64>, tensor: usize, differences: &[f64], what: &str) {
    let values = gradient.tensors()[tensor].values.to_vec();
    let mut told: Vec<usize> = (0..values.len()).filter(|&i| values[i].abs() > 1e-8).collect();
    told.sort_by(|&a, &b| values[a].abs().total_cmp(&values[b].abs()));
    // At least half of the entries that aren't zero must be certified by the relative rule.
    let least = (values.iter().filter(|g| g.abs() > 0.0).count() / 2).max(1);
    let name = format!("{what}: {}", TENSORS[tensor]);
    assert_eq!(differences::compare(&name, &values, differences, least), Ok(()));
    for at in [told[told.len() - 1], told[told.len() / 2]] {
        let mut sabotaged = values.clone();
        sabotaged[at] *= 1.01;
        assert!(differences::compare(&name, &sabotaged, differences, least).is_err(), "{name}: one per cent passes");
    }
}

/// Estimators that differentiate the very path they draw: with the randomness kept, the loss is a differentiable function of
/// all parameters, and the gradient must be its derivative.
fn smooth_paths() -> Vec<(&'static str, Vec<(&'static str, Value)>)> {
    vec![
        ("sigmoid", vec![]),
        ("sigmoid-noise", vec![("noise", number(1.5))]),
        ("rectifier", vec![]),
        ("noisy-rectifier", vec![("noise", number(1.0))]),
        ("noisy-rectifier", vec![("noise", number(0.7)), ("noise-kind", choice("logistic"))]),
        ("sts", vec![("penalty-on", choice("root-p"))]),
        ("sts-released", vec![("penalty-on", choice("p")), ("logit-noise", choice("beta")), ("beta", number(40.1))]),
    ]
}

/// A case whose rectifiers are all farther from their kinks than the differences reach.
fn case(
    expert: ExpertActivation,
    units: usize,
    estimator: &mut dyn Estimator<f64>,
) -> (Parameters<f64>, Pass<f64>, Script) {
    for seed in 0..500 {
        let shape = small(expert, units);
        let parameters = network::parameters(&shape, 100 * seed);
        let mut pass = network::pass(shape, BATCH);
        let script = Script::plenty(BATCH * shape.gates, seed);
        network::forward(&parameters, &mut pass, estimator, script.clone());
        let zeros = |values: &Matrix<f64>| values.iter().any(|v| v.abs() < 5e-3);
        // Before the rectifier, and the noisy logit before the gate's.
        let mut raw = pass.clone();
        raw.shape.expert = ExpertActivation::Linear;
        gates_to_losses(&parameters, &mut raw, &mut CountingKernels::default(), ExpertsRun::All);
        let kinked = estimator.record().id.contains("rectifier");
        let scale = [1.0, 0.7].map(|s| combined(&pass.logits, &pass.draw.noise, |a, n| a + s * n));
        // Coins change where u = √p or p.
        let jumps = estimator.record().id.starts_with("sts") && {
            let p = &pass.draw.probability;
            zeros(&combined(&pass.draw.noise, p, |u, p| u - p))
                || zeros(&combined(&pass.draw.noise, p, |u, p| u - p.sqrt()))
        };
        let enough = pass.active.len() > 6;
        let unclear = zeros(&raw.experts.z) || jumps || (kinked && scale.iter().any(zeros));
        if enough && !unclear {
            return (parameters, pass, script);
        }
    }
    unreachable!("none of 500 seeds keeps clear of the kinks")
}

#[test]
fn the_whole_gradient_is_the_derivative_of_loss_and_penalty() {
    for expert in [ExpertActivation::Linear, ExpertActivation::Rectifier] {
        for units in [1, 3] {
            for (id, knobs) in smooth_paths() {
                let mut estimator = make_with(id, &knobs);
                let control = SparsityPenalty::new(estimator.record(), 0.3, 0.2);
                let (mut parameters, mut pass, script) = case(expert, units, estimator.as_mut());
                let (mut gradient, penalty) =
                    network::whole_gradient(&parameters, &mut pass.clone(), estimator.as_mut(), &control);
                assert!(penalty > 0.0);
                for tensor in 0..TENSORS.len() {
                    let objective = |parameters: &Parameters<f64>| {
                        network::forward(parameters, &mut pass, estimator.as_mut(), script.clone());
                        mean_loss(&pass) + network::penalty(&pass, estimator.as_ref(), &control)
                    };
                    let differences = differences_in(&mut parameters, tensor, objective);
                    agree(&mut gradient, tensor, &differences, &format!("{id}, {expert:?}, {units} units"));
                }
            }
        }
    }
}

/// With coins held fixed, the loss is a differentiable function of expert and output layers whatever the estimator; dense and
/// sparse products, and both ways to run the experts.
#[test]
fn expert_and_output_gradients_are_derivatives_under_any_mask() {
    for expert in [ExpertActivation::Linear, ExpertActivation::Rectifier] {
        for (units, share, run) in [
            (1, 0.3, ExpertsRun::Active),
            (3, 0.3, ExpertsRun::Active),
            (3, 0.3, ExpertsRun::All),
            (3, 0.8, ExpertsRun::Active),
            (1, 1.1, ExpertsRun::All),
        ] {
            let shape = small(expert, units);
            let mut parameters = network::parameters(&shape, 900);
            let mut pass = network::pass(shape, BATCH);
            pass.draw = coins(BATCH, shape.gates, share, 7);
            gates_to_losses(&parameters, &mut pass, &mut CountingKernels::default(), run);
            let mut kernels = CountingKernels::default();
            if run == ExpertsRun::All {
                // The question that leaves slopes of closed gates behind must not leak into the experts' gradient.
                let mut slopes = Matrix::zeros((BATCH, shape.gates));
                ask(&parameters, &mut pass, &mut CountingKernels::default(), &mut kernels, |c| {
                    c.gate_grads_of_all(&mut slopes);
                });
            }
            let mut gradient = back_to_gradient(&parameters, &mut pass, &mut kernels);
            for tensor in [0, 1, 6, 7] {
                let loss = |parameters: &Parameters<f64>| {
                    gates_to_losses(parameters, &mut pass, &mut CountingKernels::default(), run);
                    mean_loss(&pass)
                };
                let differences = differences_in(&mut parameters, tensor, loss);
                agree(
                    &mut gradient,
                    tensor,
                    &differences,
                    &format!("{expert:?}, {units} units, {share} open, {run:?}"),
                );
            }
        }
    }
}

/// The gater's backward pass, for any logit gradient an estimator may give: it is the derivative of the logits weighted by it.
#[test]
fn the_gater_passes_any_logit_gradient_on() {
    let shape = small(ExpertActivation::Linear, 1);
    let mut parameters = network::parameters(&shape, 40);
    let mut pass = network::pass(shape, BATCH);
    let weights = Matrix::from_shape_fn((BATCH, shape.gates), |(b, j)| scattered(6, (b * 10 + j) as u64) - 0.4);
    network::forward(&parameters, &mut pass, make("st").as_mut(), Script::plenty(BATCH * shape.gates, 1));
    pass.logit_grad = weights.clone();
    let mut gradient = back_to_gradient(&parameters, &mut pass, &mut CountingKernels::default());
    for tensor in 2..6 {
        let weighted = |parameters: &Parameters<f64>| {
            gatelab_engine::network::gater::forward(parameters, &mut pass, &mut CountingKernels::default());
            combined(&pass.logits, &weights, |a, w| a * w).iter().sum::<f64>() / BATCH as f64
        };
        let differences = differences_in(&mut parameters, tensor, weighted);
        agree(&mut gradient, tensor, &differences, "gater");
    }
}

/// The same pass with the reference product and with the fast one.
#[test]
fn reference_and_fast_products_give_the_same_network() {
    for (units, share, run) in [(3, 0.3, ExpertsRun::Active), (3, 0.9, ExpertsRun::Active), (1, 0.3, ExpertsRun::All)] {
        let shape = small(ExpertActivation::Rectifier, units);
        let parameters = network::parameters::<f64>(&shape, 12);
        let results = [CountingKernels::with(&Reference), CountingKernels::with(&MatrixMultiply)].map(|mut kernels| {
            let mut pass = network::pass(shape, BATCH);
            gatelab_engine::network::gater::forward(&parameters, &mut pass, &mut kernels);
            pass.draw = coins(BATCH, shape.gates, share, 9);
            gates_to_losses(&parameters, &mut pass, &mut kernels, run);
            let mut slopes = Matrix::zeros((BATCH, shape.gates));
            let mut ahead = CountingKernels::default();
            ask(&parameters, &mut pass, &mut ahead, &mut kernels, |context| context.gate_grads_of_all(&mut slopes));
            pass.logit_grad = slopes;
            let gradient = back_to_gradient(&parameters, &mut pass, &mut kernels);
            let mut numbers: Vec<f64> = pass.logits.iter().chain(&pass.head.log_probs).copied().collect();
            numbers.extend(gradient.numbers());
            (numbers, kernels.take_macs())
        });
        let [(slow, slow_work), (fast, fast_work)] = results;
        assert_eq!(slow.len(), fast.len());
        slow.iter().zip(&fast).for_each(|(a, b)| assert_close(*a, *b, 1e-12, "products"));
        assert_eq!(slow_work, fast_work, "the meter doesn't depend on the kernel");
    }
}

/// The penalty with a weight of zero leaves the gradient alone, and the largest λ doesn't reach expert or output layers.
#[test]
fn the_penalty_reaches_the_gater_only() {
    let mut estimator = make("sigmoid");
    let (parameters, mut pass, script) = case(ExpertActivation::Linear, 3, estimator.as_mut());
    let mut gradient_with = |control: SparsityPenalty| {
        network::forward(&parameters, &mut pass, estimator.as_mut(), script.clone());
        network::whole_gradient(&parameters, &mut pass, estimator.as_mut(), &control).0
    };
    let without = gradient_with(SparsityPenalty::CrossEntropy { lambda: 0.0, target: 0.1 });
    let with = gradient_with(SparsityPenalty::CrossEntropy { lambda: 50.0, target: 0.1 });
    let rectified = gradient_with(SparsityPenalty::L1(LambdaController::new(0.5, 0.1)));
    for gradient in [&with, &rectified] {
        assert_eq!(gradient.experts, without.experts);
        assert_eq!(gradient.head, without.head);
        assert_ne!(gradient.gater_hidden, without.gater_hidden);
        assert_ne!(gradient.gater_logits, without.gater_logits);
    }
}
