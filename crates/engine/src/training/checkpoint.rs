//! A run saved as a file in the [safetensors](https://github.com/huggingface/safetensors) format, and restored bit for bit.
//!
//! Tensors are row-major:
//!
//! | name | type, shape | |
//! |---|---|---|
//! | `experts.weight`, `gater.hidden.weight`, `gater.logits.weight`, `head.weight` | f32 [in, out] | [`TENSOR_IDS`](crate::network::TENSOR_IDS) |
//! | `experts.bias`, … | f32 `[out]` | |
//! | `velocity.experts.weight`, … | as the parameter | |
//! | `gate_rates` | f32 `[G]` | running mean of each gate's firing rate |
//! | `estimator.NAME` | f32 | the estimator's learned state |
//! | `pending.I.indices`, `pending.I.logit_grad` | u32 `[B]`, f32 [B, G] | gradients whose reward has not arrived |
//!
//! The metadata entry [`METADATA`] is the JSON text of [`Header`]: versions, configuration, step, and a checksum of the whole file.

mod reader;
mod tensors;

use gatelab_kernels::Digest;
use serde::{Deserialize, Serialize};

use super::settings::ConfigError;
use super::trainer::Trainer;
use crate::estimator::StateError;
use crate::schema::RunConfig;

pub use reader::read;

/// Key of the file's metadata under which [`Header`] stands.
pub const METADATA: &str = "gatelab";
/// Version of the layout. Versions up to 4 were not safetensors files.
const VERSION: u32 = 5;
/// Hexadecimal digits of the checksum, in the header while the checksum is computed.
const NO_CHECKSUM: &str = "0000000000000000";

/// The part of every version's header that says how to read the rest.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// What the metadata says of a run.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Header {
    /// Version of the layout.
    pub version: u32,
    /// Version of the engine that wrote it.
    pub engine: String,
    /// The configuration, changes included.
    pub config: RunConfig,
    /// Steps done.
    pub step: u64,
    /// Number of the configuration's changes in force.
    pub changes_in_force: usize,
    /// Bits of the sparsity weight λ as an `f64`: text would lose the last of them.
    pub lambda_bits: u64,
    /// [`crate::data::Dataset::content_digest`] of the data the run learns from, `None` if unknown.
    pub data: Option<u64>,
    /// Number of training examples, `None` before the first step: the length of an epoch follows from it.
    pub train_examples: Option<usize>,
    /// XXH3 digest (64 bits) of the whole file with 16 zeros in place of these 16 hexadecimal digits.
    pub checksum: String,
}

/// Bytes that are not a checkpoint of this build.
#[derive(Debug, thiserror::Error)]
pub enum CheckpointError {
    /// Cut off, altered, or something else.
    #[error("expected a checkpoint of gatelab, found {found}; start the run again from its configuration")]
    Damaged {
        /// What is wrong.
        found: String,
    },
    /// Of another layout.
    #[error(
        "expected a checkpoint of version {known}, found version {found}; use the build that wrote it, or start the run again from its link"
    )]
    Version {
        /// The version found.
        found: u32,
        /// The version known.
        known: u32,
    },
    /// Its configuration is refused.
    #[error("the checkpoint's configuration is refused: {0}")]
    Config(#[from] ConfigError),
    /// Its estimator state is refused.
    #[error("the checkpoint's estimator state is refused: {0}; start the run again from its configuration")]
    State(#[from] StateError),
    /// The run cannot be written.
    #[error("the run cannot be written as a checkpoint: {0}")]
    Write(String),
}

fn damaged(found: impl Into<String>) -> CheckpointError {
    CheckpointError::Damaged { found: found.into() }
}

/// What a checkpoint restores.
pub struct Restored {
    /// The run.
    pub trainer: Trainer<f32>,
    /// [`crate::data::Dataset::content_digest`] of the data it was made with.
    pub data: Option<u64>,
}

/// Saves a run; `data` is the [`crate::data::Dataset::content_digest`] of what it learns from.
pub fn write(trainer: &Trainer<f32>, data: Option<u64>) -> Result<Vec<u8>, CheckpointError> {
    let header = Header {
        version: VERSION,
        engine: env!("CARGO_PKG_VERSION").to_owned(),
        config: trainer.config.clone(),
        step: trainer.step,
        changes_in_force: trainer.changes_in_force(),
        lambda_bits: trainer.penalty.lambda().to_bits(),
        data,
        train_examples: trainer.batches.as_ref().map(crate::data::BatchStream::train_size),
        checksum: NO_CHECKSUM.to_owned(),
    };
    let json = serde_json::to_string(&header).map_err(|error| CheckpointError::Write(error.to_string()))?;
    // One entry: several would be written in any order, and equal runs must give equal bytes.
    let metadata = [(METADATA.to_owned(), json)].into();
    let mut bytes = safetensors::serialize(tensors::of(trainer), Some(metadata))
        .map_err(|error| CheckpointError::Write(error.to_string()))?;
    let at = checksum_place(&bytes).ok_or_else(|| CheckpointError::Write("no place for its checksum".to_owned()))?;
    let checksum = digest(&bytes).hex();
    bytes[at..at + NO_CHECKSUM.len()].copy_from_slice(checksum.as_bytes());
    Ok(bytes)
}

/// Where the checksum's digits stand: behind the last field name of the header's JSON text, which is escaped in the file's.
fn checksum_place(bytes: &[u8]) -> Option<usize> {
    const FIELD: &[u8] = br#"\"checksum\":\""#;
    let at = bytes.windows(FIELD.len()).position(|window| window == FIELD)? + FIELD.len();
    (at + NO_CHECKSUM.len() <= bytes.len()).then_some(at)
}

fn digest(bytes: &[u8]) -> Digest {
    let mut digest = Digest::default();
    digest.bytes(bytes);
    digest
}
