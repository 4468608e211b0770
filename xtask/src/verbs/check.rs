//! `cargo xtask check`: what can be said without running anything, the cheapest first.

use std::process::Command;

use anyhow::Result;

use crate::process::{self, Shell};
use crate::progress::Progress;
use crate::project::Project;

/// Stops at the first complaint.
pub fn run() -> Result<()> {
    let (project, progress) = (Project::here(), Progress::new());
    all(&project, &Shell::new(project.root()), &progress)
}

/// The same as a part of `test`.
pub(super) fn all(project: &Project, shell: &Shell, progress: &Progress) -> Result<()> {
    progress.step("Formatting", || {
        process::run(shell.command("cargo").args(["fmt", "--all", "--check"]))
            .map_err(|error| error.context("run `cargo fmt --all`"))
    })?;
    progress.step("Lints, native", || {
        process::run(&mut clippy(shell, &["--workspace", "--all-targets"]))?;
        // Not among "all" targets, because plain `cargo test` must not run them: they need a browser.
        process::run(&mut clippy(shell, &["-p", "xtask", "--test", "browser", "-p", "gatelab", "--test", "e2e"]))
    })?;
    progress.step("Lints, WebAssembly", || {
        const WASM: [&str; 4] = ["-p", "gatelab", "--target", "wasm32-unknown-unknown"];
        process::run(&mut clippy(shell, &[&WASM[..], &["--lib", "--bins"]].concat()))?;
        let tests = project.web_tests();
        let tests = tests.iter().flat_map(|name| ["--test", name]).collect::<Vec<_>>();
        process::run(&mut clippy(shell, &[&WASM[..], &["--profile", "test", "--lib"], &tests].concat()))
    })
}

/// Warnings are errors here and not in `RUSTFLAGS`: that would replace `+simd128` and rebuild everything.
fn clippy(shell: &Shell, what: &[&str]) -> Command {
    let mut command = shell.command("cargo");
    command.args(["clippy", "--quiet"]).args(what).args(["--", "-D", "warnings"]);
    command
}
