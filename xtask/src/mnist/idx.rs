//! Reading IDX, the format of the MNIST files: a magic number, the dimensions, then the bytes.
//!
//! The engine has a stricter reader for the user's files. This one reads only files of a known hash, since xtask doesn't
//! depend on the engine.

use anyhow::{Result, bail};

/// Images of one byte per pixel, one after the other.
#[derive(Debug, PartialEq, Eq)]
pub struct Images<'a> {
    /// How many.
    pub count: usize,
    /// Pixels of one image.
    pub area: usize,
    /// `count × area` bytes.
    pub pixels: &'a [u8],
}

/// Reads a file of images.
pub fn images(bytes: &[u8]) -> Result<Images<'_>> {
    let ([count, rows, columns], pixels) = split::<3>(bytes)?;
    let area = rows * columns;
    if pixels.len() != count * area {
        bail!(
            "an IDX file of {count} images of {rows}×{columns} should hold {} pixels, not {}",
            count * area,
            pixels.len()
        );
    }
    Ok(Images { count, area, pixels })
}

/// Reads a file of labels.
pub fn labels(bytes: &[u8]) -> Result<&[u8]> {
    let ([count], labels) = split::<1>(bytes)?;
    if labels.len() != count {
        bail!("an IDX file of {count} labels holds {}", labels.len());
    }
    Ok(labels)
}

/// The `N` dimensions and the bytes after them.
fn split<const N: usize>(bytes: &[u8]) -> Result<([usize; N], &[u8])> {
    let Some((magic, mut rest)) = bytes.split_first_chunk::<4>() else {
        bail!("an IDX file ends within its first number")
    };
    // Two zeros, 8 for unsigned bytes, the number of dimensions.
    if magic[..3] != [0, 0, 8] || usize::from(magic[3]) != N {
        bail!("an IDX file of bytes in {N} dimension(s) begins with 0 0 8 {N}, not with {magic:?}");
    }
    let mut dimensions = [0; N];
    for dimension in &mut dimensions {
        let Some((number, after)) = rest.split_first_chunk::<4>() else {
            bail!("an IDX file ends within its dimensions")
        };
        *dimension = u32::from_be_bytes(*number) as usize;
        rest = after;
    }
    Ok((dimensions, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_images_and_labels() {
        let bytes = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4];
        assert_eq!(images(&bytes).unwrap(), Images { count: 2, area: 2, pixels: &[1, 2, 3, 4] });
        assert_eq!(labels(&[0, 0, 8, 1, 0, 0, 0, 2, 7, 9]).unwrap(), [7, 9]);
    }

    #[test]
    fn refuses_what_is_not_whole() {
        assert!(images(&[0, 0, 8, 3, 0, 0]).is_err());
        assert!(images(&[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 1]).is_err());
        assert!(labels(&[0, 0, 8, 3, 0, 0, 0, 0]).unwrap_err().to_string().contains("begins with 0 0 8 1"));
        assert!(labels(&[]).is_err());
    }
}
