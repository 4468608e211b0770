//! From bytes to a run. Whatever does not fit is refused before anything is built from it.

use std::collections::BTreeSet;

use safetensors::{Dtype, SafeTensors};

use super::tensors::ESTIMATOR;
use super::{
    CheckpointError, Header, METADATA, NO_CHECKSUM, Restored, VERSION, Versioned, checksum_place, damaged, digest,
};
use crate::data::BatchStream;
use crate::estimator::{StateShape, StateTensor};
use crate::network::{GaterLoss, Parameters, TENSOR_IDS};
use crate::training::pending::PendingReward;
use crate::training::trainer::Trainer;
use gatelab_kernels::Matrix;

/// Step counts beyond this are no run's: centuries of training, and no longer exact as the page's numbers.
const MOST_STEPS: u64 = 1 << 53;
/// First byte of the layouts before safetensors.
const OLD_TAG: [u8; 4] = *b"C\0\0\0";

/// Restores a run.
///
/// # Errors
/// [`CheckpointError`] for bytes that are cut off, altered, or of another layout, and for contents that make no run.
pub fn read(bytes: &[u8]) -> Result<Restored, CheckpointError> {
    if bytes.starts_with(&OLD_TAG) {
        // Up to version 4; which one stands behind bytes that need not be there.
        return Err(CheckpointError::Version { found: 4, known: VERSION });
    }
    let file = SafeTensors::deserialize(bytes).map_err(|error| damaged(format!("no safetensors file ({error})")))?;
    let header = header(bytes)?;
    if header.step > MOST_STEPS {
        return Err(damaged(format!("a run of {} steps", header.step)));
    }
    let mut trainer = Trainer::new(header.config)?;
    if let Some(size) = header.train_examples {
        let stream = BatchStream::standard(trainer.config.seed, trainer.settings.batch, size);
        trainer.batches = Some(stream.map_err(|error| damaged(error.to_string()))?);
    }
    trainer.resume_at(header.step, header.changes_in_force)?;
    let mut tensors = Tensors { file, unread: BTreeSet::new() };
    tensors.unread.extend(tensors.file.names().into_iter().map(str::to_owned));
    tensors.parameters("", &mut trainer.parameters)?;
    tensors.parameters("velocity.", &mut trainer.optimizer.velocity)?;
    let gates = trainer.rates.len();
    trainer.rates = tensors.numbers("gate_rates", &[gates])?;
    tensors.estimator(&mut trainer)?;
    tensors.pending(&mut trainer)?;
    if let Some(name) = tensors.unread.first() {
        return Err(damaged(format!("an unknown tensor {name}")));
    }
    let lambda = f64::from_bits(header.lambda_bits);
    if !(lambda.is_finite() && lambda >= 0.0) {
        return Err(damaged(format!("λ = {lambda}")));
    }
    trainer.penalty.set_lambda(lambda);
    Ok(Restored { trainer, data: header.data })
}

/// The header, once the checksum is right.
fn header(bytes: &[u8]) -> Result<Header, CheckpointError> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| damaged(error.to_string()))?;
    let entries = metadata.metadata().as_ref();
    let json = entries.and_then(|entries| entries.get(METADATA));
    let json = json.ok_or_else(|| damaged("a safetensors file that gatelab did not write"))?;
    let Versioned { version } = serde_json::from_str(json).map_err(|error| damaged(error.to_string()))?;
    if version != VERSION {
        return Err(CheckpointError::Version { found: version, known: VERSION });
    }
    let header: Header = serde_json::from_str(json).map_err(|error| damaged(error.to_string()))?;
    let mut blank = bytes.to_vec();
    let at = checksum_place(bytes).ok_or_else(|| damaged("no checksum"))?;
    blank[at..at + NO_CHECKSUM.len()].copy_from_slice(NO_CHECKSUM.as_bytes());
    if digest(&blank).hex() != header.checksum {
        return Err(damaged("a wrong checksum"));
    }
    Ok(header)
}

/// The tensors of a file, and which have not been read.
struct Tensors<'a> {
    file: SafeTensors<'a>,
    unread: BTreeSet<String>,
}

impl Tensors<'_> {
    /// Values of a tensor of this type and shape.
    fn values<T>(
        &mut self,
        name: &str,
        dtype: Dtype,
        shape: &[usize],
        f: impl Fn([u8; 4]) -> T,
    ) -> Result<Vec<T>, CheckpointError> {
        let tensor = self.file.tensor(name).map_err(|_| damaged(format!("no tensor {name}")))?;
        if (tensor.dtype(), tensor.shape()) != (dtype, shape) {
            let (found, is) = (tensor.dtype(), tensor.shape());
            return Err(damaged(format!(
                "{name} of type {found:?} and shape {is:?} instead of {dtype:?} and {shape:?}"
            )));
        }
        self.unread.remove(name);
        Ok(tensor.data().as_chunks::<4>().0.iter().map(|bytes| f(*bytes)).collect())
    }

    /// Finite numbers of this shape.
    fn numbers(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, CheckpointError> {
        let values = self.values(name, Dtype::F32, shape, f32::from_le_bytes)?;
        if values.iter().all(|x| x.is_finite()) {
            Ok(values)
        } else {
            Err(damaged(format!("{name} with a number that is not finite")))
        }
    }

    fn parameters(&mut self, prefix: &str, into: &mut Parameters<f32>) -> Result<(), CheckpointError> {
        for (layer, ids) in into.layers_mut().into_iter().zip(TENSOR_IDS.chunks(2)) {
            let [weight, bias] = [0, 1].map(|i| format!("{prefix}{}", ids[i]));
            let shape = [layer.weight.rows(), layer.weight.columns()];
            layer.weight.assign_row_major(&self.numbers(&weight, &shape)?);
            layer.bias = self.numbers(&bias, &[shape[1]])?;
        }
        Ok(())
    }

    fn pending(&mut self, trainer: &mut Trainer<f32>) -> Result<(), CheckpointError> {
        let (batch, gates) = (trainer.settings.batch, trainer.settings.shape.gates);
        for i in 0.. {
            let name = format!("pending.{i}.indices");
            if !self.unread.contains(&name) {
                return Ok(());
            }
            if trainer.settings.gater_loss != GaterLoss::DelayedReward {
                return Err(damaged("pending gradients of a run without delayed rewards"));
            }
            let indices = self.values(&name, Dtype::U32, &[batch], u32::from_le_bytes)?;
            let gradient = self.numbers(&format!("pending.{i}.logit_grad"), &[batch, gates])?;
            let gradient = Matrix::from_vec((batch, gates), gradient);
            trainer.pending.queue.push_back(PendingReward { indices, gradient });
        }
        Ok(())
    }

    fn estimator(&mut self, trainer: &mut Trainer<f32>) -> Result<(), CheckpointError> {
        let names: Vec<String> = self.unread.iter().filter(|name| name.starts_with(ESTIMATOR)).cloned().collect();
        let mut state = Vec::with_capacity(names.len());
        for name in names {
            let tensor = self.file.tensor(&name).map_err(|_| damaged(format!("no tensor {name}")))?;
            let dims = tensor.shape().to_vec();
            let shape = StateShape::from_dims(&dims).ok_or_else(|| damaged(format!("{name} of shape {dims:?}")))?;
            // Finite or not is checked with the rest, by the estimator.
            let values = self.values(&name, Dtype::F32, &dims, f32::from_le_bytes)?;
            state.push((name, shape, values));
        }
        let tensors: Vec<_> = state
            .iter()
            .map(|(name, shape, values)| StateTensor { name: &name[ESTIMATOR.len()..], shape: *shape, values })
            .collect();
        Ok(trainer.estimator.load_state(&tensors)?)
    }
}
