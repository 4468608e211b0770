//! MNIST as published: four files, known by their hashes, and how they are split here.

use super::digest::sha256_hex;
use super::{DataError, Dataset, DatasetKind, parse_images, parse_labels};

/// Training, validation and test examples, as in the paper: the first 50,000 of the training file, its last 10,000,
/// and the test file.
pub const SPLIT_SIZES: [usize; 3] = [50_000, 10_000, 10_000];

/// Examples in the first shard of a split: small (about 320 kB compressed), so that learning starts at once.
pub const FIRST_SHARD: usize = 2_000;

/// Examples in each further shard of a split; the last one may hold fewer.
pub const NEXT_SHARDS: usize = 8_000;

/// Where the four files are, each as `<name>.gz`: a mirror pinned to a commit, so that its bytes can't change.
pub const MIRROR: &str = "https://raw.githubusercontent.com/fgnt/mnist/ae608a02b796c9ee908c082585a5f006fe05258e/";

/// A file of MNIST.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MnistFile {
    /// Its published name, without `.gz`.
    pub name: &'static str,
    /// The name under which some programs keep it once decompressed.
    pub other_name: &'static str,
    /// SHA-256 of the decompressed bytes: the same file is compressed differently here and there.
    pub sha256: &'static str,
}

impl MnistFile {
    /// Address of the compressed file at a mirror, with or without a slash at the end of `base`.
    pub fn url(&self, base: &str) -> String {
        format!("{}/{}.gz", base.trim_end_matches('/'), self.name)
    }

    /// Whether `bytes` (decompressed) are this file's.
    ///
    /// # Errors
    /// [`DataError::Hash`] with the hash found.
    pub fn verify(&self, bytes: &[u8]) -> Result<(), DataError> {
        check_hash(self.name, self.sha256, bytes)
    }
}

/// The four files: training images, training labels, test images, test labels.
pub const FILES: [MnistFile; 4] = [
    MnistFile {
        name: "train-images-idx3-ubyte",
        other_name: "train-images.idx3-ubyte",
        sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    },
    MnistFile {
        name: "train-labels-idx1-ubyte",
        other_name: "train-labels.idx1-ubyte",
        sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    },
    MnistFile {
        name: "t10k-images-idx3-ubyte",
        other_name: "t10k-images.idx3-ubyte",
        sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    },
    MnistFile {
        name: "t10k-labels-idx1-ubyte",
        other_name: "t10k-labels.idx1-ubyte",
        sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
];

/// The set that four decompressed files make, in the order of [`FILES`]. If all four are MNIST's by hash, it is MNIST;
/// otherwise it is somebody's own data called `name` (Fashion-MNIST comes under the same file names).
///
/// # Errors
/// [`DataError::Hash`] if one file of a pair is MNIST's and its companion isn't: that is a damaged download, not own
/// data. Besides, everything that [`parse_images`], [`parse_labels`] and [`Dataset::from_idx_pairs`] refuse.
pub fn dataset_from_files(name: &str, files: [&[u8]; 4]) -> Result<Dataset, DataError> {
    let mut checks = FILES.iter().zip(files).map(|(file, bytes)| file.verify(bytes));
    let mut check = || checks.next().unwrap_or(Ok(()));
    let mut all = true;
    for pair in [[check(), check()], [check(), check()]] {
        match pair {
            [Ok(()), Ok(())] => {}
            [Err(_), Err(_)] => all = false,
            [Err(damaged), Ok(())] | [Ok(()), Err(damaged)] => return Err(damaged),
        }
    }
    let kind = if all { DatasetKind::Mnist } else { DatasetKind::Own(name.into()) };
    let [train_images, train_labels, test_images, test_labels] = files;
    let train = (parse_images(train_images)?, parse_labels(train_labels)?);
    let test = (parse_images(test_images)?, parse_labels(test_labels)?);
    Dataset::from_idx_pairs(kind, &[train, test])
}

/// Refuses `bytes` whose SHA-256 isn't `expected`.
pub(super) fn check_hash(file: &str, expected: &str, bytes: &[u8]) -> Result<(), DataError> {
    let found = sha256_hex(bytes);
    if found == expected {
        return Ok(());
    }
    Err(DataError::Hash { file: file.into(), expected: expected.into(), found })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_join_with_one_slash() {
        let file = FILES[3];
        assert_eq!(file.url("https://a/b/"), "https://a/b/t10k-labels-idx1-ubyte.gz");
        assert_eq!(file.url("https://a/b"), file.url("https://a/b/"));
    }
}
