//! The error type of this module. Each message says what was expected, what was found and what to do.

use thiserror::Error;

use super::sizes::{CLASSES, SIDE};

/// Why data could not be read, trusted or used.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DataError {
    /// The bytes are still compressed.
    #[error("expected an IDX file of {what}, found gzip: decompress the file first")]
    StillGzip {
        /// "images" or "labels".
        what: &'static str,
    },
    /// The bytes end before the header does.
    #[error(
        "expected an IDX file of {what} with a header of {expected} bytes, found {found} bytes: the file is cut off, get it again"
    )]
    Header {
        /// "images" or "labels".
        what: &'static str,
        /// Bytes of a whole header.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// The first four bytes are those of another format.
    #[error(
        "expected an IDX file of {what} (first bytes {expected:#010x}), found {found:#010x}: choose the IDX file of {what}"
    )]
    Magic {
        /// "images" or "labels".
        what: &'static str,
        /// The magic number of such files.
        expected: u32,
        /// The number found.
        found: u32,
    },
    /// Images of another size.
    #[error(
        "expected images of {side}×{side} pixels, found {rows}×{cols}: scale them to {side}×{side} as MNIST does",
        side = SIDE
    )]
    Size {
        /// Rows in the header.
        rows: u32,
        /// Columns in the header.
        cols: u32,
    },
    /// More examples than this program loads.
    #[error("expected at most {cap} examples, found {found}: split off a smaller file")]
    TooMany {
        /// The most there may be.
        cap: usize,
        /// What the header says.
        found: u64,
    },
    /// The number of bytes does not fit what the header, plan or batch promises.
    #[error("expected {expected} bytes of {what}, found {found}: the data is cut off or has a tail, get it again")]
    Length {
        /// What the bytes are.
        what: &'static str,
        /// Bytes there should be.
        expected: usize,
        /// Bytes there are.
        found: usize,
    },
    /// A label beyond the classes.
    #[error(
        "expected labels from 0 to {last}, found {found} as label {index} (counted from 0): use files with {CLASSES} classes",
        last = CLASSES - 1
    )]
    Label {
        /// Position of the label, from 0.
        index: usize,
        /// Its value.
        found: u8,
    },
    /// Another number of class names than of classes.
    #[error(
        "expected {CLASSES} names of classes separated by commas, found {found}: give one name for each label from 0 to {last}",
        last = CLASSES - 1
    )]
    ClassCount {
        /// Names found.
        found: usize,
    },
    /// A name of a class that can't be shown, or is given twice.
    #[error(
        "expected distinct names of classes of 1 to {longest} printable characters, found {found:?} for class {index}: \
         give it another name"
    )]
    ClassName {
        /// The class.
        index: usize,
        /// Its name.
        found: String,
        /// The most characters.
        longest: usize,
    },
    /// Names for the classes of a set that has its own.
    #[error(
        "expected no names of classes for {name}, found other names than its own ({classes}): leave them out, or choose the \
         files that they belong to"
    )]
    ClassesKnown {
        /// Name of the set.
        name: &'static str,
        /// Its names of classes.
        classes: String,
    },
    /// Data other than a checkpoint was made with.
    #[error(
        "expected the data that the checkpoint was made with (digest {expected:016x}), found {name} (digest {found:016x}): \
         choose the data that the run was trained on, or start a new run"
    )]
    OtherData {
        /// Digest in the checkpoint.
        expected: u64,
        /// Digest of the data at hand.
        found: u64,
        /// Name of the data at hand.
        name: String,
    },
    /// Images and labels do not belong together.
    #[error(
        "expected as many labels as images, found {labels} labels and {images} images: pair the files that belong together"
    )]
    Pair {
        /// Images found.
        images: usize,
        /// Labels found.
        labels: usize,
    },
    /// Another number of files than a set is made of.
    #[error("expected one or two pairs of image and label files (training, test), found {found}: choose one or two")]
    PairCount {
        /// Pairs found.
        found: usize,
    },
    /// Too few examples to train, validate and test.
    #[error("expected at least {needed} examples in {what}, found {found}: use a larger file")]
    TooFew {
        /// In which part.
        what: &'static str,
        /// The least there may be.
        needed: usize,
        /// What there is.
        found: usize,
    },
    /// Gzip that cannot be decompressed.
    #[error("expected a whole gzip file, found one that cannot be decompressed ({reason}): get it again")]
    Gzip {
        /// Message of the decompressor.
        reason: String,
    },
    /// Gzip that holds more than it should.
    #[error(
        "expected at most {cap} bytes inside the gzip file, found more: this is no IDX file within the limits, choose another"
    )]
    Inflated {
        /// The most there may be.
        cap: usize,
    },
    /// A file or folder that cannot be read.
    #[error("expected to read {path}, found: {reason}; check the path and its permissions")]
    Read {
        /// Which file or folder.
        path: String,
        /// Message of the operating system.
        reason: String,
    },
    /// A file that is not there under any of its names.
    #[error("expected {name} (or with .gz) in {folder}, found neither: put the four IDX files there")]
    Missing {
        /// The canonical name.
        name: String,
        /// The folder searched.
        folder: String,
    },
    /// Bytes that are not those that were published.
    #[error("expected {file} with SHA-256 {expected}, found {found}: the file is damaged or replaced, get it again")]
    Hash {
        /// Which file or shard.
        file: String,
        /// The published hash, 64 hex digits.
        expected: String,
        /// The hash of the bytes found.
        found: String,
    },
    /// A manifest that does not hold together.
    #[error("expected a manifest of shards, found {reason}: build the page's data again")]
    Manifest {
        /// What is wrong with it.
        reason: String,
    },
    /// Examples beyond those that were planned, or asked for before they arrived.
    #[error("expected an example below {limit}, found {index}: load more of the data, or use fewer examples")]
    OutOfRange {
        /// Examples there are, or are planned.
        limit: usize,
        /// The example asked for.
        index: usize,
    },
    /// A batch size that no batch can have.
    #[error(
        "expected a batch size from 1 to the {examples} training examples, found {found}: choose one in that range"
    )]
    BatchSize {
        /// Training examples.
        examples: usize,
        /// The batch size asked for.
        found: usize,
    },
    /// A picture without ink.
    #[error("expected a drawn digit, found an empty picture: draw a digit first")]
    NoInk,
}
