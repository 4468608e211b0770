//! The examples of one split, which may still be arriving, and how a batch is filled from them.

use std::ops::Range;

use super::idx::{check_labels, check_length};
use super::{DataError, Images, Labels, PIXELS};

/// Examples of one split: the first [`Self::len`] of [`Self::planned`] are here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Examples {
    planned: usize,
    labels: Vec<u8>,
    pixels: Vec<u8>,
}

impl Examples {
    /// A list for `planned` examples, empty as yet. Memory is taken as examples arrive.
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
        self.labels.extend_from_slice(labels);
        self.pixels.extend_from_slice(pixels);
        Ok(())
    }

    /// Examples that are here.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether none is here yet.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Examples there will be.
    pub fn planned(&self) -> usize {
        self.planned
    }

    /// Whether all are here.
    pub fn is_complete(&self) -> bool {
        self.len() == self.planned
    }

    /// Labels of all examples that are here.
    pub fn labels(&self) -> &[u8] {
        &self.labels
    }

    /// Pixels of all examples that are here, `len` × 784.
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

    /// Fills a batch: `x` [B×784, row by row] gets pixel/255 in 0..=1, `labels` \[B\] the labels, for the B examples of
    /// `indices`. The quotient is rounded to `f32` whatever `R` is, so that an `f64` engine sees the same inputs.
    ///
    /// # Errors
    /// [`DataError::Length`] if the lengths disagree, [`DataError::OutOfRange`] if an example hasn't arrived; the
    /// buffers may then be half filled.
    pub fn fill_batch<R: From<f32>>(&self, indices: &[u32], x: &mut [R], labels: &mut [u8]) -> Result<(), DataError> {
        let wrong = |what, expected, found| Err(DataError::Length { what, expected, found });
        if labels.len() != indices.len() {
            return wrong("labels of the batch", indices.len(), labels.len());
        }
        if x.len() != indices.len() * PIXELS {
            return wrong("pixels of the batch", indices.len() * PIXELS, x.len());
        }
        for ((&index, row), label) in indices.iter().zip(x.chunks_exact_mut(PIXELS)).zip(labels) {
            let index = index as usize;
            if index >= self.len() {
                return Err(DataError::OutOfRange { limit: self.len(), index });
            }
            *label = self.labels[index];
            for (value, &pixel) in row.iter_mut().zip(self.image(index)) {
                *value = R::from(f32::from(pixel) / 255.0);
            }
        }
        Ok(())
    }
}
