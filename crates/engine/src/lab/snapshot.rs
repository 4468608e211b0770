//! A snapshot: a frozen copy of a running network with a few digits, as bytes. The gradient probe measures it.
//!
//! Layout, little-endian: tag, 3 zero bytes, epoch (f64), length of the checkpoint (u32), number of digits n (u32), the
//! checkpoint, n labels (u8), n·784 pixels (u8).

use crate::data::{DataError, Dataset, PIXELS, Split};
use crate::training::{Trainer, checkpoint};

/// First byte of a snapshot.
pub const TAG: u8 = b'S';
/// Bytes before the checkpoint.
const HEADER: usize = 20;

/// A network, and digits to run through it.
pub struct Snapshot {
    /// The run: parameters, settings, state of its estimator.
    pub trainer: Trainer<f32>,
    /// Learned state of the run's estimator, one tensor after the other.
    pub state: Vec<f32>,
    /// Epochs done.
    pub epoch: f64,
    /// Correct classes [n].
    pub labels: Vec<u8>,
    /// Pixels 0..=255 [n × 784].
    pub pixels: Vec<u8>,
}

/// Why a snapshot cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The bytes are no snapshot, or are cut off.
    #[error("expected a snapshot of a network, found {found} bytes that are none; take it again")]
    Damaged {
        /// Number of bytes found.
        found: usize,
    },
    /// There are no digits to freeze with the network.
    #[error("expected at least 1 digit in the snapshot, found 0; load digits, or ask for more of them")]
    NoDigits,
    /// A label is no class of the network.
    #[error("expected labels below {classes}, found {found}; take the snapshot again")]
    Label {
        /// Number of classes of the network.
        classes: usize,
        /// The label found.
        found: u8,
    },
    /// The run's checkpoint is refused.
    #[error(transparent)]
    Checkpoint(#[from] checkpoint::CheckpointError),
    /// The digits cannot be loaded.
    #[error(transparent)]
    Data(#[from] DataError),
}

/// Writes a run with the first `digits` digits of the validation split, or of the training split while the validation split
/// has fewer.
///
/// # Errors
/// No digits; a run that cannot be written as a checkpoint.
pub fn write(trainer: &mut Trainer<f32>, data: &Dataset, digits: usize) -> Result<Vec<u8>, SnapshotError> {
    let split = if data.valid.len() >= digits { Split::Valid } else { Split::Train };
    let examples = data.split(split);
    let count = digits.min(examples.len());
    if count == 0 {
        return Err(SnapshotError::NoDigits);
    }
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

/// Reads what [`write()`] wrote.
///
/// # Errors
/// Bytes that are no snapshot, a checkpoint that is refused, a label that is no class.
pub fn read(bytes: &[u8]) -> Result<Snapshot, SnapshotError> {
    let damaged = || SnapshotError::Damaged { found: bytes.len() };
    let (header, rest) = bytes.split_at_checked(HEADER).ok_or_else(damaged)?;
    let word = |at: usize| -> Option<[u8; 4]> { header.get(at..at + 4)?.try_into().ok() };
    let epoch = header.get(4..12).and_then(|b| b.try_into().ok()).map(f64::from_le_bytes).ok_or_else(damaged)?;
    let length = word(12).map(u32::from_le_bytes).ok_or_else(damaged)? as usize;
    let count = word(16).map(u32::from_le_bytes).ok_or_else(damaged)? as usize;
    let (run, digits) = rest.split_at_checked(length).ok_or_else(damaged)?;
    // The product can exceed 32 bits in the browser.
    let expected = count.checked_mul(1 + PIXELS).ok_or_else(damaged)?;
    if header[0] != TAG || digits.len() != expected || count == 0 || !epoch.is_finite() {
        return Err(damaged());
    }
    let (labels, pixels) = digits.split_at(count);
    let trainer = checkpoint::read(run)?.trainer;
    let classes = trainer.settings().shape.classes;
    if let Some(&found) = labels.iter().find(|label| usize::from(**label) >= classes) {
        return Err(SnapshotError::Label { classes, found });
    }
    let state = trainer.estimator_state();
    Ok(Snapshot { trainer, state, epoch, labels: labels.to_vec(), pixels: pixels.to_vec() })
}
