//! What is asked and answered. Others that take part (TF.js, plain JavaScript, `PyTorch`) read the same JSON.

use serde::{Deserialize, Serialize};

use gatelab_engine::schema::RunConfig;

/// Something to measure.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Job {
    /// What registers alone allow.
    Peak(Peak),
    /// A matrix product at a size of training.
    Gemm(Gemm),
    /// Training steps.
    Steps(Steps),
}

/// How long: so many chunks that take so many seconds together.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Time {
    /// Of the whole job, once warm.
    pub seconds: f64,
    /// Each gives a rate.
    pub chunks: u32,
}

/// See [`Job::Peak`].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Peak {
    /// How long for every loop.
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

/// Which work is left out without changing a result.
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
    /// What the engine leaves out; others have their own ways.
    pub skip: Skip,
    /// Steps before the first measurement, at the end of which the loss must have fallen.
    pub proof: u32,
    /// How long.
    #[serde(flatten)]
    pub time: Time,
}

impl Steps {
    /// The same for every job that goes on with the same run.
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
        /// Floating-point operations a second / 1e9, of the fastest loop: its best chunk, as it is a limit.
        gflops: f64,
        /// Which loop that was.
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
        /// Mean training loss over the last quarter of the proof, nats.
        loss: f64,
        /// Share of open (example, gate) pairs while it was measured, 0..=1.
        gates: f64,
        /// Multiply-adds counted per example while it was measured.
        work: Counted,
    },
}

/// Multiply-adds per example, counted by the kernels.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Counted {
    /// Forward.
    pub forward: f64,
    /// Forward, had every gate been open and nothing been left out.
    pub forward_dense: f64,
    /// Backward.
    pub backward: f64,
    /// Backward, likewise.
    pub backward_dense: f64,
    /// Experts and their rows of the output layer, forward, as a share of the same with every gate open.
    pub experts: f64,
}
