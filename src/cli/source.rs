//! Arguments of the command line that choose the data.

use std::path::{Path, PathBuf};

use gatelab_engine::data::{ClassNames, DataChoice, Dataset, Split, load_dir, strokes};

use super::Failure;

/// Folders that are tried when none is named, relative to the current folder.
const USUAL: [&str; 2] = ["static/data/mnist", "../shared/mnist"];

/// The data to learn from.
#[derive(clap::Args)]
pub(super) struct Source {
    /// Folder with four IDX files of 28×28 images in ten classes, gzip or not.
    ///
    /// MNIST and Fashion-MNIST are recognised by the hashes of the files. Without this argument: the first folder that exists
    /// of `$MNIST_DIR`, static/data/mnist, ../shared/mnist.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Names of the ten classes of data that are not recognised, separated by commas [default: 0,1,…,9].
    #[arg(long, value_name = "A,B,…", conflicts_with = "strokes")]
    classes: Option<String>,
    /// Learn the built-in stroke digits instead.
    #[arg(long, conflicts_with = "data")]
    strokes: bool,
}

impl Source {
    pub(super) fn choice(data: &Dataset) -> DataChoice {
        data.kind.choice()
    }

    pub(super) fn load(&self) -> Result<Dataset, Failure> {
        if self.strokes {
            let mut set = strokes::dataset();
            for split in Split::ALL {
                strokes::grow(&mut set, split, usize::MAX)?;
            }
            return Ok(set);
        }
        // Checked first: reading the files takes longer.
        let classes = self.classes.as_deref().map(ClassNames::parse).transpose();
        let classes = classes.map_err(|e| format!("--classes: {e}"))?;
        let set = load_dir(self.folder()?)?;
        match classes {
            Some(classes) => Ok(set.with_classes(classes).map_err(|e| format!("--classes: {e}"))?),
            None => Ok(set),
        }
    }

    /// The folder that is named, or the first usual one that holds training images.
    fn folder(&self) -> Result<PathBuf, Failure> {
        if let Some(folder) = &self.data {
            return Ok(folder.clone());
        }
        let named = std::env::var_os("MNIST_DIR").map(PathBuf::from);
        let folder = named.into_iter().chain(USUAL.iter().map(PathBuf::from)).find(|folder| is_there(folder));
        folder.ok_or_else(|| {
            "expected MNIST files in $MNIST_DIR, static/data/mnist or ../shared/mnist, found none; name their folder with \
             --data DIR, get them with `cargo xtask data`, or use --strokes"
                .into()
        })
    }
}

fn is_there(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|e| e.file_name().to_string_lossy().starts_with("train-images")))
    })
}
