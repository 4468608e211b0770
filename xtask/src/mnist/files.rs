//! The four files of MNIST and their hashes.
//!
//! The engine has the same hashes in its table of known data sets. xtask doesn't depend on the engine, since it is built before
//! every other command; a test compares the two.

/// A file in IDX format: its name and the hash of its content.
#[derive(Debug, Clone, Copy)]
pub struct IdxFile<'a> {
    /// As published, without `.gz`.
    pub name: &'a str,
    /// SHA-256 of the decompressed bytes: mirrors compress the same bytes differently.
    pub sha256: &'a str,
}

/// Training images, training labels, test images, test labels: the order of [`super::shards::write`].
pub const MNIST: [IdxFile<'static>; 4] = [
    IdxFile {
        name: "train-images-idx3-ubyte",
        sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    },
    IdxFile {
        name: "train-labels-idx1-ubyte",
        sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    },
    IdxFile {
        name: "t10k-images-idx3-ubyte",
        sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    },
    IdxFile {
        name: "t10k-labels-idx1-ubyte",
        sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The engine's row of MNIST: names and hashes stand there as they stand here.
    #[test]
    fn the_engine_knows_the_same_files() {
        let table = include_str!("../../../crates/engine/src/data/known.rs");
        for file in MNIST {
            for text in [file.name, file.sha256] {
                assert!(table.contains(&format!("\"{text}\"")), "{text} is missing in the engine's table");
            }
        }
    }
}
