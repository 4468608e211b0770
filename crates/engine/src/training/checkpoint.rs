//! A run frozen to bytes, and thawed bit for bit.
//!
//! Layout, little-endian: `b'C'`, three zero bytes, run number `u32`, step `u64` (so far readable without parsing);
//! length `u32` and JSON text of [`Header`]; then `f32` numbers: parameters, velocities, firing rates, the estimator's
//! memory; for every gradient that waits for a delayed reward, the minibatch's indices as `u32` and the gradient as `f32`; last
//! the `u64` digest of everything before.

use gatelab_kernels::Matrix;
use serde::{Deserialize, Serialize};

use super::delay::Late;
use super::settings::ConfigError;
use super::trainer::Trainer;
use crate::estimator::StateTensor;
use crate::network::Told;
use crate::schema::RunConfig;
use gatelab_kernels::Digest;

/// First byte of a checkpoint.
pub const TAG: u8 = b'C';
/// Version of the layout.
const VERSION: u32 = 4;
const PREFIX: usize = 20;
/// Step counts beyond this are no run's: centuries of training, and no longer exact as the page's numbers.
const MOST_STEPS: u64 = 1 << 53;

/// The part of every version's header that says how to read the rest.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

/// What stands before the numbers.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Header {
    version: u32,
    config: RunConfig,
    /// Number of changes in force.
    in_force: usize,
    /// Bits of λ as an `f64`: text would lose the last of them.
    lambda: u64,
    /// Which data it was made with, `None` if unknown.
    data: Option<u64>,
    /// Lengths of the estimator's memory.
    memory: Vec<usize>,
    /// Number of gradients that wait.
    late: usize,
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
    #[error("checkpoint version {found}, this build reads version {known}; use the build that wrote it")]
    Version {
        /// The version found.
        found: u32,
        /// The version known.
        known: u32,
    },
    /// Its configuration is refused.
    #[error("the checkpoint's configuration is refused: {0}")]
    Config(#[from] ConfigError),
}

fn damaged(found: impl Into<String>) -> CheckpointError {
    CheckpointError::Damaged { found: found.into() }
}

/// What a checkpoint restores.
pub struct Restored {
    /// The run.
    pub trainer: Trainer<f32>,
    /// The run's number, as given when it was written.
    pub run: u32,
    /// [`crate::data::Dataset::content_digest`] of the data it was made with.
    pub data: Option<u64>,
}

/// Freezes a run.
pub fn write(trainer: &mut Trainer<f32>, run: u32, data: Option<u64>) -> Result<Vec<u8>, CheckpointError> {
    let mut bytes = Vec::new();
    write_into(&mut bytes, trainer, run, data)?;
    Ok(bytes)
}

/// Freezes a run into `bytes`, in place of what they held: megabytes every few seconds, so the room is used again.
pub fn write_into(
    bytes: &mut Vec<u8>,
    trainer: &mut Trainer<f32>,
    run: u32,
    data: Option<u64>,
) -> Result<(), CheckpointError> {
    let memory = trainer.estimator.state();
    let header = Header {
        version: VERSION,
        config: trainer.config.clone(),
        in_force: trainer.changes_in_force(),
        lambda: trainer.penalty.lambda().to_bits(),
        data,
        memory: memory.iter().map(|tensor| tensor.values.len()).collect(),
        late: trainer.delayed.queue.len(),
    };
    let json = serde_json::to_vec(&header).map_err(|e| damaged(e.to_string()))?;
    let waiting = |late: &Late<f32>| late.indices.len() + late.gradient.len();
    let numbers = 2 * trainer.settings.shape.parameters()
        + trainer.rates.len()
        + memory.iter().map(|tensor| tensor.values.len()).sum::<usize>()
        + trainer.delayed.queue.iter().map(waiting).sum::<usize>();
    bytes.clear();
    bytes.reserve_exact(PREFIX + json.len() + 4 * numbers + 8);
    bytes.extend([TAG, 0, 0, 0]);
    bytes.extend(run.to_le_bytes());
    bytes.extend(trainer.step.to_le_bytes());
    bytes.extend((json.len() as u32).to_le_bytes());
    bytes.extend(&json);
    for tensor in trainer.parameters.tensors().iter().chain(&trainer.optimizer.velocity.tensors()) {
        put(bytes, tensor.values);
    }
    put(bytes, &trainer.rates);
    memory.iter().for_each(|tensor| put(bytes, tensor.values));
    for late in &trainer.delayed.queue {
        late.indices.iter().for_each(|i| bytes.extend(i.to_le_bytes()));
        late.gradient.iter().for_each(|x| bytes.extend(x.to_le_bytes()));
    }
    bytes.extend(digest(bytes).to_le_bytes());
    Ok(())
}

fn put(bytes: &mut Vec<u8>, numbers: &[f32]) {
    let from = bytes.len();
    bytes.resize(from + 4 * numbers.len(), 0);
    for (place, x) in bytes[from..].as_chunks_mut::<4>().0.iter_mut().zip(numbers) {
        *place = x.to_le_bytes();
    }
}

/// Thaws a run.
pub fn read(bytes: &[u8]) -> Result<Restored, CheckpointError> {
    let mut input = Input { rest: bytes };
    if input.take(4)? != [TAG, 0, 0, 0] {
        return Err(damaged("other bytes at its beginning"));
    }
    let run = input.u32()?;
    let step = input.u64()?;
    let length = input.u32()? as usize;
    let json = input.take(length)?;
    let Versioned { version } = serde_json::from_slice(json).map_err(|e| damaged(e.to_string()))?;
    if version != VERSION {
        return Err(CheckpointError::Version { found: version, known: VERSION });
    }
    let header: Header = serde_json::from_slice(json).map_err(|e| damaged(e.to_string()))?;
    let covered = bytes.len().checked_sub(8).ok_or_else(|| damaged("too few bytes"))?;
    let mut tail = Input { rest: &bytes[covered..] };
    if digest(&bytes[..covered]) != tail.u64()? {
        return Err(damaged("a wrong checksum"));
    }
    if step > MOST_STEPS {
        return Err(damaged(format!("a run of {step} steps")));
    }
    let mut trainer = Trainer::new(header.config)?;
    trainer.resume_at(step, header.in_force)?;
    for tensor in trainer.parameters.tensors() {
        input.numbers(tensor.values)?;
    }
    for tensor in trainer.optimizer.velocity.tensors() {
        input.numbers(tensor.values)?;
    }
    input.numbers(&mut trainer.rates)?;
    read_memory(&mut input, &mut trainer, &header.memory)?;
    read_late(&mut input, &mut trainer, header.late)?;
    if input.rest.len() != 8 {
        return Err(damaged("bytes left over"));
    }
    trainer.penalty.set_lambda(f64::from_bits(header.lambda));
    Ok(Restored { trainer, run, data: header.data })
}

fn read_memory(input: &mut Input<'_>, trainer: &mut Trainer<f32>, lengths: &[usize]) -> Result<(), CheckpointError> {
    let own = trainer.estimator.state();
    let expected: Vec<usize> = own.iter().map(|tensor| tensor.values.len()).collect();
    if expected != lengths {
        return Err(damaged(format!("estimator state of lengths {lengths:?}, expected {expected:?}")));
    }
    let mut values = vec![0.0; expected.iter().sum()];
    input.numbers(&mut values)?;
    let mut rest = &values[..];
    let mut tensors = Vec::new();
    for tensor in &own {
        let (values, after) = rest.split_at(tensor.values.len());
        tensors.push((tensor.name.to_owned(), tensor.shape, values));
        rest = after;
    }
    let tensors: Vec<_> =
        tensors.iter().map(|(name, shape, values)| StateTensor { name, shape: *shape, values }).collect();
    trainer.estimator.load_state(&tensors).map_err(|error| damaged(error.to_string()))
}

/// Gradients that wait for a delayed reward.
fn read_late(input: &mut Input<'_>, trainer: &mut Trainer<f32>, count: usize) -> Result<(), CheckpointError> {
    if count > 0 && trainer.settings.told != Told::DelayedReward {
        return Err(damaged("gradients that wait for no reward"));
    }
    let (batch, gates) = (trainer.settings.batch, trainer.settings.shape.gates);
    if count > input.rest.len() / (4 * batch * (gates + 1)) {
        return Err(damaged("too few bytes"));
    }
    for _ in 0..count {
        let indices = (0..batch).map(|_| input.u32()).collect::<Result<_, _>>()?;
        let mut gradient = Matrix::zeros((batch, gates));
        input.numbers(gradient.values_mut())?;
        trainer.delayed.queue.push_back(Late { indices, gradient });
    }
    Ok(())
}

fn digest(bytes: &[u8]) -> u64 {
    let mut digest = Digest::default();
    let (words, rest) = bytes.as_chunks::<8>();
    words.iter().for_each(|word| digest.word(u64::from_le_bytes(*word)));
    digest.bytes(rest);
    digest.value()
}

/// Bytes being read.
struct Input<'a> {
    rest: &'a [u8],
}

impl<'a> Input<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], CheckpointError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| damaged("too few bytes"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], CheckpointError> {
        self.take(N)?.try_into().map_err(|_| damaged("too few bytes"))
    }

    fn u32(&mut self) -> Result<u32, CheckpointError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    fn u64(&mut self) -> Result<u64, CheckpointError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    fn numbers(&mut self, out: &mut [f32]) -> Result<(), CheckpointError> {
        let bytes = self.take(4 * out.len())?;
        for (x, bytes) in out.iter_mut().zip(bytes.as_chunks::<4>().0) {
            *x = f32::from_le_bytes(*bytes);
        }
        Ok(())
    }
}
