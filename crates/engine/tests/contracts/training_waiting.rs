//! Digits that are still arriving: a run waits for them, and then does what it would have done.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

use crate::common::runs::{SIZES, append, config, config_with, digest, partly, start, train};
use gatelab_engine::data::Split;
use gatelab_engine::training::{TrainError, Trainer};

#[test]
fn a_run_waits_for_its_digits_and_then_does_what_it_would_have_done() {
    let reference = {
        let mut trainer = start(config("reinforce-mean", 7));
        train(&mut trainer, 150);
        digest(&trainer)
    };
    let mut data = partly(1_999);
    let mut trainer = start(config("reinforce-mean", 7));
    let wait = |trainer: &mut Trainer<f32>, data: &_, step: u64, needed: usize, present: usize| {
        assert!(!trainer.is_ready(data).unwrap());
        match trainer.step(data) {
            Err(error @ TrainError::Waiting { .. }) => {
                let message = error.to_string();
                for number in [step.to_string(), needed.to_string(), present.to_string()] {
                    assert!(message.contains(&number), "{message}");
                }
            }
            other => unreachable!("expected to wait, found {other:?}"),
        }
        assert_eq!(trainer.step_count(), step);
    };
    wait(&mut trainer, &data, 0, 2_000, 1_999);
    append(&mut data, Split::Train, 2_000);
    // 2000 digits make 125 minibatches of 16.
    for _ in 0..125 {
        assert!(trainer.is_ready(&data).unwrap());
        trainer.step(&data).unwrap();
    }
    for present in [2_000, 2_300, 2_599] {
        append(&mut data, Split::Train, present);
        wait(&mut trainer, &data, 125, 2_600, present);
    }
    append(&mut data, Split::Train, SIZES[0]);
    while trainer.step_count() < 150 {
        assert!(trainer.is_ready(&data).unwrap());
        trainer.step(&data).unwrap();
    }
    assert_eq!(digest(&trainer), reference);
}

/// Past the first epoch, and with a number of digits that the minibatch doesn't divide.
#[test]
fn epochs_are_counted_by_whole_minibatches() {
    let mut trainer = start(config_with("st", &[("batch", 300.0)]));
    train(&mut trainer, 17);
    assert!((trainer.epoch() - 17.0 / 8.0).abs() < 1e-12, "{}", trainer.epoch());
    assert!(start(config("st", 1)).epoch().abs() < 1e-12);
}

#[test]
fn a_minibatch_larger_than_the_data_is_refused() {
    let mut few = gatelab_engine::data::Dataset::planned(gatelab_engine::data::DatasetKind::Strokes, [10, 10, 10]);
    append(&mut few, Split::Train, 10);
    let mut trainer = start(config("st", 7));
    let message = trainer.step(&few).unwrap_err().to_string();
    assert!(message.contains("16") && message.contains("10"), "{message}");
    assert!(trainer.is_ready(&few).is_err());
}
