//! Jobs and outcomes. The other programs (TF.js, plain JavaScript, `PyTorch`) read the same JSON.

use serde::{Deserialize, Serialize};

use gatelab_engine::schema::RunConfig;

/// Something to measure.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Job {
    /// The peak: arithmetic on registers only.
    Peak(Peak),
    /// A matrix product of a training step.
    Gemm(Gemm),
    /// Training steps.
    Steps(Steps),
}

/// Duration: this many chunks that take this many seconds together.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Time {
    /// Seconds of the whole job, after warming up.
    pub seconds: f64,
    /// Number of chunks; each gives a rate.
    pub chunks: u32,
}

/// See [`Job::Peak`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Peak {
    /// Duration of each kernel.
    #[serde(flatten)]
    pub time: Time,
}

/// One of the three products of a layer; letters as in `C ← A·B`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Product {
    /// Input [B × I] · weight [I × O].
    Forward,
    /// Inputᵀ [I × B] · output gradient [B × O].
    WeightGradient,
    /// Output gradient [B × O] · weightᵀ [O × I].
    InputGradient,
}

/// See [`Job::Gemm`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Gemm {
    /// Which product.
    pub product: Product,
    /// B.
    pub batch: usize,
    /// I.
    pub inputs: usize,
    /// O.
    pub outputs: usize,
    /// `default` is the one that training uses.
    pub kernel: String,
    /// How long.
    #[serde(flatten)]
    pub time: Time,
}

/// Which work is skipped without changing a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Skip {
    /// None.
    Nothing,
    /// Products with zeros: pixels, and gradients of closed gates.
    Zeros,
}

/// See [`Job::Steps`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Steps {
    /// The run.
    pub config: RunConfig,
    /// What the engine skips; other programs have their own rules.
    pub skip: Skip,
    /// Steps before the first measurement, at the end of which the loss must have fallen.
    pub proof: u32,
    /// How long.
    #[serde(flatten)]
    pub time: Time,
}

impl Steps {
    /// The same for every job that continues the same run.
    pub(super) fn key(&self) -> String {
        format!("{:?} {:?}", self.config, self.skip)
    }
}

/// What was measured.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Outcome {
    /// Of [`Job::Peak`].
    Peak {
        /// Floating-point operations a second / 1e9, of the fastest kernel in its best chunk, as it is a limit.
        gflops: f64,
        /// Name of that kernel.
        fastest: String,
    },
    /// Of [`Job::Gemm`].
    Gemm {
        /// Floating-point operations a second / 1e9 of each chunk.
        chunks: Vec<f64>,
    },
    /// Of [`Job::Steps`].
    Steps {
        /// Examples a second of each chunk.
        chunks: Vec<f64>,
        /// Mean training loss over the last quarter of the first steps, nats.
        loss: f64,
        /// Share of open (example, gate) pairs during the measurement, 0..=1.
        gates: f64,
        /// Multiply-adds counted per example during the measurement.
        work: Counted,
    },
}

/// Multiply-adds per example, counted by the kernels.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Counted {
    /// Forward.
    pub forward: f64,
    /// Forward with every gate open and nothing skipped.
    pub forward_dense: f64,
    /// Backward.
    pub backward: f64,
    /// Backward, likewise.
    pub backward_dense: f64,
    /// Experts and their rows of the output layer, forward, as a share of the same with every gate open.
    pub experts: f64,
}
