//! What makes a step fast changes none of its bits: zeros that are skipped, and rows whose momentum waits.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

mod common;

use common::runs::{DATA, config, config_with, digest, set, start, train};
use gatelab::estimator::registry;
use gatelab::numeric::Skipping;
use gatelab::training::Trainer;
use gatelab::training::config::RunConfig;

/// The same run with zeros skipped and without.
fn both(config: &RunConfig) -> [Trainer<f32>; 2] {
    [Skipping::Zeros, Skipping::Nothing].map(|skipping| {
        let mut trainer = start(config.clone());
        trainer.set_skipping(skipping);
        trainer
    })
}

#[test]
fn dense_and_sparse_training_have_the_same_bits() {
    for record in registry::RECORDS {
        for shape in [vec![("batch", 20.0)], vec![("batch", 12.0), ("gates", 40.0), ("units", 1.0), ("max-norm", 0.0)]]
        {
            let [mut sparse, mut dense] = both(&config_with(record.id, &shape));
            for step in 0..8 {
                let (a, b) = (sparse.step(&DATA).unwrap(), dense.step(&DATA).unwrap());
                assert_eq!(a.loss.to_bits(), b.loss.to_bits(), "{}, step {step}", record.id);
                assert!(a.work.forward < b.work.forward && a.work.backward < b.work.backward, "{}", record.id);
            }
            assert_eq!(digest(&sparse), digest(&dense), "{}, {shape:?}", record.id);
        }
    }
}

#[test]
fn rows_that_wait_end_where_those_that_do_not_end() {
    for (id, momentum) in [("st-sigmoid", 0.5), ("reinforce", 0.9), ("st-on-only", 0.0)] {
        let config = config_with(id, &[("max-norm", 0.0), ("momentum", momentum), ("batch", 8.0)]);
        let (mut waiting, mut moving) = (start(config.clone()), start(config));
        for step in 0..60 {
            // What is to be done with rows that wait may change while they do.
            for trainer in [&mut waiting, &mut moving] {
                match step {
                    20 => drop(trainer.change(set("momentum", 0.3)).unwrap()),
                    40 => drop(trainer.change(set("max-norm", 1.5)).unwrap()),
                    50 => drop(trainer.change(set("max-norm", 0.0)).unwrap()),
                    _ => {}
                }
            }
            let (a, b) = (waiting.step_lazily(&DATA).unwrap(), moving.step(&DATA).unwrap());
            assert_eq!(a.loss.to_bits(), b.loss.to_bits(), "{id}, step {step}");
        }
        waiting.settle();
        assert_eq!(digest(&waiting), digest(&moving), "{id}");
    }
}

#[test]
fn delayed_rewards_find_their_rows_moved() {
    let mut config = config_with("reinforce-mean", &[("max-norm", 0.0), ("delay", 3.0), ("momentum", 0.9)]);
    config.overrides.insert("told".into(), gatelab::training::config::Value::Choice("delayed-reward".into()));
    let (mut waiting, mut moving) = (start(config.clone()), start(config));
    for _ in 0..25 {
        waiting.step_lazily(&DATA).unwrap();
        moving.step(&DATA).unwrap();
    }
    waiting.settle();
    assert_eq!(digest(&waiting), digest(&moving));
}

#[test]
fn freezing_a_run_whose_rows_wait_moves_them_first() {
    let mut waiting = start(config_with("st", &[("max-norm", 0.0)]));
    let mut moving = start(config_with("st", &[("max-norm", 0.0)]));
    (0..15).for_each(|_| _ = waiting.step_lazily(&DATA).unwrap());
    train(&mut moving, 15);
    let frozen = |trainer: &mut Trainer<f32>| gatelab::training::checkpoint::write(trainer, 1, None).unwrap();
    assert_eq!(frozen(&mut waiting), frozen(&mut moving));
    assert_eq!(digest(&start(config("st", 7))), digest(&start(config("st", 7))));
}
