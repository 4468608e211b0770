//! The IDX format of MNIST's files: parsed strictly, and written back to the same bytes.
//!
//! Images: magic 0x00000803, count, rows, columns (big-endian `u32`), then a byte per pixel. Labels: magic 0x00000801,
//! count, then a byte per label. The parsers borrow: they allocate nothing, whatever a header says, and accept exactly
//! the files whose re-encoding is equal, byte by byte.

use super::{CLASSES, DataError, MAX_EXAMPLES, PIXELS, SIDE};

/// Bytes before the pixels.
pub const IMAGES_HEADER: usize = 16;

/// Bytes before the labels.
pub const LABELS_HEADER: usize = 8;

const IMAGES_MAGIC: u32 = 0x0000_0803;
const LABELS_MAGIC: u32 = 0x0000_0801;

/// Images of 28×28 pixels, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Images<'a> {
    pixels: &'a [u8],
}

impl<'a> Images<'a> {
    /// Images from bare pixels: 784 bytes an image.
    ///
    /// # Errors
    /// [`DataError::Length`] for a broken image at the end, [`DataError::TooMany`] beyond [`MAX_EXAMPLES`].
    pub fn from_pixels(pixels: &'a [u8]) -> Result<Self, DataError> {
        check_count((pixels.len() / PIXELS) as u64)?;
        if !pixels.len().is_multiple_of(PIXELS) {
            let expected = pixels.len() / PIXELS * PIXELS;
            return Err(DataError::Length { what: "pixels", expected, found: pixels.len() });
        }
        Ok(Self { pixels })
    }

    /// Number of images.
    pub fn len(&self) -> usize {
        self.pixels.len() / PIXELS
    }

    /// Whether there is no image.
    pub fn is_empty(&self) -> bool {
        self.pixels.is_empty()
    }

    /// All pixels, [`Self::len`] × 784.
    pub fn pixels(&self) -> &'a [u8] {
        self.pixels
    }
}

/// Labels 0..=9, borrowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Labels<'a> {
    labels: &'a [u8],
}

impl<'a> Labels<'a> {
    /// Labels from bare bytes.
    ///
    /// # Errors
    /// [`DataError::Label`] for the first byte above 9, [`DataError::TooMany`] beyond [`MAX_EXAMPLES`].
    pub fn from_bytes(labels: &'a [u8]) -> Result<Self, DataError> {
        check_count(labels.len() as u64)?;
        check_labels(labels)?;
        Ok(Self { labels })
    }

    /// Number of labels.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there is no label.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The labels.
    pub fn as_bytes(&self) -> &'a [u8] {
        self.labels
    }
}

/// Parses a decompressed IDX file of images.
///
/// # Errors
/// [`DataError::StillGzip`], [`DataError::Magic`], [`DataError::Header`], [`DataError::Size`] unless 28×28,
/// [`DataError::TooMany`] beyond [`MAX_EXAMPLES`], [`DataError::Length`] if bytes are missing or left over.
pub fn parse_images(bytes: &[u8]) -> Result<Images<'_>, DataError> {
    let what = "images";
    let ([count, rows, cols], pixels) = header(bytes, what, IMAGES_MAGIC)?;
    if (rows, cols) != (SIDE as u32, SIDE as u32) {
        return Err(DataError::Size { rows, cols });
    }
    // Under the cap, the product of the dimensions fits into 32 bits with room to spare.
    let expected = check_count(u64::from(count))? * PIXELS;
    check_length("pixels", expected, pixels)?;
    Images::from_pixels(pixels)
}

/// Parses a decompressed IDX file of labels.
///
/// # Errors
/// [`DataError::StillGzip`], [`DataError::Magic`], [`DataError::Header`], [`DataError::TooMany`] beyond
/// [`MAX_EXAMPLES`], [`DataError::Length`] if bytes are missing or left over, [`DataError::Label`] for a label above 9.
pub fn parse_labels(bytes: &[u8]) -> Result<Labels<'_>, DataError> {
    let what = "labels";
    let ([count], labels) = header(bytes, what, LABELS_MAGIC)?;
    check_length(what, check_count(u64::from(count))?, labels)?;
    Labels::from_bytes(labels)
}

/// The IDX file of `images`.
pub fn encode_images(images: Images<'_>) -> Vec<u8> {
    let side = SIDE as u32;
    encode([IMAGES_MAGIC, images.len() as u32, side, side], images.pixels)
}

/// The IDX file of `labels`.
pub fn encode_labels(labels: Labels<'_>) -> Vec<u8> {
    encode([LABELS_MAGIC, labels.len() as u32], labels.labels)
}

/// Whether `bytes` begin as a gzip file does. Servers may compress or decompress a file on the way, so its bytes decide,
/// not its name.
pub fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// Refuses labels above 9.
pub(super) fn check_labels(labels: &[u8]) -> Result<(), DataError> {
    match labels.iter().position(|&label| usize::from(label) >= CLASSES) {
        Some(index) => Err(DataError::Label { index, found: labels[index] }),
        None => Ok(()),
    }
}

/// Refuses `bytes` of another length than `expected`.
pub(super) fn check_length(what: &'static str, expected: usize, bytes: &[u8]) -> Result<(), DataError> {
    if bytes.len() == expected {
        return Ok(());
    }
    Err(DataError::Length { what, expected, found: bytes.len() })
}

/// Splits off magic and the `N` dimensions after it.
fn header<'a, const N: usize>(
    bytes: &'a [u8],
    what: &'static str,
    magic: u32,
) -> Result<([u32; N], &'a [u8]), DataError> {
    if is_gzip(bytes) {
        return Err(DataError::StillGzip { what });
    }
    let cut = DataError::Header { what, expected: 4 + 4 * N, found: bytes.len() };
    let (words, _) = bytes.as_chunks::<4>();
    let Some((first, words)) = words.split_first() else {
        return Err(cut);
    };
    let found = u32::from_be_bytes(*first);
    if found != magic {
        return Err(DataError::Magic { what, expected: magic, found });
    }
    let Some(dimensions) = words.first_chunk::<N>() else {
        return Err(cut);
    };
    Ok((dimensions.map(u32::from_be_bytes), &bytes[4 + 4 * N..]))
}

fn check_count(count: u64) -> Result<usize, DataError> {
    if count > MAX_EXAMPLES as u64 {
        return Err(DataError::TooMany { cap: MAX_EXAMPLES, found: count });
    }
    Ok(count as usize)
}

fn encode<const N: usize>(header: [u32; N], body: &[u8]) -> Vec<u8> {
    let mut file = Vec::with_capacity(4 * N + body.len());
    for word in header {
        file.extend_from_slice(&word.to_be_bytes());
    }
    file.extend_from_slice(body);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_written_out_by_hand() {
        let mut file = vec![0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 28, 0, 0, 0, 28];
        file.extend((0..2 * PIXELS).map(|i| i as u8));
        let images = parse_images(&file).unwrap();
        assert_eq!((images.len(), images.pixels()[PIXELS]), (2, 16));
        assert_eq!(encode_images(images), file);

        let file = [0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 9];
        let labels = parse_labels(&file).unwrap();
        assert_eq!(labels.as_bytes(), [5, 0, 9]);
        assert_eq!(encode_labels(labels), file);
    }

    #[test]
    fn refusals_say_what_to_do() {
        let error = parse_images(&[0x1f, 0x8b, 8]).unwrap_err();
        assert_eq!(error.to_string(), "expected an IDX file of images, found gzip: decompress the file first");
        let error = parse_images(&[0, 0, 8, 1, 0, 0, 0, 0]).unwrap_err();
        assert!(error.to_string().contains("0x00000801"), "{error}");
        let error = parse_labels(&[0, 0, 8, 1, 0, 0, 0, 2, 1, 10]).unwrap_err();
        assert_eq!(error, DataError::Label { index: 1, found: 10 });
        let huge = [0, 0, 8, 3, 255, 255, 255, 255, 0, 0, 0, 28, 0, 0, 0, 28];
        assert_eq!(parse_images(&huge), Err(DataError::TooMany { cap: MAX_EXAMPLES, found: u64::from(u32::MAX) }));
        // 2^16 × 2^16 is 0 in 32 bits: must not pass for an empty file.
        let wraps = [0, 0, 8, 3, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0];
        assert_eq!(parse_images(&wraps), Err(DataError::Size { rows: 65536, cols: 65536 }));
    }

    #[test]
    fn bare_bytes_are_checked_as_well() {
        assert!(matches!(Images::from_pixels(&[0; PIXELS + 1]), Err(DataError::Length { .. })));
        assert!(Labels::from_bytes(&[10]).is_err());
        assert!(Labels::from_bytes(&[]).unwrap().is_empty());
    }
}
