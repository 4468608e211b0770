//! Stroke digits and normalisation: the same bytes everywhere, normalised as MNIST, and about as hard to learn.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

use std::fs;
use std::path::Path;

use gatelab_engine::data::digest::sha256_hex;
use gatelab_engine::data::strokes::{self, generate};
use gatelab_engine::data::{BatchStream, CLASSES, DataError, Dataset, Examples, PIXELS, SIDE, Split, normalize_digit};
use gatelab_kernels::Input;
use proptest::prelude::*;

/// Centre of mass, counted from the centre of the first pixel: (across, down).
fn centre(image: &[u8]) -> (f64, f64) {
    let (mut mass, mut x, mut y) = (0.0, 0.0, 0.0);
    for (i, &pixel) in image.iter().enumerate() {
        let ink = f64::from(pixel);
        (mass, x, y) = (mass + ink, x + ink * (i % SIDE) as f64, y + ink * (i / SIDE) as f64);
    }
    (x / mass, y / mass)
}

fn off_centre(image: &[u8]) -> f64 {
    let (x, y) = centre(image);
    (x - 13.5).abs().max((y - 13.5).abs())
}

/// Width and height of the ink.
fn extent(image: &[u8]) -> (usize, usize) {
    let inked = |line: &dyn Fn(usize, usize) -> usize| {
        let lines: Vec<_> = (0..SIDE).filter(|&a| (0..SIDE).any(|b| image[line(a, b)] > 0)).collect();
        lines.last().map_or(0, |last| last - lines[0] + 1)
    };
    (inked(&|x, y| y * SIDE + x), inked(&|y, x| y * SIDE + x))
}

/// The page's stroke digits must be the same on every machine and in every release: runs are compared by them.
#[test]
fn the_first_hundred_never_change() {
    let found = Split::ALL.map(|split| {
        let (labels, pixels) = generate(strokes::SEED, split, 0..100);
        sha256_hex(&[labels, pixels].concat())
    });
    let golden = [
        "beecb458e364e60a9a935afefcb860b496a48d5c0226b3757aada83b279cf28e",
        "b1f84ba8257c6557c26eca66c5869df2a2cfbca1b1c9dfe4e04434546cf9c738",
        "8f6980df74d8530a6113eee30ab5330a5d2052cdf57ed1a5f65142fc395edfb5",
    ];
    assert_eq!(found, golden);
}

#[test]
fn any_range_can_be_drawn_alone() {
    let (labels, pixels) = generate(3, Split::Valid, 0..40);
    let (some_labels, some_pixels) = generate(3, Split::Valid, 17..23);
    assert_eq!(some_labels, labels[17..23]);
    assert_eq!(some_pixels, pixels[17 * PIXELS..23 * PIXELS]);
    for other in [generate(4, Split::Valid, 0..40), generate(3, Split::Test, 0..40)] {
        assert_ne!(other.0, labels);
        assert_ne!(other.1, pixels);
    }
}

#[test]
fn every_ten_hold_every_class() {
    let (labels, _) = generate(1, Split::Train, 0..200);
    for ten in labels.chunks(10) {
        let mut sorted = ten.to_vec();
        sorted.sort_unstable();
        assert_eq!(sorted, (0..10).collect::<Vec<u8>>());
    }
}

#[test]
fn a_set_grows_shard_by_shard() {
    let mut set = strokes::dataset();
    assert_eq!(set.train.planned(), 50_000);
    assert_eq!(strokes::grow(&mut set, Split::Test, 30), Ok(30));
    assert_eq!(strokes::grow(&mut set, Split::Test, 20), Ok(20));
    let (labels, pixels) = generate(strokes::SEED, Split::Test, 0..50);
    assert_eq!((set.test.labels(), set.test.pixels()), (&labels[..], &pixels[..]));
    let mut small = Dataset::planned(set.kind, [25, 1, 1]);
    assert_eq!(strokes::grow(&mut small, Split::Train, usize::MAX), Ok(25));
    assert_eq!(strokes::grow(&mut small, Split::Train, 5), Ok(0));
}

#[test]
fn strokes_are_normalized_as_mnist_is() {
    let (labels, pixels) = generate(1, Split::Train, 0..3_000);
    for (image, label) in pixels.chunks(PIXELS).zip(labels) {
        let (width, height) = extent(image);
        assert!((18..=20).contains(&width.max(height)), "a {label} of {width}×{height}");
        assert!(off_centre(image) <= 1.0, "a {label} around {:?}", centre(image));
        let ink: f64 = image.iter().map(|&pixel| f64::from(pixel) / 255.0).sum();
        assert!((15.0..260.0).contains(&ink), "a {label} with {ink} pixels of ink");
    }
}

/// A grey picture with a thick hook: (x, y) its corner, `unit` its scale.
fn hook(side: usize, x: usize, y: usize, unit: usize) -> Vec<u8> {
    let mut gray = vec![0; side * side];
    let mut bar = |left: usize, top: usize, width: usize, height: usize| {
        for row in top..top + height {
            gray[row * side..][left..left + width].fill(255);
        }
    };
    bar(x, y, 6 * unit, 2 * unit);
    bar(x + 4 * unit, y, 2 * unit, 11 * unit);
    gray
}

proptest! {
    #[test]
    fn normalization_forgets_place(x in 0_usize..100, y in 0_usize..100) {
        let place = |x, y| normalize_digit(&hook(200, x, y, 8), 200, 200).unwrap();
        prop_assert_eq!(place(x, y), place(0, 0));
    }

    #[test]
    fn normalization_forgets_size_within_a_little(unit in 3_usize..17) {
        let side = 200;
        let a = normalize_digit(&hook(side, 1, 2, unit), side, side).unwrap();
        let b = normalize_digit(&hook(side, 5, 5, 16), side, side).unwrap();
        let difference: u32 = a.iter().zip(&b).map(|(&a, &b)| u32::from(a.abs_diff(b))).sum();
        prop_assert!(difference < 255, "{}", difference);
        prop_assert!(off_centre(&a) <= 1.0);
        prop_assert_eq!(extent(&a).1, 20);
    }

    #[test]
    fn normalization_never_panics(width in 0_usize..40, height in 0_usize..40, seed in any::<u64>(), sparse in any::<bool>()) {
        let mut noise = seed | 1;
        let gray: Vec<u8> = (0..width * height).map(|_| {
            noise = noise.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            if sparse && noise >> 59 != 0 { 0 } else { (noise >> 33) as u8 }
        }).collect();
        if let Ok(found) = normalize_digit(&gray, width, height) {
            prop_assert!(found.iter().any(|&pixel| pixel > 0));
            let (w, h) = extent(&found);
            prop_assert!(w.max(h) <= 20);
        }
    }
}

#[test]
fn pictures_that_are_none_are_refused() {
    assert_eq!(normalize_digit(&[0; 100], 10, 10), Err(DataError::NoInk));
    assert_eq!(normalize_digit(&[], 0, 0), Err(DataError::NoInk));
    assert!(matches!(normalize_digit(&[255; 99], 10, 10), Err(DataError::Length { .. })));
    assert!(normalize_digit(&[255; 4], usize::MAX, 2).is_err());
    // The thinnest of lines stays.
    let mut line = vec![0; 300 * 300];
    (0..300).for_each(|row| line[row * 300 + 150] = 255);
    assert_eq!(extent(&normalize_digit(&line, 300, 300).unwrap()), (1, 20));
}

/// Share of `test` that a linear soft-max gets right after three epochs of plain gradient descent over `train`.
fn linear_accuracy(train: &Examples, test: &Examples) -> f64 {
    const BATCH: usize = 20;
    let mut weights = vec![0.0_f32; CLASSES * PIXELS];
    let mut stream = BatchStream::standard(1, BATCH, train.len()).unwrap();
    let (mut indices, mut input, mut y) = (Vec::new(), Input::<f32>::new(BATCH, PIXELS), [0; BATCH]);
    for step in 0..3 * stream.batches_per_epoch() as u64 {
        stream.indices(step, &mut indices);
        train.load(&indices, &mut input, &mut y).unwrap();
        let dense = input.to_dense();
        let x = dense.values();
        let errors: Vec<_> = x.chunks(PIXELS).zip(y).map(|(x, label)| residual(&weights, x, label)).collect();
        for (x, errors) in x.chunks(PIXELS).zip(errors) {
            for (row, error) in weights.chunks_mut(PIXELS).zip(errors) {
                row.iter_mut().zip(x).for_each(|(weight, x)| *weight -= 0.1 / BATCH as f32 * error * x);
            }
        }
    }
    let right = (0..test.len()).filter(|&i| {
        test.load(&[i as u32], &mut input, &mut [0]).unwrap();
        let scores = scores(&weights, input.to_dense().values());
        scores.iter().all(|&score| score <= scores[usize::from(test.label(i))])
    });
    right.count() as f64 / test.len() as f64
}

fn scores(weights: &[f32], x: &[f32]) -> Vec<f32> {
    weights.chunks(PIXELS).map(|row| row.iter().zip(x).map(|(weight, x)| weight * x).sum()).collect()
}

/// Soft-max minus one-hot.
fn residual(weights: &[f32], x: &[f32], label: u8) -> Vec<f32> {
    let scores = scores(weights, x);
    let most = scores.iter().copied().fold(f32::MIN, f32::max);
    let powers: Vec<f32> = scores.iter().map(|score| (score - most).exp()).collect();
    let total: f32 = powers.iter().sum();
    let hot = |class: usize| if class == usize::from(label) { 1.0 } else { 0.0 };
    powers.iter().enumerate().map(|(class, power)| power / total - hot(class)).collect()
}

#[test]
fn strokes_are_about_as_hard_as_mnist_for_a_linear_classifier() {
    let mut set = strokes::dataset();
    strokes::grow(&mut set, Split::Train, 10_000).unwrap();
    strokes::grow(&mut set, Split::Test, 2_000).unwrap();
    let accuracy = linear_accuracy(&set.train, &set.test);
    assert!((0.85..0.95).contains(&accuracy), "{accuracy}");
}

/// Leaves a picture of twenty digits of each class to look at, as a portable grey map.
#[test]
fn a_contact_sheet_to_look_at() {
    const COLUMNS: usize = 20;
    let (labels, pixels) = generate(strokes::SEED, Split::Train, 0..COLUMNS * CLASSES);
    let mut sheet = vec![0; pixels.len()];
    let mut drawn = [0; CLASSES];
    for (image, label) in pixels.chunks(PIXELS).zip(labels) {
        let row = usize::from(label);
        for (y, line) in image.chunks(SIDE).enumerate() {
            let place = ((row * SIDE + y) * COLUMNS + drawn[row]) * SIDE;
            sheet[place..place + SIDE].copy_from_slice(line);
        }
        drawn[row] += 1;
    }
    assert_eq!(drawn, [COLUMNS; CLASSES]);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("strokes.pgm");
    let header = format!("P5 {} {} 255\n", COLUMNS * SIDE, CLASSES * SIDE);
    fs::write(&path, [header.as_bytes(), &sheet].concat()).unwrap();
    println!("{}", path.display());
}
