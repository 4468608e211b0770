//! Evaluation: the threshold opens the target share of gates, the result doesn't depend on how the work is cut, and training
//! doesn't notice.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

use crate::common::runs::{DATA, config, config_with, digest, set, start, train};
use gatelab_engine::data::{Examples, Split};
use gatelab_engine::estimator::registry;
use gatelab_engine::network::{Pass, forward_at_test_time, gater};
use gatelab_engine::training::{Evaluator, Measured, Trainer};
use gatelab_kernels::CountingKernels;

fn measure(trainer: &Trainer<f32>, split: Split, most: usize) -> Measured {
    Evaluator::new(trainer, &DATA, split, most).unwrap().finish(trainer, &DATA).unwrap()
}

/// A pass with these examples in it.
fn pass_of(trainer: &Trainer<f32>, examples: &Examples, indices: &[u32]) -> Pass<f32> {
    let mut pass = Pass::new(trainer.settings().shape, indices.len());
    examples.load(indices, &mut pass.input, &mut pass.labels).unwrap();
    pass
}

#[test]
fn the_threshold_opens_the_target_share_of_the_calibration_digits() {
    for record in registry::RECORDS {
        let mut trainer = start(config(record.id, 7));
        train(&mut trainer, 40);
        for target in [0.1, 0.03, 0.5] {
            trainer.change(set("target", target)).unwrap();
            let measured = measure(&trainer, Split::Valid, 700);
            if !trainer.estimator().thresholded() {
                assert!(measured.threshold.abs() < 1e-300, "{}", record.id);
                continue;
            }
            // The first thousand training digits, as the evaluator uses them.
            let indices: Vec<u32> = (0..1000).collect();
            let mut pass = pass_of(&trainer, &DATA.train, &indices);
            gater::forward(trainer.parameters(), &mut pass, &mut CountingKernels::default());
            let open = pass.logits.iter().filter(|a| f64::from(**a) > measured.threshold).count();
            let rate = open as f64 / pass.logits.len() as f64;
            assert!((rate / target - 1.0).abs() < 0.01, "{}: {rate} for {target}", record.id);
            // Other digits of the same kind: near it.
            assert!((measured.gate_rate() - target).abs() < 0.1, "{}: {}", record.id, measured.gate_rate());
        }
    }
}

#[test]
fn the_result_does_not_depend_on_how_the_digits_are_cut() {
    for record in registry::RECORDS {
        let mut trainer = start(config(record.id, 7));
        train(&mut trainer, 40);
        let measured = measure(&trainer, Split::Valid, 620);
        assert_eq!(measured.examples, 620);
        // All at once, by sevens, and in turned order.
        let all: Vec<u32> = (0..620).collect();
        let turned: Vec<u32> = all.iter().rev().copied().collect();
        for (order, size) in [(&all, 620), (&all, 7), (&turned, 31)] {
            let (mut wrong, mut loss, mut open) = (0, 0.0, 0);
            for indices in order.chunks(size) {
                let mut pass = pass_of(&trainer, &DATA.valid, indices);
                let mut kernels = CountingKernels::default();
                let (parameters, threshold) = (trainer.parameters(), measured.threshold as f32);
                forward_at_test_time(parameters, trainer.estimator(), threshold, &mut pass, &mut kernels);
                for (row, &label) in pass.head.log_probs.rows().zip(&pass.labels) {
                    let own = row[usize::from(label)];
                    wrong += usize::from(row.iter().any(|s| *s > own));
                }
                loss += pass.head.losses.iter().map(|l| f64::from(*l)).sum::<f64>();
                open += pass.active.len();
            }
            assert_eq!((wrong, open), (measured.wrong, measured.open), "{}", record.id);
            assert!((loss - measured.loss).abs() < 1e-5 * loss, "{}: {loss} and {}", record.id, measured.loss);
        }
    }
}

#[test]
fn evaluation_in_pieces_and_in_one_go_are_the_same_and_do_not_disturb_training() {
    for id in ["st", "reinforce-optimal", "noisy-rectifier", "sts"] {
        let mut trainer = start(config(id, 7));
        let mut undisturbed = start(config(id, 7));
        train(&mut trainer, 20);
        train(&mut undisturbed, 20);
        let whole = measure(&trainer, Split::Valid, 10_000);
        assert_eq!(whole.examples, 700, "as many as there are");
        let mut evaluator = Evaluator::new(&trainer, &DATA, Split::Valid, 10_000).unwrap();
        let mut pieces = 0;
        let result = loop {
            pieces += 1;
            if let Some(result) = evaluator.advance(&trainer, &DATA).unwrap() {
                break result;
            }
        };
        assert!(pieces > 1);
        assert_eq!(result, whole, "{id}");
        train(&mut trainer, 40);
        train(&mut undisturbed, 40);
        assert_eq!(digest(&trainer), digest(&undisturbed), "{id}");
    }
}

#[test]
fn skipped_experts_are_not_counted() {
    let mut trainer = start(config_with("st", &[("gates", 20.0)]));
    train(&mut trainer, 20);
    let measured = measure(&trainer, Split::Test, 100);
    let shape = trainer.settings().shape;
    let mut pass = Pass::<f32>::new(shape, 100);
    let everyone: Vec<u32> = (0..100).collect();
    DATA.test.load(&everyone, &mut pass.input, &mut pass.labels).unwrap();
    let active = pass.input.multiplied();
    let gater = active * shape.gater_hidden + 100 * shape.gater_hidden * shape.gates;
    // An open pair runs its units on the inputs of its example that are not zero.
    let pairs = measured.work.forward - gater as u64;
    let per_unit = pairs as f64 / (measured.open * shape.units_per_gate) as f64 - 10.0;
    let rows = pass.input.by_row();
    let sizes: Vec<u32> = (0..rows.rows()).map(|b| rows.row(b).len() as u32).collect();
    let range = f64::from(*sizes.iter().min().unwrap())..f64::from(*sizes.iter().max().unwrap());
    assert!(range.contains(&per_unit), "{per_unit} of {range:?}");
    assert_eq!(measured.work.forward_dense, shape.dense_forward(100, active as u64));
    assert!(measured.open > 0 && measured.open < measured.pairs / 3, "{measured:?}");
}

/// An evaluation of nothing is zero, not NaN.
#[test]
fn no_digits_no_result() {
    let trainer = start(config("st", 7));
    let measured = measure(&trainer, Split::Valid, 0);
    assert_eq!((measured.examples, measured.wrong), (0, 0));
    assert!(
        measured.error().abs() < 1e-300 && measured.mean_loss().abs() < 1e-300 && measured.gate_rate().abs() < 1e-300
    );
}
