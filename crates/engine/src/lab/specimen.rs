//! A frozen copy of a running network with a few digits: what the microscope looks at.

use crate::data::{DataError, Dataset, PIXELS, Split};
use crate::training::{Trainer, checkpoint};

/// Tag of a specimen's bytes.
pub const TAG: u8 = b'S';
/// Tag, three bytes of nothing, epoch (f64), length of the checkpoint (u32), number of digits (u32), little-endian.
const HEADER: usize = 20;

/// A network and digits to run through it.
pub struct Specimen {
    /// The run, thawed: parameters, settings, the running estimator's memory.
    pub trainer: Trainer<f32>,
    /// What the running estimator remembers.
    pub memory: Vec<f32>,
    /// Epochs done.
    pub epoch: f64,
    /// Correct classes.
    pub labels: Vec<u8>,
    /// 784 a digit, 0..=255.
    pub pixels: Vec<u8>,
}

/// Bytes that are no specimen, or a network that can't be frozen.
#[derive(Debug, thiserror::Error)]
pub enum SpecimenError {
    /// Something else, or cut off.
    #[error("expected a frozen network, found {found} bytes of something else; freeze it again")]
    Damaged {
        /// Number of bytes found.
        found: usize,
    },
    /// The frozen run is refused.
    #[error(transparent)]
    Checkpoint(#[from] checkpoint::CheckpointError),
    /// The digits are not there.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// Freezes a run with the first `digits` digits of the validation split (of the training split while that is still arriving).
pub fn freeze(trainer: &mut Trainer<f32>, data: &Dataset, digits: usize) -> Result<Vec<u8>, SpecimenError> {
    let split = if data.valid.len() >= digits { Split::Valid } else { Split::Train };
    let examples = data.split(split);
    let count = digits.min(examples.len());
    let run = checkpoint::write(trainer, None)?;
    let mut bytes = vec![TAG, 0, 0, 0];
    bytes.extend(trainer.epoch().to_le_bytes());
    bytes.extend((run.len() as u32).to_le_bytes());
    bytes.extend((count as u32).to_le_bytes());
    bytes.extend(run);
    bytes.extend(&examples.labels()[..count]);
    bytes.extend(&examples.pixels()[..count * PIXELS]);
    Ok(bytes)
}

/// Thaws what [`freeze`] made.
pub fn thaw(bytes: &[u8]) -> Result<Specimen, SpecimenError> {
    let damaged = || SpecimenError::Damaged { found: bytes.len() };
    let (header, rest) = bytes.split_at_checked(HEADER).ok_or_else(damaged)?;
    let word = |at: usize| -> Option<[u8; 4]> { header.get(at..at + 4)?.try_into().ok() };
    let epoch = header.get(4..12).and_then(|b| b.try_into().ok()).map(f64::from_le_bytes).ok_or_else(damaged)?;
    let length = word(12).map(u32::from_le_bytes).ok_or_else(damaged)? as usize;
    let count = word(16).map(u32::from_le_bytes).ok_or_else(damaged)? as usize;
    let (run, digits) = rest.split_at_checked(length).ok_or_else(damaged)?;
    if header[0] != TAG || digits.len() != count * (1 + PIXELS) || count == 0 || !epoch.is_finite() {
        return Err(damaged());
    }
    let (labels, pixels) = digits.split_at(count);
    if labels.iter().any(|label| *label > 9) {
        return Err(damaged());
    }
    let trainer = checkpoint::read(run)?.trainer;
    let memory = trainer.estimator_state();
    Ok(Specimen { trainer, memory, epoch, labels: labels.to_vec(), pixels: pixels.to_vec() })
}
