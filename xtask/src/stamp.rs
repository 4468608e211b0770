//! Decides whether an earlier build is up to date.
//!
//! A stamp is a small file with two fingerprints: of all inputs, and of all outputs. The second detects an output that
//! was deleted, truncated or edited. Contents are hashed, not times: a checkout or a copy changes times only, and
//! hashing a source tree takes milliseconds.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::hash::sha256;

/// One fingerprint of all files below `root` except those for which `skip` (asked with the path relative to `root`,
/// with `/` between its parts, also for folders) says so.
pub fn fingerprint(root: &Path, skip: &dyn Fn(&str) -> bool) -> Result<String> {
    let mut lines = Vec::new();
    collect(root, "", skip, &mut lines)?;
    // The order in which a folder is listed differs from machine to machine.
    lines.sort();
    Ok(sha256(lines.concat().as_bytes()))
}

fn collect(root: &Path, relative: &str, skip: &dyn Fn(&str) -> bool, lines: &mut Vec<String>) -> Result<()> {
    let folder = root.join(relative);
    let entries = std::fs::read_dir(&folder).with_context(|| format!("cannot read the folder {}", folder.display()))?;
    for entry in entries {
        let entry = entry.with_context(|| format!("cannot read the folder {}", folder.display()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if relative.is_empty() { name } else { format!("{relative}/{name}") };
        if skip(&path) {
            continue;
        }
        if entry.path().is_dir() {
            collect(root, &path, skip, lines)?;
        } else if let Ok(content) = std::fs::read(entry.path()) {
            // A file that disappears while it is read (an editor's swap file) is no input.
            lines.push(format!("{path}\0{}\n", sha256(&content)));
        }
    }
    Ok(())
}

/// A stamp at its place.
#[derive(Debug, Clone)]
pub struct Stamp {
    path: PathBuf,
}

impl Stamp {
    /// The stamp kept in this file.
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Was the last thing made from `input`, and is it still `output`?
    pub fn fits(&self, input: &str, output: &str) -> bool {
        std::fs::read_to_string(&self.path).is_ok_and(|text| text == content(input, output))
    }

    /// Records that it was.
    pub fn set(&self, input: &str, output: &str) -> Result<()> {
        if let Some(folder) = self.path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        }
        std::fs::write(&self.path, content(input, output))
            .with_context(|| format!("cannot write {}", self.path.display()))
    }
}

fn content(input: &str, output: &str) -> String {
    format!("from {input}\nmade {output}\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scratch::Scratch;

    #[test]
    fn only_content_and_names_count() {
        let folder = Scratch::new("stamp").unwrap();
        let root = folder.path();
        std::fs::create_dir_all(root.join("src/page")).unwrap();
        std::fs::create_dir_all(root.join("target")).unwrap();
        std::fs::write(root.join("src/page/app.rs"), "one").unwrap();
        let skip = |path: &str| path == "target";
        let print = || fingerprint(root, &skip).unwrap();

        let first = print();
        std::fs::write(root.join("target/junk"), "junk").unwrap();
        std::fs::write(root.join("src/page/app.rs"), "one").unwrap();
        assert_eq!(print(), first);
        std::fs::write(root.join("src/page/app.rs"), "two").unwrap();
        let second = print();
        assert_ne!(second, first);
        std::fs::rename(root.join("src/page/app.rs"), root.join("src/app.rs")).unwrap();
        assert_ne!(print(), second);
    }

    #[test]
    fn a_stamp_fits_what_it_was_set_for() {
        let folder = Scratch::new("stamp").unwrap();
        let stamp = Stamp::at(folder.path().join("deeper/dist.stamp"));
        assert!(!stamp.fits("a", "b"));
        stamp.set("a", "b").unwrap();
        assert!(stamp.fits("a", "b"));
        assert!(!stamp.fits("a", "c"));
        assert!(!stamp.fits("c", "b"));
    }
}
