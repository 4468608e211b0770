//! Data: where digits come from, and in which order they are learned.
//!
//! - [`idx`]: the IDX format of MNIST's files, parsed strictly and written back
//! - [`files`] (native only): gzip under a cap, and a folder of IDX files
//! - [`mnist`]: names, hashes, mirror and split of the real thing
//! - [`manifest`]: MNIST cut into shards that arrive one after another
//! - [`strokes`]: digits drawn by the program itself, for when nothing can be loaded
//! - [`frame`]: any grey picture of a digit, scaled and centred as MNIST is
//! - [`dataset`]: what the rest of the crate sees: which digits, and the training, validation and test split
//! - [`examples`]: the examples of one split, which may still be arriving
//! - [`batches`]: which examples make minibatch t, as a pure function of the seed
//! - [`digest`]: SHA-256 for files, FNV for telling data sets apart
//!
//! Pixels stay `u8` here, 0 for paper and 255 for ink; they become numbers in 0..=1 when a batch is filled.
//! Nothing here touches a browser, a clock or a global: bytes come in, examples go out.

pub mod batches;
pub mod dataset;
pub mod digest;
mod error;
pub mod examples;
#[cfg(not(target_arch = "wasm32"))]
pub mod files;
pub mod frame;
pub mod idx;
pub mod manifest;
pub mod mnist;
mod pen;
mod seed;
mod skeletons;
pub mod strokes;

pub use batches::BatchStream;
pub use dataset::{Dataset, DatasetKind, Split, shard_plan};
pub use error::DataError;
pub use examples::Examples;
#[cfg(not(target_arch = "wasm32"))]
pub use files::{gunzip_capped, load_dir};
pub use frame::frame_digit;
pub use idx::{Images, Labels, encode_images, encode_labels, is_gzip, parse_images, parse_labels};
pub use manifest::{Manifest, Shard, ShardEntry, encode_shard, parse_manifest, verify_shard};

/// Rows and columns of an image.
pub const SIDE: usize = 28;

/// Pixels of an image, in row order from the top left.
pub const PIXELS: usize = SIDE * SIDE;

/// Classes: the digits 0..=9.
pub const CLASSES: usize = 10;

/// The most examples that one file, or all shards of a manifest together, may hold. MNIST has 70,000; the cap keeps
/// a mistaken file from filling the memory of a browser tab (100,000 images are 78 MB).
pub const MAX_EXAMPLES: usize = 100_000;
