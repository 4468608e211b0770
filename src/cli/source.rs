//! Where the command line finds its digits.

use std::path::{Path, PathBuf};

use gatelab_engine::data::{Dataset, DatasetKind, Split, load_dir, strokes};
use gatelab_engine::schema::DataChoice;

use super::Failure;

/// Folders that are tried when none is named, relative to where the command runs.
const USUAL: [&str; 2] = ["static/data/mnist", "../shared/mnist"];

/// The data to learn from.
#[derive(clap::Args)]
pub(super) struct Source {
    /// Folder with the four IDX files, gzip or not.
    ///
    /// Without it: `$MNIST_DIR`, static/data/mnist, ../shared/mnist, the first that is there.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Learn the built-in stroke digits instead.
    #[arg(long, conflicts_with = "data")]
    strokes: bool,
}

impl Source {
    pub(super) fn choice(data: &Dataset) -> DataChoice {
        match data.kind {
            DatasetKind::Mnist => DataChoice::Mnist,
            DatasetKind::Strokes => DataChoice::Strokes,
            DatasetKind::Own(_) => DataChoice::Own,
        }
    }

    pub(super) fn load(&self) -> Result<Dataset, Failure> {
        if self.strokes {
            let mut set = strokes::dataset();
            for split in Split::ALL {
                strokes::grow(&mut set, split, usize::MAX)?;
            }
            return Ok(set);
        }
        if let Some(folder) = &self.data {
            return Ok(load_dir(folder)?);
        }
        let named = std::env::var_os("MNIST_DIR").map(PathBuf::from);
        let folder = named.into_iter().chain(USUAL.iter().map(PathBuf::from)).find(|folder| is_there(folder));
        match folder {
            Some(folder) => Ok(load_dir(folder)?),
            None => {
                Err("no MNIST files found in $MNIST_DIR, static/data/mnist or ../shared/mnist; name their folder with \
                         --data DIR, get them with `cargo xtask data`, or use --strokes"
                    .into())
            }
        }
    }
}

fn is_there(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|e| e.file_name().to_string_lossy().starts_with("train-images")))
    })
}
