//! `cargo xtask check`: formatting, lints, docs and packages. Runs no test.

use std::process::Command;

use anyhow::Result;

use crate::process::{self, Shell};
use crate::progress::Progress;
use crate::project::{LIBRARIES, Project};

/// Stops at the first error.
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
        let packages = web_packages();
        let target = ["--target", "wasm32-unknown-unknown"];
        process::run(&mut clippy(shell, &[&packages[..], &target, &["--lib", "--bins"]].concat()))?;
        let tests = project.web_tests();
        let tests = tests.iter().flat_map(|name| ["--test", name]).collect::<Vec<_>>();
        process::run(&mut clippy(shell, &[&packages[..], &target, &["--profile", "test", "--lib"], &tests].concat()))
    })?;
    progress.step("Docs of the libraries", || process::run(&mut docs(shell)))?;
    progress.step("Packages of the libraries", || process::run(&mut packages(shell)))
}

/// `-p` arguments of everything that is built for the browser.
pub(super) fn web_packages() -> Vec<&'static str> {
    ["gatelab"].iter().chain(&LIBRARIES).flat_map(|name| ["-p", *name]).collect()
}

/// The docs of the libraries; a broken link is an error.
fn docs(shell: &Shell) -> Command {
    let mut command = shell.command("cargo");
    command.args(["doc", "--quiet", "--no-deps"]).args(LIBRARIES.iter().flat_map(|name| ["-p", *name]));
    command.env("RUSTDOCFLAGS", "-D warnings");
    command
}

/// Packs the libraries as for a registry, in one call because one needs the other. Takes half a second: `--no-verify`
/// leaves out a second build without optimisation. `--offline`: everything was fetched for the lints.
fn packages(shell: &Shell) -> Command {
    let mut command = shell.command("cargo");
    command.args(["package", "--quiet", "--offline", "--no-verify", "--allow-dirty"]);
    command.args(LIBRARIES.iter().flat_map(|name| ["-p", *name]));
    command
}

/// Warnings are errors here and not in `RUSTFLAGS`: that would replace `+simd128` and rebuild everything.
fn clippy(shell: &Shell, what: &[&str]) -> Command {
    let mut command = shell.command("cargo");
    command.args(["clippy", "--quiet"]).args(what).args(["--", "-D", "warnings"]);
    command
}
