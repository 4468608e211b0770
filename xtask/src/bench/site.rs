//! What the bench's page loads: the engine, the peers in JavaScript, the digits.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::hash::sha256;
use crate::process::{self, Shell};
use crate::progress::Progress;
use crate::project::Project;
use crate::stamp::{Stamp, fingerprint};
use crate::tools::Toolbox;

/// What is needed of the page's own sources, and the digits.
pub(super) fn make(project: &Project) -> Result<PathBuf> {
    let site = project.scratch().join("bench/site");
    copy(&sources(project).join("web"), &site)?;
    copy(&project.shards(), &site.join("data"))?;
    Ok(site)
}

/// Where the peers' sources are.
pub(super) fn sources(project: &Project) -> PathBuf {
    project.root().join("xtask/bench")
}

/// What is built for the browser.
pub(super) struct Engine<'a> {
    /// The checkout.
    pub root: &'a Path,
    /// Folder of the site that it goes to.
    pub name: &'a str,
    /// Adds the kernels with relaxed instructions, which only some browsers have.
    pub variants: bool,
}

/// Builds an engine for the page, as the page itself is built: cargo, wasm-bindgen, wasm-opt.
pub(super) fn engine(
    project: &Project,
    tools: &Toolbox,
    site: &Path,
    engine: &Engine<'_>,
    progress: &Progress,
) -> Result<()> {
    let Engine { root, name, variants } = *engine;
    progress.step(&format!("Build the engine for the browser: {}", root.display()), || {
        const CARGO: [&str; 8] =
            ["build", "--quiet", "--release", "--target", "wasm32-unknown-unknown", "-p", "gatelab", "--bin=bench"];
        let features: &[&str] = if variants { &["--features", "gatelab-kernels/bench-relaxed"] } else { &[] };
        process::run(tools.shell.command("cargo").current_dir(root).args(CARGO).args(features))?;
        let built =
            target(tools.shell.command("cargo").current_dir(root))?.join("wasm32-unknown-unknown/release/bench.wasm");
        let content = std::fs::read(&built).with_context(|| format!("cannot read {}", built.display()))?;
        let input = format!("{} with {}", sha256(&content), tools.identity);
        let (stamp, folder) = (Stamp::at(project.scratch().join(format!("bench/{name}.stamp"))), site.join(name));
        let made = || fingerprint(&folder, &|_| false).unwrap_or_default();
        if stamp.fits(&input, &made()) {
            return Ok(());
        }
        let bindgen = ["--target", "web", "--no-typescript", "--out-name", "bench", "--out-dir"];
        process::run(tools.shell.command("wasm-bindgen").args(bindgen).arg(&folder).arg(&built))?;
        if tools.optimises {
            let module = folder.join("bench_bg.wasm");
            process::run(tools.shell.command("wasm-opt").arg("-O3").arg(&module).arg("-o").arg(&module))?;
        }
        stamp.set(&input, &made())
    })
}

/// Cargo's own folder, wherever it was moved to.
pub(super) fn target(cargo: &mut Command) -> Result<PathBuf> {
    let said = process::output(cargo.args(["metadata", "--format-version=1", "--no-deps"]))?;
    let metadata: Value = serde_json::from_str(&said)?;
    Ok(metadata["target_directory"].as_str().context("cargo does not say where it builds")?.into())
}

/// Installs TF.js at its locked version and puts it, bundled with its two trainers, into the site.
pub(super) fn tensorflow(project: &Project, shell: &Shell, site: &Path, progress: &Progress) -> Result<()> {
    let (sources, home) = (sources(project), project.scratch().join("bench/npm"));
    let lock = std::fs::read(sources.join("package-lock.json")).context("cannot read the lock file of the peers")?;
    let (stamp, input) = (Stamp::at(project.scratch().join("bench/npm.stamp")), sha256(&lock));
    if !stamp.fits(&input, "installed") || !home.join("node_modules").is_dir() {
        progress.step("Install TF.js", || {
            copy_file(&sources.join("package.json"), &home)?;
            copy_file(&sources.join("package-lock.json"), &home)?;
            let npm = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix"];
            process::run(shell.command("npm").args(npm).arg(&home)).context("TF.js could not be installed by npm")?;
            stamp.set(&input, "installed")
        })?;
    }
    let modules = home.join("node_modules");
    let mut bundle = shell.command(modules.join(".bin/esbuild"));
    bundle.arg(sources.join("web/tfjs.js")).args(["--bundle", "--format=esm", "--minify", "--log-level=warning"]);
    bundle.arg("--allow-overwrite").arg(format!("--outfile={}", site.join("tfjs.js").display()));
    process::run(bundle.env("NODE_PATH", &modules))?;
    copy_file(&modules.join("@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm"), &site.join("tfjs"))
}

/// Copies the files of a folder.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let entries = std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))?;
    entries.flatten().try_for_each(|entry| copy_file(&entry.path(), to))
}

fn copy_file(from: &Path, folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
    let name = from.file_name().context("a file without a name")?;
    let done = std::fs::copy(from, folder.join(name));
    done.map(drop).with_context(|| format!("cannot copy {} to {}", from.display(), folder.display()))
}
