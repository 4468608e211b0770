//! Installs a tool into the cache.
//!
//! The tool is installed into a folder beside its final place, its version is checked, and only then the folder is
//! renamed. An interrupted or failed installation is never used.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use super::{Origin, Tool};
use crate::process::{self, Shell};
use crate::scratch::Scratch;

/// Installs `tool` into `cache`.
pub(super) fn install(tool: &Tool, cache: &Path, shell: &Shell) -> Result<()> {
    let half = Scratch::in_folder(cache, tool.package)?;
    // Compiled crates survive an interruption, so that a second try goes on where the first one stopped.
    let build = cache.join(format!(".build-{}-{}", tool.package, tool.version));
    let mut command = match tool.origin {
        Origin::Npm => npm_command(tool, half.path(), shell)?,
        Origin::Crates { locked, opt_level } => {
            let mut command = cargo_command(tool, half.path(), &build, shell);
            command.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", opt_level);
            if locked {
                command.arg("--locked");
            }
            command
        }
    };
    process::run(&mut command).with_context(|| {
        format!(
            "{} {} could not be installed; is the package registry reachable? Run this again; it continues from here",
            tool.package, tool.version
        )
    })?;
    check_version(tool, half.path(), shell)?;
    half.move_to(&tool.home(cache))?;
    if build.exists() {
        std::fs::remove_dir_all(&build).with_context(|| format!("cannot remove {}", build.display()))?;
    }
    Ok(())
}

/// npm's program, if there is one.
pub(super) fn npm(shell: &Shell) -> Option<PathBuf> {
    if cfg!(windows) { shell.find("npm.cmd").or_else(|| shell.find("npm")) } else { shell.find("npm") }
}

fn cargo_command(tool: &Tool, place: &Path, build: &Path, shell: &Shell) -> Command {
    // With the folder on PATH, cargo does not ask for it to be put there; it is about to be renamed.
    let mut command = shell.clone().with_path(vec![tool.programs(place)]).command("cargo");
    command.args(["install", tool.package, "--version", &tool.version]);
    command.arg("--root").arg(place).arg("--target-dir").arg(build);
    // Trunk's own release profile (one unit, fat LTO) takes a first start many minutes longer than it ever saves.
    command.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    // What goes is TLS and the search for newer versions, half of what there is to compile. Neither tool is to download
    // anything: each is given all that it needs.
    command.args(["--no-default-features", "--no-track"]);
    command
}

fn npm_command(tool: &Tool, place: &Path, shell: &Shell) -> Result<Command> {
    let Some(npm) = npm(shell) else { bail!("there is no npm") };
    let mut command = shell.command(npm);
    command.args([
        "install",
        "--no-audit",
        "--no-fund",
        "--no-save",
        "--no-package-lock",
        "--ignore-scripts",
        "--prefix",
    ]);
    command.arg(place).arg(format!("{}@{}", tool.package, tool.version));
    Ok(command)
}

/// Refuses a tool that cannot run here or has another version, before a build depends on it.
fn check_version(tool: &Tool, place: &Path, shell: &Shell) -> Result<()> {
    let shell = shell.clone().with_path(vec![tool.programs(place)]);
    let said = process::output(shell.command(tool.programs(place).join(tool.program)).arg("--version"))?;
    // binaryen 132.0.0 calls itself "version 132".
    let expected =
        if tool.origin == Origin::Npm { tool.version.split('.').next().unwrap_or_default() } else { &tool.version };
    if !said.contains(expected) {
        bail!("{} should be version {expected}, but says: {}", tool.program, said.trim());
    }
    Ok(())
}
