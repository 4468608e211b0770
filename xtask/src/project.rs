//! Where things are in the checkout. Every other module gets its paths here.

use std::path::{Path, PathBuf};

/// The libraries below the page. Each compiles natively and for the browser, has complete docs and can be packaged.
pub const LIBRARIES: [&str; 2] = ["gatelab-kernels", "gatelab-engine"];

/// The checkout that this xtask was built from.
#[derive(Debug, Clone)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// The checkout around this package. Cargo rebuilds xtask when a checkout is moved, so the path stays right.
    pub fn here() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        Self { root: manifest.parent().unwrap_or(manifest).to_path_buf() }
    }

    /// A project at another place: for tests.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder with the workspace's `Cargo.toml`.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The static site that `build` makes.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// Downloaded MNIST files; not under version control.
    pub fn downloads(&self) -> PathBuf {
        self.root.join("static/data/mnist")
    }

    /// Outputs of xtask that can be deleted. Not in `CARGO_TARGET_DIR`, which is for cargo's own files.
    pub fn scratch(&self) -> PathBuf {
        self.root.join("target/gatelab")
    }

    /// The shards that the page downloads. The number is the version of their layout.
    pub fn shards(&self) -> PathBuf {
        self.scratch().join("shards-v1")
    }

    /// Names (without `.rs`) of the browser tests, sorted: `tests/web_*.rs` and `crates/*/tests/web_*.rs`.
    pub fn web_tests(&self) -> Vec<String> {
        let entries = |folder: PathBuf| std::fs::read_dir(folder).into_iter().flatten().flatten();
        let crates = entries(self.root.join("crates")).map(|entry| entry.path());
        let mut names: Vec<String> = std::iter::once(self.root.clone())
            .chain(crates)
            .flat_map(|package| entries(package.join("tests")))
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
            .filter(|name| name.starts_with("web_"))
            .collect();
        names.sort();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn web_tests_are_found_by_their_name() {
        let folder = Scratch::new("web-tests").unwrap();
        let tests = folder.path().join("tests");
        std::fs::create_dir_all(tests.join("web_folder")).unwrap();
        for name in ["web_worker.rs", "web_canvas.rs", "gemm.rs", "web_notes.md"] {
            std::fs::write(tests.join(name), "").unwrap();
        }
        let kernels = folder.path().join("crates/kernels/tests");
        std::fs::create_dir_all(&kernels).unwrap();
        std::fs::write(kernels.join("web_products.rs"), "").unwrap();
        assert_eq!(Project::at(folder.path()).web_tests(), ["web_canvas", "web_products", "web_worker"]);
    }
}
