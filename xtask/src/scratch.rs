//! Temporary folders, removed on drop.
//!
//! Most of what xtask makes is made in such a folder first and then renamed to its place, so that an interrupted run
//! leaves no partial result that a later run would use.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result};

/// A folder of its own, removed on drop.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// A folder in the system's place for temporary files.
    pub fn new(name: &str) -> Result<Self> {
        Self::in_folder(&std::env::temp_dir(), name)
    }

    /// A folder beside the final place, so that a rename stays within one file system.
    pub fn in_folder(parent: &Path, name: &str) -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = parent.join(format!(".gatelab-{name}-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&path).with_context(|| format!("cannot make the folder {}", path.display()))?;
        Ok(Self { path })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Moves the folder to its final place. If another process has created it meanwhile, that one stays.
    pub fn move_to(self, place: &Path) -> Result<()> {
        match std::fs::rename(&self.path, place) {
            Err(_) if place.exists() => Ok(()),
            result => result.with_context(|| format!("cannot move the finished folder to {}", place.display())),
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Already renamed, or held open by a process that is just ending: neither is worth an error.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_when_dropped_and_stays_when_moved() {
        let parent = Scratch::new("parent").unwrap();
        let gone = Scratch::in_folder(parent.path(), "a").unwrap();
        let gone_path = gone.path().to_path_buf();
        drop(gone);
        assert!(!gone_path.exists());

        let place = parent.path().join("final");
        for text in ["first", "second"] {
            let moved = Scratch::in_folder(parent.path(), "b").unwrap();
            std::fs::write(moved.path().join("text"), text).unwrap();
            moved.move_to(&place).unwrap();
        }
        assert_eq!(std::fs::read_to_string(place.join("text")).unwrap(), "first");
        assert_eq!(std::fs::read_dir(parent.path()).unwrap().count(), 1);
    }
}
