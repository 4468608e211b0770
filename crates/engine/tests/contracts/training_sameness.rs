//! What makes a step fast changes none of its bits: zeros that are skipped.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

use crate::common::runs::{DATA, config_with, digest, start};
use gatelab_engine::estimator::registry;
use gatelab_engine::schema::RunConfig;
use gatelab_engine::training::Trainer;
use gatelab_kernels::Skipping;

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
