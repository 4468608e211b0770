//! `cargo xtask data`

use anyhow::{Result, bail};

use crate::mnist;
use crate::progress::Progress;
use crate::project::Project;

/// Makes the shards. Missing MNIST is an error here, unlike in a build.
pub fn run() -> Result<()> {
    let (project, progress) = (Project::here(), Progress::new());
    if !mnist::prepare(&project, &progress)? {
        bail!("MNIST is not available; put its four files into a folder, set MNIST_DIR to it, and run this again");
    }
    progress.say(&format!("The shards are in {}", project.shards().display()));
    Ok(())
}
