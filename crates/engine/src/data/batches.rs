//! Which examples make minibatch t: a pure function of seed, step, batch size and the sizes of the shards.
//!
//! Every epoch visits each training example once, without replacement, except that the last partial batch is dropped.
//! Epoch 0 reads the shards in order and shuffles inside each of them, so that learning can start when the first shard has
//! arrived, and the order doesn't depend on the speed of the download. Later epochs shuffle everything.
//!
//! Each permutation is Fisher and Yates' shuffle of 0, 1, 2, … by a separate [`rand_pcg::Pcg32`], seeded by splitmix64
//! from (seed, purpose, epoch or shard): epoch 7 needs no epoch 6, and the values hold across releases and machines.

use super::DataError;
use super::dataset::shard_plan;
use super::stream::{shuffle, stream};

/// Purposes of the generators here.
const SHARD_ORDER: u64 = 0xba7c_0000;
const EPOCH_ORDER: u64 = 0xba7c_0001;

/// The order of training examples. Keeps the current epoch's permutation; a step of another epoch computes a new one.
#[derive(Clone, Debug)]
pub struct BatchStream {
    seed: u64,
    batch_size: usize,
    /// Where each shard ends, rising; the last is the number of training examples.
    shard_ends: Vec<usize>,
    epoch: Option<u64>,
    order: Vec<u32>,
}

impl BatchStream {
    /// The order for `train_size` examples that arrive in shards of `shard_sizes`, in batches of `batch_size`.
    ///
    /// # Errors
    /// [`DataError::Length`] if the shards don't add up to `train_size`, [`DataError::BatchSize`] unless
    /// 1 ≤ `batch_size` ≤ `train_size`, [`DataError::TooMany`] beyond [`super::MAX_EXAMPLES`].
    pub fn new(seed: u64, batch_size: usize, train_size: usize, shard_sizes: &[usize]) -> Result<Self, DataError> {
        if train_size > super::MAX_EXAMPLES {
            return Err(DataError::TooMany { cap: super::MAX_EXAMPLES, found: train_size as u64 });
        }
        let mut end = 0_usize;
        let add = |&size: &usize| {
            end = end.saturating_add(size);
            end
        };
        let shard_ends: Vec<usize> = shard_sizes.iter().map(add).collect();
        if end != train_size {
            return Err(DataError::Length { what: "examples in shards", expected: train_size, found: end });
        }
        if !(1..=train_size).contains(&batch_size) {
            return Err(DataError::BatchSize { examples: train_size, found: batch_size });
        }
        Ok(Self { seed, batch_size, shard_ends, epoch: None, order: Vec::new() })
    }

    /// The order for `train_size` examples under the standard shard plan ([`shard_plan`]), which all data sets share.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn standard(seed: u64, batch_size: usize, train_size: usize) -> Result<Self, DataError> {
        let plan: Vec<usize> =
            shard_plan(train_size.min(super::MAX_EXAMPLES + 1)).iter().map(ExactSizeIterator::len).collect();
        Self::new(seed, batch_size, train_size, &plan)
    }

    /// Training examples.
    pub fn train_size(&self) -> usize {
        self.shard_ends.last().copied().unwrap_or(0)
    }

    /// Examples in each batch.
    pub fn batch_size(&self) -> usize {
        self.batch_size
    }

    /// Whole batches in an epoch, at least 1.
    pub fn batches_per_epoch(&self) -> usize {
        self.train_size() / self.batch_size
    }

    /// The epoch of a step, and the position of its batch within the epoch.
    pub fn place(&self, step: u64) -> (u64, usize) {
        let batches = self.batches_per_epoch() as u64;
        (step / batches, (step % batches) as usize)
    }

    /// How many leading training examples must have arrived before step `step` (counted from 0): whole shards in epoch 0,
    /// everything later.
    pub fn needs(&self, step: u64) -> usize {
        let (epoch, place) = self.place(step);
        if epoch > 0 {
            return self.train_size();
        }
        let last = (place + 1) * self.batch_size;
        let shard = self.shard_ends.partition_point(|&end| end < last);
        self.shard_ends.get(shard).copied().unwrap_or(self.train_size())
    }

    /// Puts the examples of step `step` (counted from 0) into `out`, replacing what was there.
    pub fn indices(&mut self, step: u64, out: &mut Vec<u32>) {
        let (epoch, place) = self.place(step);
        if self.epoch != Some(epoch) {
            self.reorder(epoch);
        }
        out.clear();
        out.extend_from_slice(&self.order[place * self.batch_size..][..self.batch_size]);
    }

    fn reorder(&mut self, epoch: u64) {
        self.order.clear();
        self.order.extend(0..self.train_size() as u32);
        self.epoch = Some(epoch);
        if epoch > 0 {
            shuffle(&mut stream(self.seed, &[EPOCH_ORDER, epoch]), &mut self.order);
            return;
        }
        let mut start = 0;
        for (shard, &end) in self.shard_ends.iter().enumerate() {
            shuffle(&mut stream(self.seed, &[SHARD_ORDER, shard as u64]), &mut self.order[start..end]);
            start = end;
        }
    }
}
