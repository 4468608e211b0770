//! A step happens wholly or not at all.

use crate::common::runs::{DATA, append, config, config_with, partly, set, start, switch, train};
use gatelab_engine::data::Split;
use gatelab_engine::estimator::registry;
use gatelab_engine::network::TENSORS;
use gatelab_engine::schema::{Action, Change, RunConfig, Value};
use gatelab_engine::training::{TrainError, Trainer, checkpoint};

fn bytes(trainer: &mut Trainer<f32>) -> Vec<u8> {
    checkpoint::write(trainer, None).unwrap()
}

/// A weight in the middle: those of a border pixel, which is never inked, are never read.
fn weight(trainer: &mut Trainer<f32>, tensor: usize) -> f32 {
    let mut tensors = trainer.parameters_mut().tensors();
    let values = &mut tensors[tensor].values;
    values[values.len() * 406 / 784]
}

fn set_weight(trainer: &mut Trainer<f32>, tensor: usize, weight: f32) {
    let mut tensors = trainer.parameters_mut().tensors();
    let values = &mut tensors[tensor].values;
    values[values.len() * 406 / 784] = weight;
}

/// A NaN in this tensor refuses the step; the run's bytes stay, and once the NaN is gone the run goes on as if nothing had
/// happened.
#[track_caller]
fn assert_refused_wholly(mut run: Trainer<f32>, mut undisturbed: Trainer<f32>, tensor: usize, what: &str) {
    let good = weight(&mut run, tensor);
    let before = bytes(&mut run);
    set_weight(&mut run, tensor, f32::NAN);
    for _ in 0..2 {
        let error = run.step(&DATA).err().unwrap_or_else(|| panic!("{what}: the step went through"));
        assert!(matches!(error, TrainError::NotFinite { .. }), "{what}: {error}");
    }
    set_weight(&mut run, tensor, good);
    assert!(bytes(&mut run) == before, "{what}: the refused step changed something");
    for _ in 0..3 {
        assert_eq!(run.step(&DATA).unwrap(), undisturbed.step(&DATA).unwrap(), "{what}: report and work");
    }
    assert!(bytes(&mut run) == bytes(&mut undisturbed), "{what}: goes on as if nothing had happened");
}

#[test]
fn a_refused_step_changes_nothing_for_any_estimator_and_tensor() {
    for id in registry::ids() {
        for (tensor, name) in TENSORS.iter().enumerate() {
            // A NaN in a rectifier's logit closes its gate, which is no failure.
            if *name == "logit biases" && id.contains("rectifier") {
                continue;
            }
            // Active from the start, so that the expert's NaN is met.
            let run = || {
                let mut run = start(config_with(id, &[("start-rate", 0.9)]));
                train(&mut run, 7);
                run
            };
            assert_refused_wholly(run(), run(), tensor, &format!("{id}, {name}"));
        }
    }
}

#[test]
fn a_refused_step_leaves_pending_rewards_as_they_were() {
    for record in registry::RECORDS.iter().filter(|record| record.needs.only_losses()) {
        let run = || {
            let mut config = config_with(record.id, &[("start-rate", 0.9), ("delay", 3.0)]);
            config.overrides.insert("told".into(), Value::Choice("delayed-reward".into()));
            let mut run = start(config);
            train(&mut run, 7);
            run
        };
        for tensor in [2, 6] {
            assert_refused_wholly(run(), run(), tensor, &format!("{}, {}", record.id, TENSORS[tensor]));
        }
    }
}

/// The gradient of a refused step is not among those that arrive once the delay is set to 0.
#[test]
fn a_refused_gradient_never_arrives() {
    let mut config = config_with("reinforce", &[("start-rate", 0.9), ("delay", 3.0)]);
    config.overrides.insert("told".into(), Value::Choice("delayed-reward".into()));
    let mut run = start(config);
    train(&mut run, 7);
    let mut undisturbed = checkpoint::read(&bytes(&mut run)).unwrap().trainer;
    let good = weight(&mut run, 2);
    set_weight(&mut run, 2, f32::NAN);
    assert!(run.step(&DATA).is_err());
    set_weight(&mut run, 2, good);
    for run in [&mut run, &mut undisturbed] {
        run.change(set("delay", 0.0)).unwrap();
        train(run, 12);
    }
    assert!(bytes(&mut run) == bytes(&mut undisturbed));
}

/// Changes that were due at a refused step are still ahead.
#[test]
fn a_refused_step_takes_its_changes_back() {
    let changes = vec![
        Change { step: 7, action: switch("reinforce-optimal") },
        Change { step: 7, action: set("lr", 0.3) },
        Change { step: 7, action: Action::ResetMomentum },
        Change { step: 7, action: switch("rectifier") },
    ];
    for id in ["reinforce-mean", "relax", "st-default-expert", "concrete", "rectifier"] {
        let run = || {
            let mut run = start(RunConfig { changes: changes.clone(), ..config_with(id, &[("start-rate", 0.9)]) });
            train(&mut run, 7);
            run
        };
        let (mut refused, mut undisturbed) = (run(), run());
        let (settings, live) = (refused.settings().clone(), refused.live());
        let good = weight(&mut refused, 0);
        set_weight(&mut refused, 0, f32::NAN);
        assert!(refused.step(&DATA).is_err());
        set_weight(&mut refused, 0, good);
        assert_eq!((refused.settings(), refused.changes_ahead().len()), (&settings, 4), "{id}");
        assert_eq!(refused.live(), live, "{id}");
        assert!(bytes(&mut refused) == bytes(&mut undisturbed), "{id}");
        train(&mut refused, 15);
        train(&mut undisturbed, 15);
        assert!(bytes(&mut refused) == bytes(&mut undisturbed), "{id}");
    }
}

/// A change whose step's minibatch has not arrived is still ahead: it takes effect with the step, not before.
#[test]
fn a_change_is_applied_with_its_step_and_not_while_data_is_missing() {
    let mut data = partly(2_000);
    let mut run = start(RunConfig {
        // The first shard's 2,000 digits last for 125 steps of 16.
        changes: vec![Change { step: 125, action: switch("reinforce") }],
        ..config("st", 7)
    });
    for _ in 0..125 {
        run.step(&data).unwrap();
    }
    for _ in 0..3 {
        assert!(matches!(run.step(&data), Err(TrainError::Waiting { step: 125, .. })));
        assert_eq!((run.settings().estimator.as_str(), run.changes_ahead().len()), ("st", 1));
    }
    append(&mut data, Split::Train, 2_600);
    run.step(&data).unwrap();
    assert_eq!((run.settings().estimator.as_str(), run.changes_ahead().len()), ("reinforce", 0));
}

/// What "lower rate" does to a run that failed is recorded, so that the run replays from its configuration.
#[test]
fn a_run_with_a_momentum_reset_replays() {
    for id in ["st", "reinforce-mean", "rectifier"] {
        let mut run = start(config_with(id, &[("momentum", 0.9)]));
        train(&mut run, 12);
        run.change(Action::ResetMomentum).unwrap();
        run.change(set("lr", 0.01)).unwrap();
        train(&mut run, 20);
        let mut again = start(run.config().clone());
        train(&mut again, 20);
        assert!(bytes(&mut again) == bytes(&mut run), "{id}");
        let mut without = run.config().clone();
        without.changes.retain(|change| change.action != Action::ResetMomentum);
        let mut without = start(without);
        train(&mut without, 20);
        assert_ne!(without.parameters().digest().value(), run.parameters().digest().value(), "{id}: it matters");
    }
}

/// Inputs of the output layer are not bounded: a step whose hidden units have overflowed is refused even if its loss has not.
#[test]
fn an_infinite_input_of_the_output_layer_refuses_the_step() {
    use gatelab_engine::network::{ParameterGradient, Pass, Shape};
    let shape = Shape {
        inputs: 784,
        gater_hidden: 3,
        gates: 2,
        units_per_gate: 2,
        classes: 10,
        expert: gatelab_engine::network::ExpertActivation::Linear,
    };
    let mut pass = Pass::<f32>::new(shape, 2);
    pass.active.refill(pass.draw.gates.view());
    let first = |pass: &Pass<f32>| ParameterGradient::of(pass, std::iter::empty()).first_not_finite();
    assert_eq!(first(&pass), None);
    for h in [f32::INFINITY, f32::NEG_INFINITY, f32::NAN, 2e30] {
        pass.experts.gated[(1, 3)] = h;
        assert_eq!(first(&pass), Some("output weights"), "h = {h}");
    }
    pass.experts.gated[(1, 3)] = 1e29;
    assert_eq!(first(&pass), None);
}
