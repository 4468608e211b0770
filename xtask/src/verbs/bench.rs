//! `cargo xtask bench`: how fast this machine trains, natively. What the page reaches is part of `cargo xtask budget`.

use anyhow::{Result, bail};

use crate::mnist;
use crate::process::{self, Shell};
use crate::progress::Progress;
use crate::project::Project;

/// Passes its arguments on to `gatelab bench`.
pub fn run(arguments: &[&str]) -> Result<()> {
    let (project, progress) = (Project::here(), Progress::new());
    let shell = Shell::new(project.root());
    if !mnist::prepare(&project, &progress)? {
        bail!("MNIST cannot be had; put its four files into a folder and name that in MNIST_DIR");
    }
    progress.step("Training, natively", || {
        let run = ["run", "--release", "--quiet", "-p", "gatelab", "--bin", "gatelab", "--", "bench"];
        process::run(shell.command("cargo").args(run).args(arguments))
    })
}
