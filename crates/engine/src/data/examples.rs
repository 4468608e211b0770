//! The examples of one split, of which some may not have arrived yet, and loading a batch from them.

use std::ops::Range;

use super::idx::{check_labels, check_length};
use super::{DataError, Images, Labels, MAX_EXAMPLES, PIXELS};
use gatelab_kernels::{Input, Real};

/// Examples of one split: the first [`Self::len`] of [`Self::planned`] have arrived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examples {
    planned: usize,
    labels: Vec<u8>,
    pixels: Vec<u8>,
}

impl Examples {
    /// A list for `planned` examples, still empty. Memory is allocated when the first of them arrive.
    pub fn with_plan(planned: usize) -> Self {
        Self { planned, labels: Vec::new(), pixels: Vec::new() }
    }

    /// Examples `range` of a pair whose labels and images are equally many, complete.
    pub(super) fn from_pair((images, labels): &(Images<'_>, Labels<'_>), range: Range<usize>) -> Self {
        let pixels = &images.pixels()[range.start * PIXELS..range.end * PIXELS];
        Self { planned: range.len(), labels: labels.as_bytes()[range].to_vec(), pixels: pixels.to_vec() }
    }

    /// Appends the next examples: `labels` 0..=9, `pixels` 784 for each label. On error nothing is appended.
    ///
    /// # Errors
    /// [`DataError::Length`], [`DataError::Label`], [`DataError::OutOfRange`] beyond the plan.
    pub fn append(&mut self, labels: &[u8], pixels: &[u8]) -> Result<(), DataError> {
        check_length("pixels", labels.len().saturating_mul(PIXELS), pixels)?;
        check_labels(labels)?;
        let length = self.len().saturating_add(labels.len());
        if length > self.planned {
            return Err(DataError::OutOfRange { limit: self.planned, index: length - 1 });
        }
        // Allocates for all planned examples at once: a vector that doubles as it grows needs up to three times its content
        // for a moment, and WebAssembly's memory never shrinks.
        let missing = self.planned.min(MAX_EXAMPLES).saturating_sub(self.len());
        self.labels.reserve_exact(missing);
        self.pixels.reserve_exact(missing * PIXELS);
        self.labels.extend_from_slice(labels);
        self.pixels.extend_from_slice(pixels);
        Ok(())
    }

    /// Examples that have arrived.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether none has arrived yet.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Examples there will be.
    pub fn planned(&self) -> usize {
        self.planned
    }

    /// Whether all have arrived.
    pub fn is_complete(&self) -> bool {
        self.len() == self.planned
    }

    /// Labels of all examples that have arrived.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Pixels of all examples that have arrived, `len` × 784.
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// The 784 pixels of example `i`. Like indexing a slice, panics unless `i < len()`.
    pub fn image(&self, i: usize) -> &[u8] {
        &self.pixels[i * PIXELS..][..PIXELS]
    }

    /// The label of example `i`. Like indexing a slice, panics unless `i < len()`.
    pub fn label(&self, i: usize) -> u8 {
        self.labels[i]
    }

    /// Loads a batch: `input` [B × 784] gets pixel/255 in 0..=1, `labels` \[B\] the labels, for the B examples of `indices`.
    ///
    /// # Errors
    /// [`DataError::Length`] if there is another number of labels, [`DataError::OutOfRange`] if an example hasn't arrived; then
    /// nothing is changed.
    pub fn load<R: Real>(&self, indices: &[u32], input: &mut Input<R>, labels: &mut [u8]) -> Result<(), DataError> {
        if labels.len() != indices.len() {
            return Err(DataError::Length {
                what: "labels of the batch",
                expected: indices.len(),
                found: labels.len(),
            });
        }
        if let Some(&index) = indices.iter().find(|index| **index as usize >= self.len()) {
            return Err(DataError::OutOfRange { limit: self.len(), index: index as usize });
        }
        indices.iter().zip(labels).for_each(|(&index, label)| *label = self.labels[index as usize]);
        input.load(indices.iter().map(|&index| self.image(index as usize)));
        Ok(())
    }
}
