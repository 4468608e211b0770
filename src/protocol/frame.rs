//! The hot message: what happened since the last display frame.
//!
//! Encoded by postcard (a compact, specified binary format) into one transferred buffer of a few kB. Vectors are flat and
//! row-major; their shapes stand in the fields beside them.

use serde::{Deserialize, Serialize};

use gatelab_engine::training::Measured;
use gatelab_engine::training::history::Bucket;

/// One evaluation on validation digits with test-time gates.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Steps done when the parameters were taken.
    pub step: u64,
    /// Share of wrong answers, 0..=1.
    pub error: f32,
    /// Mean negative log-likelihood, nats.
    pub loss: f32,
    /// Share of open gates at test time, 0..=1.
    pub gate_rate: f32,
    /// Threshold on the logit that opens a gate, chosen for the target rate; 0 where the estimator has none.
    pub threshold: f32,
    /// Number of digits it was measured on.
    pub examples: u32,
}

impl Evaluation {
    /// What was measured when so many steps were done.
    pub fn of(step: u64, measured: &Measured) -> Self {
        Self {
            step,
            error: measured.error() as f32,
            loss: measured.mean_loss() as f32,
            gate_rate: measured.gate_rate() as f32,
            threshold: measured.threshold as f32,
            examples: measured.examples as u32,
        }
    }
}

/// Multiply-adds per example over the last steps, counted by the kernels; `dense` is the same step with every gate open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Meter {
    /// Forward, done.
    pub forward: f64,
    /// Forward, with every gate open.
    pub forward_dense: f64,
    /// Backward, done.
    pub backward: f64,
    /// Backward, with every gate open.
    pub backward_dense: f64,
    /// At test time, done (last evaluation).
    pub test: f64,
    /// At test time, with every gate open.
    pub test_dense: f64,
    /// Milliseconds of computing per training step.
    pub step_ms: f64,
}

/// Columns of the spike raster: one for each step, or for every second, fourth, … where steps are too many to be seen.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RasterColumns {
    /// Step of the first column, a multiple of `stride`.
    pub first_step: u64,
    /// Steps from one column to the next, a power of two.
    pub stride: u64,
    /// Rows.
    pub gates: u32,
    /// `columns × gates`, 0 (closed) ..= 255 (open, or open for the whole minibatch).
    pub spikes: Vec<u8>,
}

/// The gates' answers to the fixed probe digits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProbeView {
    /// Rows.
    pub gates: u32,
    /// Columns: the probe digits, sorted by class.
    pub probes: u32,
    /// `gates × probes`, firing probability × 255.
    pub probability: Vec<u8>,
    /// `gates × 10`, mean firing probability over the probes of each class × 255.
    pub by_class: Vec<u8>,
}

/// The probe digits themselves; sent once per data set, with the first frame of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProbeDigits {
    /// Labels, sorted.
    pub labels: Vec<u8>,
    /// Pixels, 784 a digit, 0 = paper.
    pub pixels: Vec<u8>,
}

/// One digit on its way, with test-time gates.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OneDigit {
    /// Gate values, 0 for closed.
    pub gates: Vec<f32>,
    /// Firing probability per gate, 0..=1.
    pub probability: Vec<f32>,
    /// Class probabilities, 10.
    pub classes: Vec<f32>,
    /// `gates × 10`: what each gate's block adds to each class score.
    pub contribution: Vec<f32>,
}

/// What happened since the last frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The page's number for the run.
    pub run: u32,
    /// Steps done.
    pub step: u64,
    /// Epochs done, with fraction.
    pub epoch: f64,
    /// Training examples a second, over the last second.
    pub examples_per_second: f32,
    /// Mean negative log-likelihood of each minibatch since the last frame, nats, penalty not included. A bucket is one step,
    /// unless the page was hidden for long.
    pub loss: Vec<Bucket>,
    /// Share of (example, gate) pairs whose gate was open, 0..=1, likewise.
    pub gate_rate: Vec<Bucket>,
    /// Evaluations since the last frame.
    pub evaluations: Vec<Evaluation>,
    /// Compute meter.
    pub meter: Meter,
    /// Firing rate of each gate, running mean over training minibatches, 0..=1.
    pub rates: Vec<f32>,
    /// The sparsity weight λ in force (it moves by itself under Eq. 15).
    pub lambda: f32,
    /// The estimator's live numbers, in the order of its record.
    pub live: Vec<f32>,
    /// Spikes, if watched.
    pub raster: Option<RasterColumns>,
    /// The probe digits' pixels, once per run.
    pub probe_digits: Option<ProbeDigits>,
    /// The gates' answers to the probe digits, if watched and new.
    pub probes: Option<ProbeView>,
    /// The pinned digit, if watched and new.
    pub one_digit: Option<OneDigit>,
}

/// A buffer that is not a frame.
#[derive(Debug, thiserror::Error)]
#[error("expected a frame of protocol {expected}, found {found}; reload the page", expected = super::PROTOCOL_VERSION)]
pub struct FrameError {
    found: String,
}

impl Frame {
    /// First byte of a frame; other binary messages (checkpoints) begin otherwise.
    pub const TAG: u8 = b'F';

    /// To bytes, [`Frame::TAG`] first.
    pub fn encode(&self) -> Result<Vec<u8>, FrameError> {
        postcard::to_extend(self, vec![Self::TAG]).map_err(|e| FrameError { found: e.to_string() })
    }

    /// From bytes, as [`Frame::encode`] made them.
    pub fn decode(bytes: &[u8]) -> Result<Self, FrameError> {
        match bytes.split_first() {
            Some((&Self::TAG, rest)) => postcard::from_bytes(rest).map_err(|e| FrameError { found: e.to_string() }),
            Some((tag, _)) => Err(FrameError { found: format!("a message tagged {tag}") }),
            None => Err(FrameError { found: "an empty message".into() }),
        }
    }
}
