//! What the rest of the crate sees of data: three lists of examples that may still be growing.
//!
//! A set is planned before its first byte arrives: how many examples there will be is known, which of them are here is
//! [`Examples::len`]. Shards are appended in order, so example i, once here, never moves, and a run that starts on the
//! first shard computes the same numbers as one that waited for all of them.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::digest::Fnv64;
use super::{DataError, Examples, Images, Labels, MAX_EXAMPLES, PIXELS, mnist};

/// The least examples that files of one's own may hold altogether: below, a tenth of a second of training has seen them
/// all, and the test error is noise.
pub const MIN_EXAMPLES: usize = 700;

/// The least examples in a test file of its own: one mistake is then one per cent.
pub const MIN_TEST_EXAMPLES: usize = 100;

/// Leading training examples that [`Dataset::content_digest`] reads: fewer than MNIST's first shard holds.
const DIGESTED: usize = 1_000;

/// What a part of the data is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// To learn from.
    Train,
    /// To choose settings by.
    Valid,
    /// To report.
    Test,
}

impl Split {
    /// All three, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Train, Self::Valid, Self::Test];
}

/// Which data it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DatasetKind {
    /// MNIST: the bytes were checked against the published hashes, or come from shards cut from such bytes.
    Mnist,
    /// Digits that the program draws itself.
    Strokes,
    /// Files of one's own, under the name to show.
    Own(String),
}

impl DatasetKind {
    /// Name to show.
    pub fn name(&self) -> &str {
        match self {
            Self::Mnist => "MNIST",
            Self::Strokes => "Stroke digits",
            Self::Own(name) => name,
        }
    }
}

/// A set of digits: which, and its three splits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// Which data it is.
    pub kind: DatasetKind,
    /// To learn from.
    pub train: Examples,
    /// To choose settings by.
    pub valid: Examples,
    /// To report.
    pub test: Examples,
}

impl Dataset {
    /// A set of which nothing has arrived, for as many examples as planned of each split, in the order of
    /// [`Split::ALL`].
    pub fn planned(kind: DatasetKind, sizes: [usize; 3]) -> Self {
        let [train, valid, test] = sizes.map(Examples::with_plan);
        Self { kind, train, valid, test }
    }

    /// Built from parsed pairs of files. One pair is split in file order, five parts of seven for training, one for
    /// validation, one for testing; of two pairs the larger (the first, if equal) is for training except its last sixth,
    /// which validates, and the smaller tests. MNIST's own files give 50,000 / 10,000 / 10,000.
    ///
    /// # Errors
    /// [`DataError::PairCount`] unless one or two pairs, [`DataError::Pair`] if labels and images of a pair differ in
    /// number, [`DataError::TooFew`] below [`MIN_EXAMPLES`] altogether or [`MIN_TEST_EXAMPLES`] in the test file,
    /// [`DataError::TooMany`] beyond [`MAX_EXAMPLES`] altogether.
    pub fn from_idx_pairs(kind: DatasetKind, pairs: &[(Images<'_>, Labels<'_>)]) -> Result<Self, DataError> {
        let total = check_pairs(pairs)?;
        let (large, train, valid, tested) = match pairs {
            [one] => (one, total - total / 7 * 2, total / 7, None),
            [a, b] => {
                let (large, small) = if b.0.len() > a.0.len() { (b, a) } else { (a, b) };
                if small.0.len() < MIN_TEST_EXAMPLES {
                    let found = small.0.len();
                    return Err(DataError::TooFew { what: "the test file", needed: MIN_TEST_EXAMPLES, found });
                }
                let valid = large.0.len() / 6;
                (large, large.0.len() - valid, valid, Some(small))
            }
            _ => return Err(DataError::PairCount { found: pairs.len() }),
        };
        let rest = train + valid;
        let test = match tested {
            Some(small) => Examples::from_pair(small, 0..small.0.len()),
            None => Examples::from_pair(large, rest..total),
        };
        Ok(Self {
            kind,
            train: Examples::from_pair(large, 0..train),
            valid: Examples::from_pair(large, train..rest),
            test,
        })
    }

    /// The examples of a split.
    pub fn split(&self, split: Split) -> &Examples {
        match split {
            Split::Train => &self.train,
            Split::Valid => &self.valid,
            Split::Test => &self.test,
        }
    }

    /// The examples of a split, to append to.
    pub fn split_mut(&mut self, split: Split) -> &mut Examples {
        match split {
            Split::Train => &mut self.train,
            Split::Valid => &mut self.valid,
            Split::Test => &mut self.test,
        }
    }

    /// Whether everything planned is here.
    pub fn is_complete(&self) -> bool {
        Split::ALL.iter().all(|&split| self.split(split).is_complete())
    }

    /// Tells in a checkpoint which data it was made with: FNV over the kind, the planned sizes and the first 1,000
    /// training examples (all, if fewer are planned). So it is the same however much has arrived since, and `None` only
    /// as long as those are missing. Sets that differ only later are not told apart.
    pub fn content_digest(&self) -> Option<u64> {
        let count = DIGESTED.min(self.train.planned());
        let labels = self.train.labels().get(..count)?;
        let kind = match &self.kind {
            DatasetKind::Mnist => 0,
            DatasetKind::Strokes => 1,
            DatasetKind::Own(_) => 2,
        };
        let mut digest = Fnv64::default().with_u64(kind);
        for split in Split::ALL {
            digest = digest.with_u64(self.split(split).planned() as u64);
        }
        Some(digest.with(labels).with(&self.train.pixels()[..count * PIXELS]).finish())
    }
}

/// Refuses pairs that don't fit together or are too few or too many; the number of examples in all.
fn check_pairs(pairs: &[(Images<'_>, Labels<'_>)]) -> Result<usize, DataError> {
    for (images, labels) in pairs {
        if images.len() != labels.len() {
            return Err(DataError::Pair { images: images.len(), labels: labels.len() });
        }
    }
    if !(1..=2).contains(&pairs.len()) {
        return Err(DataError::PairCount { found: pairs.len() });
    }
    let total = pairs.iter().map(|(images, _)| images.len()).sum();
    if total > MAX_EXAMPLES {
        return Err(DataError::TooMany { cap: MAX_EXAMPLES, found: total as u64 });
    }
    if total < MIN_EXAMPLES {
        return Err(DataError::TooFew { what: "all files together", needed: MIN_EXAMPLES, found: total });
    }
    Ok(total)
}

/// Shards of a split with `size` examples, as ranges of examples in order: a small first one, so that learning starts
/// early, then larger ones. See [`mnist::FIRST_SHARD`] and [`mnist::NEXT_SHARDS`].
pub fn shard_plan(size: usize) -> Vec<Range<usize>> {
    let mut shards = Vec::new();
    let mut start = 0;
    while start < size {
        let most = if start == 0 { mnist::FIRST_SHARD } else { mnist::NEXT_SHARDS };
        let end = size.min(start + most);
        shards.push(start..end);
        start = end;
    }
    shards
}
