//! A data set cut into shards, so that learning starts when the first 2,000 examples have arrived.
//!
//! A decompressed shard holds `count` label bytes and then `count` × 784 pixel bytes: no header, since the manifest has all
//! of it. The manifest is a small JSON file beside the shards; both are validated:
//!
//! ```json
//! {"version":1,"name":"MNIST","shards":[
//!   {"file":"train-0.bin","split":"train","start":0,"count":2000,"sha256":"<64 hex digits>","bytes":321057}]}
//! ```

use std::collections::HashSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::digest::sha256_hex;
use super::idx::{check_labels, check_length};
use super::known::{Description, check_hash};
use super::{DataError, Dataset, DatasetKind, MAX_EXAMPLES, PIXELS, Split};

/// The version of [`Manifest`] that this program writes and reads.
pub const MANIFEST_VERSION: u32 = 1;

/// The longest manifest that is read, in bytes.
pub const MAX_MANIFEST_BYTES: usize = 64 * 1024;

/// The most examples in one shard.
pub const MAX_SHARD: usize = 10_000;

/// Bytes that gzip may add to data it can't compress.
const GZIP_SLACK: usize = 4_096;

/// The list of shards, in the order in which they are to be fetched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// [`MANIFEST_VERSION`].
    pub version: u32,
    /// Name of the data, 1..=64 characters; that of a known set requires its sizes.
    pub name: String,
    /// The shards; those of one split follow each other without gaps, splits may alternate.
    pub shards: Vec<ShardEntry>,
}

/// One shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ShardEntry {
    /// File name beside the manifest: letters, digits, `-`, `_` and `.`, not beginning with a dot.
    pub file: String,
    /// Which split its examples belong to.
    pub split: Split,
    /// Number of the first example within the published set: training and validation examples share the training files,
    /// in this order, so validation starts where training ends.
    pub start: usize,
    /// Number of examples, 1..=[`MAX_SHARD`].
    pub count: usize,
    /// SHA-256 of the inflated bytes, 64 lower-case hex digits.
    pub sha256: String,
    /// Size of the file as it is stored, for the progress of a download: at most the inflated size and a little.
    pub bytes: usize,
}

impl ShardEntry {
    /// The entry of a shard: hash and count are taken from its `inflated` bytes, `bytes` is the stored file's size.
    pub fn describe(file: &str, split: Split, start: usize, inflated: &[u8], bytes: usize) -> Self {
        let count = inflated.len() / (PIXELS + 1);
        Self { file: file.into(), split, start, count, sha256: sha256_hex(inflated), bytes }
    }

    /// Bytes of the decompressed shard.
    pub fn inflated_bytes(&self) -> usize {
        self.count.saturating_mul(PIXELS + 1)
    }
}

/// The sums assume a validated manifest.
impl Manifest {
    /// Examples in each split, in the order of [`Split::ALL`].
    pub fn sizes(&self) -> [usize; 3] {
        Split::ALL.map(|split| self.of(split).map(|shard| shard.count).sum())
    }

    /// Bytes of all files as stored.
    pub fn total_bytes(&self) -> usize {
        self.shards.iter().map(|shard| shard.bytes).sum()
    }

    /// The set of these shards, still without examples.
    pub fn dataset(&self) -> Dataset {
        let kind = match Description::named(&self.name) {
            Some(set) => DatasetKind::Known(set),
            None => DatasetKind::Own(self.name.clone()),
        };
        Dataset::planned(kind, self.sizes())
    }

    /// Examples in each shard of a split, in order: the shard plan of a [`super::BatchStream`] over them.
    pub fn shard_sizes(&self, split: Split) -> Vec<usize> {
        self.of(split).map(|shard| shard.count).collect()
    }

    /// Checks everything that can be checked without the shards.
    ///
    /// # Errors
    /// [`DataError::Manifest`] with the first thing that is wrong.
    pub fn validate(&self) -> Result<(), DataError> {
        if self.version != MANIFEST_VERSION {
            return Err(bad(format!("version {} where {MANIFEST_VERSION} is read", self.version)));
        }
        if !(1..=64).contains(&self.name.chars().count()) || self.name.chars().any(char::is_control) {
            return Err(bad("a name that is empty, too long or not printable"));
        }
        let mut files = HashSet::new();
        // Of each split: where its first shard starts and its last one so far ends.
        let mut spans: [Option<Range<usize>>; 3] = [None, None, None];
        for shard in &self.shards {
            validate_shard(shard)?;
            if !files.insert(shard.file.as_str()) {
                return Err(bad(format!("file {} twice", shard.file)));
            }
            let span = spans[shard.split as usize].get_or_insert(shard.start..shard.start);
            if shard.start != span.end {
                return Err(bad(format!("{} starting at {} where {} follows", shard.file, shard.start, span.end)));
            }
            span.end += shard.count;
        }
        let [Some(train), Some(valid), Some(test)] = spans else {
            return Err(bad("a split without shards (train, valid and test are needed)"));
        };
        let sizes = [train.len(), valid.len(), test.len()];
        if sizes.iter().sum::<usize>() > MAX_EXAMPLES {
            return Err(bad(format!("more than {MAX_EXAMPLES} examples")));
        }
        if [train.start, valid.start, test.start] != [0, train.len(), 0] {
            return Err(bad("splits that don't begin where they should (train and test at 0, valid where train ends)"));
        }
        if let Some(set) = Description::named(&self.name).filter(|set| set.split_sizes != sizes) {
            return Err(bad(format!("splits of {sizes:?} examples where {} has {:?}", set.name, set.split_sizes)));
        }
        Ok(())
    }

    fn of(&self, split: Split) -> impl Iterator<Item = &ShardEntry> {
        self.shards.iter().filter(move |shard| shard.split == split)
    }
}

/// Reads and validates a manifest.
///
/// # Errors
/// [`DataError::Manifest`] with the first thing that is wrong.
pub fn parse_manifest(json: &str) -> Result<Manifest, DataError> {
    if json.len() > MAX_MANIFEST_BYTES {
        return Err(bad(format!("{} bytes where {MAX_MANIFEST_BYTES} are the most", json.len())));
    }
    let manifest: Manifest = serde_json::from_str(json).map_err(|error| bad(error.to_string()))?;
    manifest.validate()?;
    Ok(manifest)
}

/// A shard's content, borrowed from its inflated bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard<'a> {
    /// Labels 0..=9.
    pub labels: &'a [u8],
    /// 784 pixels for each label.
    pub pixels: &'a [u8],
}

/// Checks the inflated bytes of a shard against its entry: length, SHA-256, labels.
///
/// # Errors
/// [`DataError::Length`], [`DataError::Hash`], [`DataError::Label`].
pub fn verify_shard<'a>(entry: &ShardEntry, inflated: &'a [u8]) -> Result<Shard<'a>, DataError> {
    check_length("a shard", entry.inflated_bytes(), inflated)?;
    check_hash(&entry.file, &entry.sha256, inflated)?;
    let (labels, pixels) = inflated.split_at(entry.count);
    check_labels(labels)?;
    Ok(Shard { labels, pixels })
}

/// The inflated bytes of a shard, for a tool that cuts a set into shards.
///
/// # Errors
/// [`DataError::Length`] unless there are 784 pixels for each label, [`DataError::Label`] above 9.
pub fn encode_shard(shard: Shard<'_>) -> Result<Vec<u8>, DataError> {
    check_length("pixels", shard.labels.len() * PIXELS, shard.pixels)?;
    check_labels(shard.labels)?;
    Ok([shard.labels, shard.pixels].concat())
}

fn validate_shard(shard: &ShardEntry) -> Result<(), DataError> {
    let file = &shard.file;
    // The name becomes part of a URL: nothing in it may lead elsewhere.
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if file.is_empty() || file.len() > 64 || file.starts_with('.') || !file.chars().all(plain) {
        return Err(bad(format!("the file name {file:?}")));
    }
    if shard.start > MAX_EXAMPLES {
        return Err(bad(format!("{file} starting at {} where {MAX_EXAMPLES} is the most", shard.start)));
    }
    if !(1..=MAX_SHARD).contains(&shard.count) {
        return Err(bad(format!("{file} with {} examples where 1 to {MAX_SHARD} may be", shard.count)));
    }
    let hex = |c: u8| matches!(c, b'0'..=b'9' | b'a'..=b'f');
    if shard.sha256.len() != 64 || !shard.sha256.bytes().all(hex) {
        return Err(bad(format!("{file} with a SHA-256 that isn't 64 lower-case hex digits")));
    }
    let most = shard.inflated_bytes() + GZIP_SLACK;
    if !(1..=most).contains(&shard.bytes) {
        return Err(bad(format!("{file} with {} bytes where 1 to {most} may be", shard.bytes)));
    }
    Ok(())
}

fn bad(reason: impl Into<String>) -> DataError {
    DataError::Manifest { reason: reason.into() }
}
