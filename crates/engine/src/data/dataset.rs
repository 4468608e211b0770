//! A data set as the rest of the crate sees it: names of classes and three lists of examples that may still grow.
//!
//! A set is planned before its first byte arrives: the number of examples is known from the start, and [`Examples::len`]
//! counts those that have arrived. Shards are appended in order, so example i never moves once it has arrived, and a run
//! that starts on the first shard computes the same numbers as one that starts with all of them.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use gatelab_kernels::Digest;

use super::known::{Description, KNOWN, Recognised, recognise};
use super::{ClassNames, DataChoice, DataError, Examples, Images, Labels, MAX_EXAMPLES, PIXELS};
use super::{parse_images, parse_labels};

/// The least examples that the user's own files may hold altogether: with fewer, a tenth of a second of training reads
/// all of them, and the test error is noise.
pub const MIN_EXAMPLES: usize = 700;

/// The least examples in a separate test file: one mistake is then one per cent.
pub const MIN_TEST_EXAMPLES: usize = 100;

/// Leading training examples that [`Dataset::content_digest`] reads: fewer than MNIST's first shard holds.
const DIGESTED: usize = 1_000;

/// Examples in the first shard of a split: small (about 320 kB compressed), so that learning starts early.
pub const FIRST_SHARD: usize = 2_000;

/// Examples in each further shard of a split; the last one may hold fewer.
pub const NEXT_SHARDS: usize = 8_000;

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
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DatasetKind {
    /// A published set: the bytes were checked against its hashes, or come from shards cut from such bytes.
    Known(&'static Description),
    /// Digits that the program draws itself.
    Strokes,
    /// The user's own files, under the name to show.
    Own(String),
}

impl DatasetKind {
    /// Short name in lower case: that of the known set, or of the choice.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Known(set) => set.id,
            other => other.choice().id(),
        }
    }

    /// Name to show.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(set) => set.name,
            Self::Strokes => DataChoice::Strokes.name(),
            Self::Own(name) => name,
        }
    }

    /// The choice that the set serves.
    pub fn choice(&self) -> DataChoice {
        match self {
            Self::Known(set) => set.choice,
            Self::Strokes => DataChoice::Strokes,
            Self::Own(_) => DataChoice::Own,
        }
    }

    /// The known names of the classes, otherwise "0" to "9".
    fn classes(&self) -> ClassNames {
        match self {
            Self::Known(set) => set.class_names().unwrap_or_default(),
            Self::Strokes | Self::Own(_) => ClassNames::default(),
        }
    }
}

/// A data set: which, the names of its classes, and its three splits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dataset {
    /// Which data it is.
    pub kind: DatasetKind,
    /// Names of the classes.
    pub classes: ClassNames,
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
        Self { classes: kind.classes(), kind, train, valid, test }
    }

    /// The set that one or two pairs of decompressed files (images, then labels) make. Files that are all those of a known
    /// set, training pair first, are that set; others are the user's own data called `name`, and get the known names of
    /// classes if they are a part of a known set.
    ///
    /// # Errors
    /// Everything that [`recognise`], [`parse_images`], [`parse_labels`] and [`Dataset::from_idx_pairs`] refuse.
    pub fn from_files(name: &str, pairs: &[[&[u8]; 2]]) -> Result<Self, DataError> {
        let (kind, classes) = match recognise(KNOWN, pairs)? {
            Recognised::Whole(set) => (DatasetKind::Known(set), set.class_names()?),
            Recognised::Part(set) => (DatasetKind::Own(name.into()), set.class_names()?),
            Recognised::No => (DatasetKind::Own(name.into()), ClassNames::default()),
        };
        let mut parsed = Vec::with_capacity(pairs.len());
        for [images, labels] in pairs {
            parsed.push((parse_images(images)?, parse_labels(labels)?));
        }
        Ok(Self { classes, ..Self::from_idx_pairs(kind, &parsed)? })
    }

    /// Built from parsed pairs of files. One pair is split in file order: five parts of seven for training, one for
    /// validation, one for testing. Of two pairs, the larger (the first, if equal) is for training except its last sixth,
    /// which validates, and the smaller tests. MNIST's files give 50,000 / 10,000 / 10,000.
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
            classes: kind.classes(),
            kind,
            train: Examples::from_pair(large, 0..train),
            valid: Examples::from_pair(large, train..rest),
            test,
        })
    }

    /// The same set with classes of these names.
    ///
    /// # Errors
    /// [`DataError::ClassesKnown`] if the set is a known one, which has names of its own: other names mean that other
    /// files were expected.
    pub fn with_classes(self, classes: ClassNames) -> Result<Self, DataError> {
        match self.kind {
            DatasetKind::Known(set) if self.classes != classes => {
                Err(DataError::ClassesKnown { name: set.name, classes: set.classes.join(",") })
            }
            _ => Ok(Self { classes, ..self }),
        }
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

    /// Identifies the data in a checkpoint: digest of the kind's id, the planned sizes, and the first 1,000 training
    /// examples (all, if fewer are planned). It doesn't change while more examples arrive; it is `None` as long as one of
    /// those is missing. Sets that differ only later have the same digest.
    pub fn content_digest(&self) -> Option<u64> {
        let count = DIGESTED.min(self.train.planned());
        let labels = self.train.labels().get(..count)?;
        let mut digest = Digest::default();
        digest.bytes(self.kind.id().as_bytes());
        for split in Split::ALL {
            digest.word(self.split(split).planned() as u64);
        }
        digest.bytes(labels);
        digest.bytes(&self.train.pixels()[..count * PIXELS]);
        Some(digest.value())
    }

    /// Compares the data with the [`content_digest`](Self::content_digest) of a checkpoint, `expected`. `Ok(true)` if they
    /// are equal or the checkpoint names no data; `Ok(false)` if too few examples have arrived to decide, so the check
    /// must be repeated before the next step.
    ///
    /// # Errors
    /// [`DataError::OtherData`] if the checkpoint was made with other data.
    pub fn check_digest(&self, expected: Option<u64>) -> Result<bool, DataError> {
        // Asked before every step: nothing is digested unless there is something to compare.
        let Some(expected) = expected else { return Ok(true) };
        match self.content_digest() {
            None => Ok(false),
            Some(found) if found == expected => Ok(true),
            Some(found) => Err(DataError::OtherData { expected, found, name: self.kind.name().into() }),
        }
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

/// Shards of a split with `size` examples, as ranges of examples in order: one of [`FIRST_SHARD`], then of
/// [`NEXT_SHARDS`].
pub fn shard_plan(size: usize) -> Vec<Range<usize>> {
    let mut shards = Vec::new();
    let mut start = 0;
    while start < size {
        let most = if start == 0 { FIRST_SHARD } else { NEXT_SHARDS };
        let end = size.min(start + most);
        shards.push(start..end);
        start = end;
    }
    shards
}
