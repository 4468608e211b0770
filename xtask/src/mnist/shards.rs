//! The pieces of MNIST that the page downloads.
//!
//! A shard is gzip of N label bytes followed by the pixels of N images. The first one is small, so that training begins
//! after a few hundred kilobytes. `manifest.json` lists them with the hashes that the page checks. A file name ends in `.bin`
//! and not in `.gz`, because some hosts would then announce `Content-Encoding: gzip` and the browser would unpack it.

use std::io::{Read as _, Write as _};
use std::ops::Range;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use flate2::{Compression, GzBuilder, read::GzDecoder};
use serde_json::{Value, json};

use super::idx;
use crate::hash::sha256;
use crate::scratch::Scratch;
use crate::stamp::fingerprint;

/// Images for one purpose, and which of the two published sets they come from.
#[derive(Debug, Clone)]
pub struct Split {
    /// As the manifest calls it.
    pub name: &'static str,
    /// From the training files, or from the test files?
    pub of_training_set: bool,
    /// Which images of that set.
    pub images: Range<usize>,
    /// Size of the first shard; `None`: the split is one shard with no number in its name.
    pub first: Option<usize>,
    /// Size of the others.
    pub others: usize,
}

/// 50,000 images to learn from, the 10,000 after them for validation (as in the paper), and the 10,000 of the test set.
pub const PLAN: [Split; 3] = [
    Split { name: "train", of_training_set: true, images: 0..50_000, first: Some(2_000), others: 8_000 },
    Split { name: "valid", of_training_set: true, images: 50_000..60_000, first: None, others: 10_000 },
    Split { name: "test", of_training_set: false, images: 0..10_000, first: None, others: 10_000 },
];

const MANIFEST: &str = "manifest.json";

/// Writes the shards of the four unpacked files (in the order of [`super::files::MNIST`]) into the folder `place`.
pub fn write(files: &[Vec<u8>; 4], plan: &[Split], place: &Path) -> Result<()> {
    let [train_images, train_labels, test_images, test_labels] = files;
    let training = (idx::images(train_images)?, idx::labels(train_labels)?);
    let test = (idx::images(test_images)?, idx::labels(test_labels)?);

    let parent = place.parent().context("the shards need a folder to lie in")?;
    let half = Scratch::in_folder(parent, "shards")?;
    let mut entries = Vec::new();
    for split in plan {
        let (images, labels) = if split.of_training_set { &training } else { &test };
        if images.count != labels.len() || split.images.end > images.count {
            bail!(
                "{} needs images {:?}; there are {} and {} labels",
                split.name,
                split.images,
                images.count,
                labels.len()
            );
        }
        for (file, range) in pieces(split) {
            let mut content = labels[range.clone()].to_vec();
            content.extend_from_slice(&images.pixels[range.start * images.area..range.end * images.area]);
            let packed = gzip(&content)?;
            std::fs::write(half.path().join(&file), &packed)
                .with_context(|| format!("cannot write the shard {file}"))?;
            entries.push(json!({
                "file": file, "split": split.name, "start": range.start, "count": range.len(),
                "sha256": sha256(&content), "bytes": packed.len(),
            }));
        }
    }
    let manifest = json!({ "version": 1, "name": "MNIST", "shards": entries });
    let text = serde_json::to_string_pretty(&manifest)? + "\n";
    std::fs::write(half.path().join(MANIFEST), text).context("cannot write the manifest of the shards")?;

    if place.exists() {
        std::fs::remove_dir_all(place).with_context(|| format!("cannot remove the stale {}", place.display()))?;
    }
    half.move_to(place)
}

/// The shards of a split: file name, and which images of the published set.
fn pieces(split: &Split) -> Vec<(String, Range<usize>)> {
    let Some(first) = split.first else {
        return vec![(format!("{}.bin", split.name), split.images.clone())];
    };
    let mut pieces = Vec::new();
    let (mut start, mut size) = (split.images.start, first);
    while start < split.images.end {
        let end = split.images.end.min(start + size);
        pieces.push((format!("{}-{}.bin", split.name, pieces.len()), start..end));
        (start, size) = (end, split.others);
    }
    pieces
}

/// Compresses as small as gzip can: done once, downloaded often. No time stamp, so that the same data gives the same file.
fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    Ok(encoder.finish()?)
}

/// Are all shards there, each with the content that the manifest names?
pub fn are_whole(place: &Path) -> bool {
    let read = || -> Option<Vec<Value>> {
        let text = std::fs::read(place.join(MANIFEST)).ok()?;
        let manifest: Value = serde_json::from_slice(&text).ok()?;
        manifest["shards"].as_array().cloned()
    };
    read().is_some_and(|shards| !shards.is_empty() && shards.iter().all(|shard| is_whole(place, shard)))
}

fn is_whole(place: &Path, shard: &Value) -> bool {
    let Some(file) = shard["file"].as_str() else {
        return false;
    };
    let Ok(packed) = std::fs::read(place.join(file)) else {
        return false;
    };
    let mut content = Vec::new();
    let unpacked = GzDecoder::new(packed.as_slice()).read_to_end(&mut content);
    unpacked.is_ok() && shard["sha256"] == sha256(&content).as_str() && shard["bytes"] == packed.len()
}

/// Do two folders hold the same files?
pub fn are_same(one: &Path, other: &Path) -> bool {
    let print = |folder| fingerprint(folder, &|_| false).ok();
    print(one).is_some_and(|print_of_one| print(other) == Some(print_of_one))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An IDX file of `count` images of 1×2 pixels, or of labels; every byte tells where it comes from.
    fn tiny(count: u8, dimensions: u8, offset: u8) -> Vec<u8> {
        let mut file = vec![0, 0, 8, dimensions, 0, 0, 0, count];
        if dimensions == 3 {
            file.extend([0, 0, 0, 1, 0, 0, 0, 2]);
        }
        let per_item = if dimensions == 3 { 2 } else { 1 };
        file.extend((0..count * per_item).map(|index| index + offset));
        file
    }

    fn tiny_mnist() -> [Vec<u8>; 4] {
        [tiny(8, 3, 0), tiny(8, 1, 100), tiny(2, 3, 50), tiny(2, 1, 200)]
    }

    const TINY: [Split; 3] = [
        Split { name: "train", of_training_set: true, images: 0..6, first: Some(1), others: 3 },
        Split { name: "valid", of_training_set: true, images: 6..8, first: None, others: 2 },
        Split { name: "test", of_training_set: false, images: 0..2, first: None, others: 2 },
    ];

    fn unpack(path: &Path) -> Vec<u8> {
        let mut content = Vec::new();
        GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut content).unwrap();
        content
    }

    #[test]
    fn shards_hold_labels_then_pixels() {
        let folder = Scratch::new("shards").unwrap();
        let place = folder.path().join("shards");
        write(&tiny_mnist(), &TINY, &place).unwrap();
        assert_eq!(unpack(&place.join("train-0.bin")), [100, 0, 1]);
        assert_eq!(unpack(&place.join("train-1.bin")), [101, 102, 103, 2, 3, 4, 5, 6, 7]);
        assert_eq!(unpack(&place.join("train-2.bin")), [104, 105, 8, 9, 10, 11]);
        assert_eq!(unpack(&place.join("valid.bin")), [106, 107, 12, 13, 14, 15]);
        assert_eq!(unpack(&place.join("test.bin")), [200, 201, 50, 51, 52, 53]);
        assert_eq!(std::fs::read_dir(&place).unwrap().count(), 6);

        let manifest: Value = serde_json::from_slice(&std::fs::read(place.join(MANIFEST)).unwrap()).unwrap();
        assert_eq!(manifest["version"], 1);
        let valid = &manifest["shards"][3];
        assert_eq!((valid["split"].as_str(), &valid["start"], &valid["count"]), (Some("valid"), &json!(6), &json!(2)));
        assert_eq!(valid["sha256"], sha256(&[106, 107, 12, 13, 14, 15]).as_str());
        assert_eq!(valid["bytes"], std::fs::metadata(place.join("valid.bin")).unwrap().len());
    }

    #[test]
    fn a_missing_or_damaged_shard_is_noticed_and_mended() {
        let folder = Scratch::new("shards").unwrap();
        let place = folder.path().join("shards");
        assert!(!are_whole(&place));
        write(&tiny_mnist(), &TINY, &place).unwrap();
        assert!(are_whole(&place));
        let good = std::fs::read(place.join("valid.bin")).unwrap();
        std::fs::write(place.join("valid.bin"), &good[..good.len() - 1]).unwrap();
        assert!(!are_whole(&place));
        std::fs::remove_file(place.join("valid.bin")).unwrap();
        assert!(!are_whole(&place));
        write(&tiny_mnist(), &TINY, &place).unwrap();
        assert!(are_whole(&place));
        assert_eq!(std::fs::read(place.join("valid.bin")).unwrap(), good);
    }

    #[test]
    fn too_few_images_are_refused() {
        let folder = Scratch::new("shards").unwrap();
        let error = write(&tiny_mnist(), &PLAN, &folder.path().join("shards")).unwrap_err();
        assert!(error.to_string().contains("train needs images 0..50000; there are 8"), "{error}");
    }

    #[test]
    fn the_plan_covers_mnist() {
        let files: Vec<_> = PLAN.iter().flat_map(pieces).map(|(file, range)| (file, range.len())).collect();
        assert_eq!(files.len(), 9);
        assert_eq!(files[0], ("train-0.bin".to_owned(), 2_000));
        assert!(files[1..7].iter().all(|(_, count)| *count == 8_000));
        assert_eq!(files[7..], [("valid.bin".to_owned(), 10_000), ("test.bin".to_owned(), 10_000)]);
    }
}
