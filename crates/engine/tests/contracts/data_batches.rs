//! Minibatches: every epoch a permutation, epoch 0 by shards, and the same order for ever.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

use gatelab_engine::data::digest::sha256_hex;
use gatelab_engine::data::{BatchStream, DataError};
use proptest::prelude::*;

/// The examples of an epoch, in order, and how many were dropped at its end.
fn epoch(stream: &mut BatchStream, epoch: u64) -> Vec<u32> {
    let batches = stream.batches_per_epoch() as u64;
    let (mut all, mut batch) = (Vec::new(), Vec::new());
    for step in epoch * batches..(epoch + 1) * batches {
        stream.indices(step, &mut batch);
        assert_eq!(batch.len(), stream.batch_size());
        all.extend_from_slice(&batch);
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_epoch_never_repeats_an_example(seed in any::<u64>(), shards in prop::collection::vec(1_usize..200, 1..5),
                                         share in 0.0_f64..1.0, number in 0_u64..4) {
        let size: usize = shards.iter().sum();
        let batch = 1 + (share * (size - 1) as f64) as usize;
        let mut stream = BatchStream::new(seed, batch, size, &shards).unwrap();
        let mut seen = epoch(&mut stream, number);
        prop_assert!(size - seen.len() < batch);
        seen.sort_unstable();
        seen.dedup();
        prop_assert_eq!(seen.len(), size / batch * batch);
        prop_assert!(seen.last().is_none_or(|&last| (last as usize) < size));
    }

    #[test]
    fn no_step_reads_beyond_what_it_needs(seed in any::<u64>(), shards in prop::collection::vec(1_usize..100, 1..6),
                                          batch in 1_usize..20) {
        let size: usize = shards.iter().sum();
        prop_assume!(batch <= size);
        let mut stream = BatchStream::new(seed, batch, size, &shards).unwrap();
        let mut out = Vec::new();
        let mut before = 0;
        for step in 0..2 * stream.batches_per_epoch() as u64 {
            stream.indices(step, &mut out);
            let needs = stream.needs(step);
            prop_assert!(needs >= before && needs <= size);
            prop_assert!(out.iter().all(|&index| (index as usize) < needs), "step {}", step);
            before = needs;
        }
        prop_assert_eq!(before, size);
    }

    #[test]
    fn any_step_can_be_asked_for_at_any_time(seed in any::<u64>(), steps in prop::collection::vec(0_u64..500, 1..20)) {
        let mut kept = BatchStream::standard(seed, 16, 600).unwrap();
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for step in steps {
            kept.indices(step, &mut a);
            BatchStream::standard(seed, 16, 600).unwrap().indices(step, &mut b);
            prop_assert_eq!(&a, &b);
        }
    }
}

#[test]
fn epoch_0_finishes_a_shard_before_the_next() {
    let mut stream = BatchStream::new(5, 10, 100, &[20, 30, 50]).unwrap();
    let order = epoch(&mut stream, 0);
    for (range, part) in [(0..20, &order[..20]), (20..50, &order[20..50]), (50..100, &order[50..])] {
        let mut sorted = part.to_vec();
        sorted.sort_unstable();
        assert_eq!(sorted, range.clone().collect::<Vec<u32>>());
        assert_ne!(part, range.collect::<Vec<u32>>(), "not shuffled");
    }
    assert_eq!([0, 1, 2, 4, 5, 9, 10].map(|step| stream.needs(step)), [20, 20, 50, 50, 100, 100, 100]);
    let later = epoch(&mut stream, 1);
    assert!(later[..20].iter().any(|&index| index >= 50), "epoch 1 still goes by shards");
    assert_ne!(later, epoch(&mut stream, 2));
}

#[test]
fn the_first_shard_of_mnist_is_enough_to_start() {
    let stream = BatchStream::standard(7, 32, 50_000).unwrap();
    assert_eq!([stream.needs(0), stream.needs(61), stream.needs(62)], [2_000, 2_000, 10_000]);
    assert_eq!(stream.batches_per_epoch(), 1_562);
    assert_eq!(stream.place(1_563), (1, 1));
    assert_eq!(stream.needs(u64::MAX), 50_000);
}

#[test]
fn impossible_batches_are_refused() {
    let refuse = |batch, size, shards: &[usize]| BatchStream::new(1, batch, size, shards).unwrap_err();
    assert_eq!(refuse(0, 10, &[10]), DataError::BatchSize { examples: 10, found: 0 });
    assert_eq!(refuse(11, 10, &[10]), DataError::BatchSize { examples: 10, found: 11 });
    assert!(matches!(refuse(1, 0, &[]), DataError::BatchSize { .. }));
    assert!(matches!(refuse(1, 10, &[4, 5]), DataError::Length { .. }));
    assert!(matches!(refuse(1, 10, &[usize::MAX, 11]), DataError::Length { .. }));
    assert!(matches!(refuse(1, usize::MAX, &[usize::MAX]), DataError::TooMany { .. }));
    assert!(BatchStream::standard(1, 1, usize::MAX).is_err());
}

/// Curves that people keep and the checkpoints of older builds depend on this order.
#[test]
fn the_order_never_changes() {
    let mut stream = BatchStream::standard(7, 32, 50_000).unwrap();
    let found = [0, 1, 1_000].map(|number| {
        let order = epoch(&mut stream, number);
        sha256_hex(&order.iter().flat_map(|index| index.to_le_bytes()).collect::<Vec<_>>())
    });
    let golden = [
        "23958a0768728544fb46065f24cc91cebaad599f0c164e52ebc785d2c064c0d3",
        "0c41e79e65eb651a1f65dd7cfc6e1492761cf22bf7338e7c8b8f293f64efd06e",
        "5108d3153d4779daee9b55a6beb2448588ac86071a7aefa22d9751021a0b6580",
    ];
    assert_eq!(found, golden);
}
