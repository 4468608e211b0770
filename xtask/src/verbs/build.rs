//! `cargo xtask build` and `cargo xtask dist`

use std::path::Path;

use anyhow::{Context as _, Result};
use flate2::{Compression, write::GzEncoder};

use crate::bundle;
use crate::progress::Progress;
use crate::project::Project;
use crate::tools::Toolbox;

/// Builds the page.
pub fn run() -> Result<()> {
    let (project, progress) = (Project::here(), Progress::new());
    let dist = bundle::make(&project, &Toolbox::ready(&project, &progress)?, &progress)?;
    progress.say(&format!("The page is in {}", dist.display()));
    Ok(())
}

/// Builds the page and lists what a visitor downloads.
pub fn run_and_list() -> Result<()> {
    let (project, progress) = (Project::here(), Progress::new());
    let dist = bundle::make(&project, &Toolbox::ready(&project, &progress)?, &progress)?;
    let mut files = sizes(&dist)?;
    files.sort_by_key(|file| (file.is_data(), std::cmp::Reverse(file.packed)));
    println!("\n{:>12} {:>12}  file", "bytes", "gzipped");
    for file in &files {
        println!("{:>12} {:>12}  {}", file.bytes, file.packed, file.path);
    }
    let total = |data: bool| files.iter().filter(|file| file.is_data() == data).map(|file| file.packed).sum::<usize>();
    println!("\ngzipped: {} bytes of page, {} bytes of data", total(false), total(true));
    println!("To publish, copy this folder to any static host, under any path: {}", dist.display());
    Ok(())
}

/// A file of the site.
struct Size {
    path: String,
    bytes: usize,
    packed: usize,
}

impl Size {
    fn is_data(&self) -> bool {
        self.path.starts_with("data/")
    }
}

fn sizes(root: &Path) -> Result<Vec<Size>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let content = std::fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
            let relative = path.strip_prefix(root).unwrap_or(&path);
            let path = relative.to_string_lossy().replace('\\', "/");
            files.push(Size { path, bytes: content.len(), packed: packed(&content)? });
        }
    }
    Ok(files)
}

/// What a host with compression sends.
fn packed(content: &[u8]) -> Result<usize> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    std::io::Write::write_all(&mut encoder, content)?;
    Ok(encoder.finish()?.len())
}
