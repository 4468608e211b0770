//! Data: where examples come from, and in which order they are learned.
//!
//! - `sizes`: the sizes that every set has
//! - [`description`]: names of classes, and the choice of a set by id
//! - [`known`]: the published sets (MNIST, Fashion-MNIST), recognised by the hashes of their files: one row each
//! - [`idx`]: the IDX format of MNIST's files, parsed strictly and written back
//! - [`files`] (native only): gzip up to a cap, and a folder of IDX files
//! - [`manifest`]: a set cut into shards that arrive one after another
//! - [`strokes`]: digits drawn by the program itself, for when nothing can be loaded
//! - [`normalize`]: a grey picture of a digit, scaled and centred as MNIST is
//! - [`dataset`]: a data set as the rest of the crate sees it: which one, its classes, its three splits
//! - [`examples`]: the examples of one split, of which some may not have arrived yet
//! - [`batches`]: which examples make minibatch t, as a pure function of the seed
//! - [`digest`]: SHA-256 of files
//!
//! Pixels are `u8` here, 0 for paper and 255 for ink; they become numbers in 0..=1 when a batch is loaded.
//! Nothing here uses a browser, a clock or a global: bytes in, examples out.

pub mod batches;
pub mod dataset;
pub mod description;
pub mod digest;
mod error;
pub mod examples;
#[cfg(not(target_arch = "wasm32"))]
pub mod files;
pub mod idx;
pub mod known;
pub mod manifest;
pub mod normalize;
mod pen;
mod sizes;
mod skeletons;
mod stream;
pub mod strokes;

pub use batches::BatchStream;
pub use dataset::{Dataset, DatasetKind, Split, shard_plan};
pub use description::{ClassNames, DataChoice};
pub use error::DataError;
pub use examples::Examples;
#[cfg(not(target_arch = "wasm32"))]
pub use files::{gunzip_capped, load_dir};
pub use idx::{Images, Labels, encode_images, encode_labels, is_gzip, parse_images, parse_labels};
pub use known::Description;
pub use manifest::{Manifest, Shard, ShardEntry, encode_shard, parse_manifest, verify_shard};
pub use normalize::normalize_digit;
pub use sizes::{CLASSES, PIXELS, SIDE};

/// The most examples that one file, or all shards of a manifest together, may hold. MNIST has 70,000; the cap keeps
/// a mistaken file from filling the memory of a browser tab (100,000 images are 78 MB).
pub const MAX_EXAMPLES: usize = 100_000;
