//! IDX and gzip: whatever the bytes, no panic; what is accepted re-encodes to the same bytes.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use gatelab_engine::data::{
    DataError, Images, Labels, MAX_EXAMPLES, PIXELS, encode_images, encode_labels, gunzip_capped, is_gzip,
    parse_images, parse_labels,
};
use proptest::prelude::*;

fn image_file(count: usize, fill: u8) -> Vec<u8> {
    encode_images(Images::from_pixels(&vec![fill; count * PIXELS]).unwrap())
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Runs both parsers; whatever they accept must re-encode to the same bytes.
fn accepts_only_what_it_writes(bytes: &[u8]) -> bool {
    let images = parse_images(bytes).map(|images| assert_eq!(encode_images(images), bytes));
    let labels = parse_labels(bytes).map(|labels| assert_eq!(encode_labels(labels), bytes));
    for error in [images.clone().err(), labels.clone().err()].into_iter().flatten() {
        let message = error.to_string();
        assert!(message.starts_with("expected") && message.contains("found"), "{message}");
    }
    images.is_ok() || labels.is_ok()
}

#[test]
fn every_truncation_and_every_tail_is_refused() {
    let files = [image_file(2, 7), encode_labels(Labels::from_bytes(&[3; 70]).unwrap())];
    for file in files {
        assert!(accepts_only_what_it_writes(&file));
        for length in (0..=64).chain([file.len() - 1]) {
            assert!(!accepts_only_what_it_writes(&file[..length.min(file.len() - 1)]), "{length} bytes");
        }
        let longer = [&file[..], &[0]].concat();
        assert!(!accepts_only_what_it_writes(&longer));
    }
}

#[test]
fn every_change_of_a_header_byte_is_refused() {
    for (file, header) in [(image_file(3, 1), 16), (vec![0, 0, 8, 1, 0, 0, 0, 2, 1, 2], 8)] {
        for position in 0..header {
            for value in (0..=255).filter(|&value| value != file[position]) {
                let mut changed = file.clone();
                changed[position] = value;
                assert!(!accepts_only_what_it_writes(&changed), "byte {position} = {value}");
            }
        }
    }
}

#[test]
fn the_cap_is_a_cap() {
    let header = |count: usize| {
        let mut file = vec![0, 0, 8, 1];
        file.extend_from_slice(&(count as u32).to_be_bytes());
        file
    };
    let mut most = header(MAX_EXAMPLES);
    most.resize(8 + MAX_EXAMPLES, 9);
    assert_eq!(parse_labels(&most).unwrap().len(), MAX_EXAMPLES);
    let mut above = header(MAX_EXAMPLES + 1);
    above.resize(8 + MAX_EXAMPLES + 1, 9);
    assert!(matches!(parse_labels(&above), Err(DataError::TooMany { .. })));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        accepts_only_what_it_writes(&bytes);
    }

    #[test]
    fn arbitrary_dimensions_never_panic(magic in prop::sample::select(vec![0x0801_u32, 0x0803]),
                                        dims in prop::array::uniform3(any::<u32>()), tail in 0_usize..2000) {
        let mut bytes: Vec<u8> = [magic].iter().chain(&dims).flat_map(|word| word.to_be_bytes()).collect();
        bytes.resize(bytes.len() + tail, 0);
        accepts_only_what_it_writes(&bytes);
    }

    #[test]
    fn images_round_trip(count in 0_usize..4, seed in any::<u8>()) {
        let pixels: Vec<u8> = (0..count * PIXELS).map(|i| (i as u8).wrapping_mul(seed)).collect();
        let file = encode_images(Images::from_pixels(&pixels).unwrap());
        prop_assert_eq!(parse_images(&file).unwrap().pixels(), &pixels[..]);
    }

    #[test]
    fn labels_round_trip(labels in prop::collection::vec(0_u8..10, 0..300)) {
        let file = encode_labels(Labels::from_bytes(&labels).unwrap());
        prop_assert_eq!(parse_labels(&file).unwrap().as_bytes(), &labels[..]);
    }

    #[test]
    fn gunzip_returns_what_went_in_up_to_the_cap(bytes in prop::collection::vec(any::<u8>(), 0..3000), cut in 0_usize..3000) {
        let packed = gzip(&bytes);
        prop_assert!(is_gzip(&packed));
        prop_assert_eq!(gunzip_capped(&packed, bytes.len()).unwrap(), &bytes[..]);
        if !bytes.is_empty() {
            prop_assert_eq!(gunzip_capped(&packed, bytes.len() - 1), Err(DataError::Inflated { cap: bytes.len() - 1 }));
        }
        // Cut anywhere: never accepted, not even in the checksum. (Nothing at all is no member, hence not empty data.)
        prop_assert!(gunzip_capped(&packed[..cut % packed.len()], 1 << 20).is_err());
    }

    #[test]
    fn gunzip_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let with_magic = [&[0x1f, 0x8b, 8, 0][..], &bytes].concat();
        for input in [&bytes, &with_magic] {
            if let Ok(inflated) = gunzip_capped(input, 1000) {
                prop_assert!(inflated.len() <= 1000);
            }
        }
    }
}

#[test]
fn damaged_gzip_is_refused() {
    let packed = gzip(b"five bytes and some more");
    // The last eight bytes are checksum and length.
    for position in packed.len() - 8..packed.len() {
        let mut damaged = packed.clone();
        damaged[position] ^= 1;
        assert!(matches!(gunzip_capped(&damaged, 1000), Err(DataError::Gzip { .. })), "byte {position}");
    }
    let tail = [&packed[..], b"tail"].concat();
    assert!(gunzip_capped(&tail, 1000).is_err());
    let twice = [&packed[..], &packed[..]].concat();
    assert_eq!(gunzip_capped(&twice, 1000).unwrap().len(), 48);
}

#[test]
fn a_bomb_stops_at_the_cap() {
    let bomb = gzip(&vec![0; 50 << 20]);
    assert!(bomb.len() < 1 << 17);
    assert_eq!(gunzip_capped(&bomb, 1 << 20), Err(DataError::Inflated { cap: 1 << 20 }));
}
