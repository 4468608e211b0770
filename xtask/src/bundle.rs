//! The release build of the page: Trunk, and the data beside what Trunk makes.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::mnist;
use crate::process;
use crate::progress::Progress;
use crate::project::Project;
use crate::stamp::{Stamp, fingerprint};
use crate::tools::Toolbox;

/// Where the page looks for the shards, relative to itself.
const DATA: &str = "data/mnist";

/// Makes `dist/` if anything changed since it was last made, and returns where it is.
pub fn make(project: &Project, tools: &Toolbox, progress: &Progress) -> Result<PathBuf> {
    let has_data = mnist::prepare(project, progress)?;
    let dist = project.dist();
    let stamp = Stamp::at(project.scratch().join("dist.stamp"));
    let input = inputs(project, tools)?;
    if stamp.fits(&input, &outputs(&dist)) {
        progress.say("The page is up to date");
    } else {
        progress.step("Build the page", || trunk(tools))?;
        stamp.set(&input, &outputs(&dist))?;
    }
    // Trunk empties the folder, so the data come after it.
    if has_data {
        copy_shards(&project.shards(), &dist.join(DATA))?;
    } else {
        progress.say("MNIST is missing: the page trains on its built-in stroke digits and offers a download.");
        progress.say("To include MNIST, put its four files into a folder, set MNIST_DIR to it, and run this again.");
    }
    Ok(dist)
}

/// A fingerprint of everything in the checkout that may reach the page, and of the tools. It includes too much rather
/// than too little: an unneeded build costs a minute, a stale page costs an hour.
fn inputs(project: &Project, tools: &Toolbox) -> Result<String> {
    const NOT_IN_PAGE: [&str; 11] = [
        ".git",
        ".github",
        ".ci",
        "target",
        "dist",
        "runs",
        "node_modules",
        "xtask",
        "tests",
        "benches",
        "static/data",
    ];
    // Hidden files are leftovers of editors, except for cargo's settings.
    let hidden = |path: &str| path.rsplit('/').next().is_some_and(|name| name.starts_with('.')) && path != ".cargo";
    let skip =
        |path: &str| NOT_IN_PAGE.contains(&path) || hidden(path) || is_root_document(path) || is_test_of_crate(path);
    Ok(format!("{} with {}", fingerprint(project.root(), &skip)?, tools.identity))
}

fn is_root_document(path: &str) -> bool {
    !path.contains('/') && Path::new(path).extension().is_some_and(|ending| ending == "md")
}

/// `crates/*/tests` and `crates/*/benches`.
fn is_test_of_crate(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.next() == Some("crates") && matches!(parts.nth(1), Some("tests" | "benches")) && parts.next().is_none()
}

/// What Trunk made. An unreadable folder counts as none: it fits no stamp.
fn outputs(dist: &Path) -> String {
    if !dist.join("index.html").is_file() {
        return "nothing".to_owned();
    }
    fingerprint(dist, &|path| path == DATA).unwrap_or_else(|_| "nothing".to_owned())
}

fn trunk(tools: &Toolbox) -> Result<()> {
    let mut trunk = tools.shell.command("trunk");
    trunk.args(["build", "--skip-version-check"]);
    if tools.optimises {
        trunk.arg("--release");
    } else {
        // Trunk runs wasm-opt in release mode only, and would download one; cargo's release profile needs no such mode.
        trunk.args(["--cargo-profile", "release"]);
    }
    process::run(&mut trunk).context("Trunk could not build the page; `cargo xtask check` may say more about the code")
}

/// Copies the shards unless they are there, byte for byte.
fn copy_shards(from: &Path, to: &Path) -> Result<()> {
    if mnist::shards::are_same(from, to) {
        return Ok(());
    }
    let copy = || -> std::io::Result<()> {
        if to.exists() {
            std::fs::remove_dir_all(to)?;
        }
        std::fs::create_dir_all(to)?;
        for entry in std::fs::read_dir(from)? {
            let entry = entry?;
            std::fs::copy(entry.path(), to.join(entry.file_name()))?;
        }
        Ok(())
    };
    copy().with_context(|| format!("cannot copy the shards to {}", to.display()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn shards_are_copied_once_and_mended() {
        let folder = Scratch::new("bundle").unwrap();
        let (from, to) = (folder.path().join("from"), folder.path().join("dist/data/mnist"));
        std::fs::create_dir_all(&from).unwrap();
        std::fs::write(from.join("a.bin"), "aaa").unwrap();
        copy_shards(&from, &to).unwrap();
        assert_eq!(std::fs::read(to.join("a.bin")).unwrap(), b"aaa");
        std::fs::write(to.join("a.bin"), "bbb").unwrap();
        std::fs::write(to.join("old.bin"), "old").unwrap();
        copy_shards(&from, &to).unwrap();
        assert_eq!(std::fs::read(to.join("a.bin")).unwrap(), b"aaa");
        assert!(!to.join("old.bin").exists());
    }

    #[test]
    fn the_page_depends_on_its_sources_and_tools_only() {
        let folder = Scratch::new("bundle").unwrap();
        let project = Project::at(folder.path());
        let tools = |identity: &str| Toolbox {
            shell: crate::process::Shell::new(folder.path()),
            optimises: true,
            identity: identity.to_owned(),
        };
        let put = |path: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        };
        put("src/lib.rs");
        let first = inputs(&project, &tools("trunk 1")).unwrap();
        for path in [
            "README.md",
            "tests/a.rs",
            "crates/engine/tests/golden/a.txt",
            "crates/kernels/benches/a.rs",
            "xtask/src/lib.rs",
            "static/data/mnist/x.gz",
            "src/.lib.rs.swp",
            "target/x",
        ] {
            put(path);
            assert_eq!(inputs(&project, &tools("trunk 1")).unwrap(), first, "{path}");
        }
        assert_ne!(inputs(&project, &tools("trunk 2")).unwrap(), first);
        put("crates/engine/src/tests/mod.rs");
        let second = inputs(&project, &tools("trunk 1")).unwrap();
        assert_ne!(second, first);
        let first = second;
        put("static/style.css");
        let second = inputs(&project, &tools("trunk 1")).unwrap();
        assert_ne!(second, first);
        put(".cargo/config.toml");
        assert_ne!(inputs(&project, &tools("trunk 1")).unwrap(), second);
    }

    #[test]
    fn a_damaged_page_is_noticed() {
        let folder = Scratch::new("bundle").unwrap();
        let dist = folder.path();
        assert_eq!(outputs(dist), "nothing");
        std::fs::write(dist.join("index.html"), "<p>").unwrap();
        std::fs::write(dist.join("page.wasm"), "wasm").unwrap();
        let whole = outputs(dist);
        std::fs::create_dir_all(dist.join(DATA)).unwrap();
        std::fs::write(dist.join(DATA).join("test.bin"), "data").unwrap();
        // The folder above the data stays, empty for this purpose.
        assert_eq!(outputs(dist), whole);
        std::fs::write(dist.join("page.wasm"), "was").unwrap();
        assert_ne!(outputs(dist), whole);
    }
}
