//! The data sets that have arrived, entirely or in part.

use gatelab_engine::data::{DataChoice, Dataset, Split, strokes};

/// Training examples that a run needs at its start: for its first minibatches and the probes.
const ENOUGH: usize = 2000;
/// Stroke digits drawn in one turn of the loop.
const PIECE: usize = 200;

/// The data sets.
#[derive(Default)]
pub(in crate::worker) struct Store {
    /// MNIST, from the site, a mirror or the browser's cache.
    pub(in crate::worker) mnist: Option<Dataset>,
    /// Whether the site was asked for it.
    pub(in crate::worker) site_asked: bool,
    strokes: Option<Dataset>,
    /// The user's own files.
    pub(in crate::worker) own: Option<Dataset>,
}

impl Store {
    /// A data set, if some of it has arrived.
    pub(in crate::worker) fn get(&self, choice: DataChoice) -> Option<&Dataset> {
        match choice {
            DataChoice::Mnist => self.mnist.as_ref(),
            DataChoice::Strokes => self.strokes.as_ref(),
            DataChoice::Own => self.own.as_ref(),
        }
    }

    /// Whether a run can start on it; always, on stroke digits.
    pub(in crate::worker) fn can_start(&self, choice: DataChoice) -> bool {
        choice == DataChoice::Strokes
            || self.get(choice).is_some_and(|data| data.train.len() >= ENOUGH.min(data.train.planned()))
    }

    /// Prepares the data of a run: draws the first stroke digits, or frees those of an earlier run, which can be drawn again
    /// and take as much memory as MNIST.
    pub(in crate::worker) fn prepare(&mut self, choice: DataChoice) {
        if choice == DataChoice::Strokes {
            let set = self.strokes.get_or_insert_with(strokes::dataset);
            while set.train.len() < ENOUGH && strokes::grow(set, Split::Train, ENOUGH).is_ok_and(|added| added > 0) {}
        } else {
            self.strokes = None;
        }
    }

    /// Draws some more stroke digits, if a run learns them; returns whether more remain. Validation digits come early, for the
    /// error curve; the page needs no test digits.
    pub(in crate::worker) fn grow_strokes(&mut self, choice: DataChoice) -> bool {
        if choice != DataChoice::Strokes {
            return false;
        }
        let Some(set) = &mut self.strokes else { return false };
        let split = if set.valid.len() < ENOUGH || set.train.is_complete() { Split::Valid } else { Split::Train };
        strokes::grow(set, split, PIECE).is_ok_and(|added| added > 0)
    }
}
