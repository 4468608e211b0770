//! Error with test-time gates: deterministic, cut off by a threshold that opens the target share of gates.

use crate::data::{DataError, Dataset, Split};
use crate::network::{Pass, forward_at_test_time, gater};
use gatelab_kernels::{CountingKernels, DefaultBackend};

use super::report::Work;
use super::trainer::Trainer;

/// Examples per pass: large enough for the matrix kernels, small enough to stop in time.
const CHUNK: usize = 250;
/// How many logits the threshold is chosen from.
const CALIBRATION_LOGITS: usize = 256_000;

/// Sums over the examples measured so far.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measured {
    /// Examples.
    pub examples: usize,
    /// Wrong answers.
    pub wrong: usize,
    /// Sum of losses, nats.
    pub loss: f64,
    /// Open (example, gate) pairs.
    pub open: usize,
    /// All pairs.
    pub pairs: usize,
    /// Threshold on the logit.
    pub threshold: f64,
    /// Multiply-adds.
    pub work: Work,
}

impl Measured {
    /// Share of wrong answers, 0..=1.
    pub fn error(&self) -> f64 {
        self.wrong as f64 / self.examples.max(1) as f64
    }

    /// Mean loss, nats.
    pub fn mean_loss(&self) -> f64 {
        self.loss / self.examples.max(1) as f64
    }

    /// Share of open gates, 0..=1.
    pub fn gate_rate(&self) -> f64 {
        self.open as f64 / self.pairs.max(1) as f64
    }
}

/// The threshold θ above which a share `rate` of the logits lies. `logits` is reordered, in the total order of IEEE 754, so that a
/// NaN has a place too. 0 for no logits.
pub fn threshold_for_rate<R: DefaultBackend>(logits: &mut [R], rate: f64) -> R {
    let count = logits.len();
    let open = ((rate * count as f64).round() as usize).min(count);
    if count == 0 {
        return R::zero();
    }
    if open == count {
        return R::neg_infinity();
    }
    // Of the ascending order, everything after this one is open.
    let (_, threshold, _) = logits.select_nth_unstable_by(count - open - 1, |a, b| a.as_f64().total_cmp(&b.as_f64()));
    *threshold
}

/// An evaluation that can be done in pieces.
pub struct Evaluator<R: DefaultBackend> {
    split: Split,
    until: usize,
    so_far: Measured,
    threshold: R,
    pass: Pass<R>,
    kernels: CountingKernels<R>,
}

impl<R: DefaultBackend> Evaluator<R> {
    /// Starts one on the first `most` examples of a split; chooses the threshold on leading training examples.
    pub fn new(trainer: &Trainer<R>, data: &Dataset, split: Split, most: usize) -> Result<Self, DataError> {
        let until = most.min(data.split(split).len());
        let mut evaluator = Self {
            split,
            until,
            so_far: Measured::default(),
            threshold: R::zero(),
            pass: Pass::new(trainer.settings().shape, CHUNK.min(until.max(1))),
            kernels: CountingKernels::default(),
        };
        if trainer.estimator().thresholded() {
            evaluator.threshold = evaluator.calibrate(trainer, data)?;
        }
        evaluator.so_far.threshold = evaluator.threshold.as_f64();
        evaluator.kernels.take_macs();
        Ok(evaluator)
    }

    fn calibrate(&mut self, trainer: &Trainer<R>, data: &Dataset) -> Result<R, DataError> {
        let settings = trainer.settings();
        let examples = (CALIBRATION_LOGITS / settings.shape.gates).clamp(50, 1000).min(data.train.len());
        let mut logits = Vec::with_capacity(examples * settings.shape.gates);
        let mut from = 0;
        while from < examples {
            let to = (from + CHUNK).min(examples);
            self.load(data, Split::Train, from, to)?;
            gater::forward(trainer.parameters(), &mut self.pass, &mut self.kernels);
            logits.extend(self.pass.logits.iter().copied());
            from = to;
        }
        Ok(threshold_for_rate(&mut logits, settings.target))
    }

    fn load(&mut self, data: &Dataset, split: Split, from: usize, to: usize) -> Result<(), DataError> {
        if self.pass.batch() != to - from {
            self.pass = Pass::new(self.pass.shape, to - from);
        }
        let indices: Vec<u32> = (from as u32..to as u32).collect();
        data.split(split).load(&indices, &mut self.pass.input, &mut self.pass.labels)
    }

    /// Measures the next piece; the result once all is done.
    pub fn advance(&mut self, trainer: &Trainer<R>, data: &Dataset) -> Result<Option<Measured>, DataError> {
        let from = self.so_far.examples;
        let to = (from + CHUNK).min(self.until);
        if from < to {
            self.load(data, self.split, from, to)?;
            self.measure(trainer);
        }
        Ok((to == self.until).then_some(self.so_far))
    }

    /// Does all of it.
    pub fn finish(mut self, trainer: &Trainer<R>, data: &Dataset) -> Result<Measured, DataError> {
        loop {
            if let Some(measured) = self.advance(trainer, data)? {
                return Ok(measured);
            }
        }
    }

    fn measure(&mut self, trainer: &Trainer<R>) {
        let (pass, kernels, parameters) = (&mut self.pass, &mut self.kernels, trainer.parameters());
        forward_at_test_time(parameters, trainer.estimator(), self.threshold, pass, kernels);
        let so_far = &mut self.so_far;
        for ((row, &label), loss) in pass.head.log_probs.rows().zip(&pass.labels).zip(&pass.head.losses) {
            let best = row.iter().enumerate().fold(
                (0, R::neg_infinity()),
                |best, (k, &s)| {
                    if s > best.1 { (k, s) } else { best }
                },
            );
            so_far.wrong += usize::from(best.0 != usize::from(label));
            so_far.loss += loss.as_f64();
        }
        so_far.examples += pass.batch();
        so_far.open += pass.active.len();
        so_far.pairs += pass.batch() * pass.shape.gates;
        so_far.work.forward += kernels.take_macs();
        so_far.work.forward_dense += pass.shape.dense_forward(pass.batch() as u64, pass.input.multiplied() as u64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threshold_opens_the_wanted_share() {
        let logits: Vec<f64> = (0..1000).map(|i| f64::from((i * 617) % 1000)).collect();
        for rate in [0.0, 0.001, 0.1, 0.5, 0.999, 1.0] {
            let threshold = threshold_for_rate(&mut logits.clone(), rate);
            let open = logits.iter().filter(|l| **l > threshold).count();
            assert_eq!(open, (rate * 1000.0) as usize, "{rate}");
        }
        assert!(threshold_for_rate::<f64>(&mut [], 0.1).abs() < 1e-300);
    }

    /// Without a total order, where NaNs lie decides what the threshold is.
    #[test]
    fn nan_logits_do_not_change_with_their_place() {
        let mut logits: Vec<f64> = (0..500).map(|i| f64::from((i * 617) % 500)).collect();
        let found = [0, 17, 250, 499].map(|at| {
            let mut with_nans = logits.clone();
            (0..40).for_each(|i| with_nans.insert((at + i * 11) % 500, f64::NAN));
            threshold_for_rate(&mut with_nans, 0.5).to_bits()
        });
        assert_eq!(found, [found[0]; 4]);
        assert_eq!(found[0], threshold_for_rate(&mut logits, 230.0 / 500.0).to_bits());
    }
}
