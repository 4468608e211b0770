//! The data sets that are here, or on their way.

use gatelab_engine::data::{Dataset, Split, strokes};
use gatelab_engine::schema::DataChoice;

/// Training digits that must be there before a run starts: its first minibatches, and the probes.
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
    /// A data set, if some of it is there.
    pub(in crate::worker) fn get(&self, choice: DataChoice) -> Option<&Dataset> {
        match choice {
            DataChoice::Mnist => self.mnist.as_ref(),
            DataChoice::Strokes => self.strokes.as_ref(),
            DataChoice::Own => self.own.as_ref(),
        }
    }

    /// Whether a run can start on it. Stroke digits are always at hand.
    pub(in crate::worker) fn can_start(&self, choice: DataChoice) -> bool {
        choice == DataChoice::Strokes
            || self.get(choice).is_some_and(|data| data.train.len() >= ENOUGH.min(data.train.planned()))
    }

    /// Makes sure that a run on this choice finds its data set: draws the first stroke digits. Those of an earlier run go:
    /// they can be drawn again, and take as much room as MNIST.
    pub(in crate::worker) fn prepare(&mut self, choice: DataChoice) {
        if choice == DataChoice::Strokes {
            let set = self.strokes.get_or_insert_with(strokes::dataset);
            while set.train.len() < ENOUGH && strokes::grow(set, Split::Train, ENOUGH).is_ok_and(|added| added > 0) {}
        } else {
            self.strokes = None;
        }
    }

    /// Draws some more stroke digits, if a run learns them; whether more remain to be drawn. Validation comes early, for the
    /// error curve; test digits nobody looks at on the page.
    pub(in crate::worker) fn grow_strokes(&mut self, choice: DataChoice) -> bool {
        if choice != DataChoice::Strokes {
            return false;
        }
        let Some(set) = &mut self.strokes else { return false };
        let split = if set.valid.len() < ENOUGH || set.train.is_complete() { Split::Valid } else { Split::Train };
        strokes::grow(set, split, PIECE).is_ok_and(|added| added > 0)
    }
}
