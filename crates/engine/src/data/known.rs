//! The data sets that are known by the hashes of their files: one row of [`KNOWN`] each, and nothing elsewhere.
//!
//! A set is recognised by SHA-256 of its decompressed files, whatever their names or folder, and brings the names of its
//! classes. Any other four IDX files are data of the user's own.

use super::digest::sha256_hex;
use super::{CLASSES, ClassNames, DataChoice, DataError};

/// What is known of a published data set.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Description {
    /// Short name in lower case.
    pub id: &'static str,
    /// Name to show.
    pub name: &'static str,
    /// The choice that the set serves: [`DataChoice::Own`] if it is only read from files that the user chooses.
    pub choice: DataChoice,
    /// Names of the classes 0..=9.
    pub classes: [&'static str; CLASSES],
    /// Training, validation and test examples: the training file in two parts, and the test file.
    pub split_sizes: [usize; 3],
    /// Training images, training labels, test images, test labels.
    pub files: [KnownFile; 4],
    /// Where the files lie, each as `<name>.gz`.
    pub mirror: Option<&'static str>,
}

/// A published file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KnownFile {
    /// Its published name, without `.gz`.
    pub name: &'static str,
    /// SHA-256 of the decompressed bytes: the same file is compressed differently here and there.
    pub sha256: &'static str,
}

/// Published names of the four files, which MNIST shares with the sets made after it.
pub const FILE_NAMES: [&str; 4] =
    ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

/// All known sets.
pub static KNOWN: &[Description] = &[
    Description {
        id: "mnist",
        name: "MNIST",
        choice: DataChoice::Mnist,
        classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        // As in the paper: the first 50,000 of the training file, its last 10,000, and the test file.
        split_sizes: [50_000, 10_000, 10_000],
        files: published([
            "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
        ]),
        // A mirror pinned to a commit, so that its bytes can't change.
        mirror: Some("https://raw.githubusercontent.com/fgnt/mnist/ae608a02b796c9ee908c082585a5f006fe05258e/"),
    },
    // Xiao, Rasul, Vollgraf 2017, arXiv:1708.07747.
    Description {
        id: "fashion-mnist",
        name: "Fashion-MNIST",
        choice: DataChoice::Own,
        classes: [
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ],
        split_sizes: [50_000, 10_000, 10_000],
        files: published([
            "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
        ]),
        mirror: None,
    },
];

/// The set that the page and the build download.
pub static MNIST: &Description = &KNOWN[0];

/// Files of these hashes under the published names.
const fn published(hashes: [&'static str; 4]) -> [KnownFile; 4] {
    let [a, b, c, d] = FILE_NAMES;
    let [e, f, g, h] = hashes;
    [
        KnownFile { name: a, sha256: e },
        KnownFile { name: b, sha256: f },
        KnownFile { name: c, sha256: g },
        KnownFile { name: d, sha256: h },
    ]
}

impl KnownFile {
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

impl Description {
    /// Names of the classes.
    ///
    /// # Errors
    /// None for a row of [`KNOWN`]: a test checks them.
    pub fn class_names(&self) -> Result<ClassNames, DataError> {
        ClassNames::new(self.classes)
    }

    /// The known set of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        KNOWN.iter().find(|set| set.name == name)
    }
}

/// What the hashes of one or two pairs of files say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recognised<'t> {
    /// Training and test files of this set, in this order.
    Whole(&'t Description),
    /// Some files of this set and no others: its classes, but not its splits.
    Part(&'t Description),
    /// Files of no known set, or of several.
    No,
}

/// Recognises pairs of decompressed files (images, then labels) by their hashes, among the rows of `table`: [`KNOWN`].
///
/// # Errors
/// [`DataError::Hash`] if one file of a pair is a known one and its companion isn't: that is a damaged or mistaken
/// download, and labels that belong to other images.
pub fn recognise<'t>(table: &'t [Description], pairs: &[[&[u8]; 2]]) -> Result<Recognised<'t>, DataError> {
    let mut found: Vec<Option<(&Description, usize)>> = Vec::new();
    for pair in pairs {
        found.push(recognise_pair(table, pair.map(sha256_hex))?);
    }
    let Some(Some((set, _))) = found.first().copied() else { return Ok(Recognised::No) };
    if found == [Some((set, 0)), Some((set, 1))] {
        return Ok(Recognised::Whole(set));
    }
    let same = found.iter().all(|pair| pair.is_some_and(|(other, _)| std::ptr::eq(other, set)));
    Ok(if same { Recognised::Part(set) } else { Recognised::No })
}

/// The set of a pair of hashes, and whether it is its training (0) or test (1) pair.
fn recognise_pair(table: &[Description], found: [String; 2]) -> Result<Option<(&Description, usize)>, DataError> {
    for set in table {
        for (part, known) in set.files.as_chunks::<2>().0.iter().enumerate() {
            match [0, 1].map(|file| known[file].sha256 == found[file]) {
                [true, true] => return Ok(Some((set, part))),
                [false, false] => {}
                [images_match, _] => {
                    let wrong = usize::from(images_match);
                    let [images, labels] = found;
                    return Err(DataError::Hash {
                        file: format!("{} of {}", known[wrong].name, set.name),
                        expected: known[wrong].sha256.into(),
                        found: if images_match { labels } else { images },
                    });
                }
            }
        }
    }
    Ok(None)
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
        let file = MNIST.files[3];
        assert_eq!(file.url("https://a/b/"), "https://a/b/t10k-labels-idx1-ubyte.gz");
        assert_eq!(file.url("https://a/b"), file.url("https://a/b/"));
    }

    #[test]
    fn the_rows_are_complete_and_distinct() {
        let mut hashes = std::collections::HashSet::new();
        for set in KNOWN {
            assert_eq!(set.class_names().unwrap().as_slice(), set.classes, "{}", set.id);
            assert_eq!(Description::named(set.name), Some(set));
            for file in set.files {
                let hex = file.sha256.bytes().all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'));
                assert!(hex && file.sha256.len() == 64 && hashes.insert(file.sha256), "{} of {}", file.name, set.id);
            }
        }
        assert_eq!(MNIST.id, "mnist");
    }
}
