//! Native only: decompression of gzip up to a cap, and a folder of IDX files. (In the browser, `DecompressionStream`
//! decompresses, and the user chooses the files.)

use std::fs::File;
use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;

use super::idx::IMAGES_HEADER;
use super::known::FILE_NAMES;
use super::{DataError, Dataset, MAX_EXAMPLES, PIXELS, is_gzip};

/// The most bytes that an IDX file within the limits can hold.
pub const MAX_FILE_BYTES: usize = IMAGES_HEADER + MAX_EXAMPLES * PIXELS;

/// Decompresses gzip (of one or more members) to at most `cap` bytes; checksums and lengths are verified.
///
/// # Errors
/// [`DataError::Inflated`] as soon as there are more than `cap` bytes, [`DataError::Gzip`] if the file is cut off,
/// damaged, or has a tail that isn't gzip.
pub fn gunzip_capped(bytes: &[u8], cap: usize) -> Result<Vec<u8>, DataError> {
    let mut inflated = Vec::new();
    let limit = (cap as u64).saturating_add(1);
    MultiGzDecoder::new(bytes)
        .take(limit)
        .read_to_end(&mut inflated)
        .map_err(|error| DataError::Gzip { reason: error.to_string() })?;
    if inflated.len() > cap {
        return Err(DataError::Inflated { cap });
    }
    Ok(inflated)
}

/// Loads the four IDX files of a folder, each under its published name (`train-images-idx3-ubyte` and so on) or with a dot
/// before `idx`, with or without `.gz`. The set is a known one if the hashes match, otherwise own data under the folder's
/// name.
///
/// # Errors
/// [`DataError::Missing`], [`DataError::Read`], whatever [`gunzip_capped`] and [`Dataset::from_files`] refuse.
pub fn load_dir(folder: impl AsRef<Path>) -> Result<Dataset, DataError> {
    let folder = folder.as_ref();
    let name = folder.canonicalize().ok().and_then(|path| path.file_name().map(|name| name.to_string_lossy().into()));
    let name: String = name.unwrap_or_else(|| folder.display().to_string());
    let [a, b, c, d] = FILE_NAMES.map(|file| load_file(folder, file));
    Dataset::from_files(&name, &[[&a?, &b?], [&c?, &d?]])
}

/// The decompressed bytes of one of the four files.
fn load_file(folder: &Path, file: &str) -> Result<Vec<u8>, DataError> {
    // Some programs decompress to `train-images.idx3-ubyte`.
    for name in [file.to_owned(), file.replace("-idx", ".idx")] {
        for ending in ["", ".gz"] {
            let path = folder.join(format!("{name}{ending}"));
            if path.is_file() {
                let bytes = read_capped(&path)?;
                return if is_gzip(&bytes) { gunzip_capped(&bytes, MAX_FILE_BYTES) } else { Ok(bytes) };
            }
        }
    }
    Err(DataError::Missing { name: file.into(), folder: folder.display().to_string() })
}

/// A file's bytes; at most one byte beyond the cap is read.
fn read_capped(path: &Path) -> Result<Vec<u8>, DataError> {
    let refuse = |reason: String| DataError::Read { path: path.display().to_string(), reason };
    let file = File::open(path).map_err(|error| refuse(error.to_string()))?;
    let mut bytes = Vec::new();
    let mut capped = file.take(MAX_FILE_BYTES as u64 + 1);
    capped.read_to_end(&mut bytes).map_err(|error| refuse(error.to_string()))?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(refuse(format!("more than {MAX_FILE_BYTES} bytes")));
    }
    Ok(bytes)
}
