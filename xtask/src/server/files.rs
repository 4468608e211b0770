//! Maps a request to a file of the site, never to a file outside of it.

use std::path::{Component, Path, PathBuf};

use anyhow::{Context as _, Result};

use super::{Reply, Request, media_type};

/// The real path of the site's folder, with which the real paths of its files are compared.
pub(super) fn canonical(root: &Path) -> Result<PathBuf> {
    root.canonicalize().with_context(|| format!("cannot serve {}: there is no such folder", root.display()))
}

/// The reply of a well-behaved static host.
pub(super) fn reply(request: &Request, root: &Path, prefix: &str) -> Reply {
    if request.method != "GET" && request.method != "HEAD" {
        return Reply::text(405, "this site only answers GET and HEAD").header("Allow", "GET, HEAD");
    }
    // Only what lies outside of the prefix begins with a slash.
    if request.path.starts_with('/') && format!("{}/", request.path) == prefix {
        return Reply::redirect(prefix);
    }
    let Some(path) = inside(root, &request.path) else {
        return not_found(request);
    };
    if path.is_dir() && !request.path.is_empty() && !request.path.ends_with('/') {
        return Reply::redirect(&format!("{prefix}{}/", request.path));
    }
    let file = if path.is_dir() { path.join("index.html") } else { path };
    match std::fs::read(&file) {
        Ok(body) => Reply::new(200, media_type::of(&file.to_string_lossy()), body),
        Err(_) => not_found(request),
    }
}

fn not_found(request: &Request) -> Reply {
    Reply::text(404, &format!("there is no {}", request.path))
}

/// The real path below `root`: neither `..`, nor an absolute path, nor a link leads out.
fn inside(root: &Path, path: &str) -> Option<PathBuf> {
    // On Windows a backslash separates as well.
    if path.contains(['\\', '\0']) {
        return None;
    }
    let relative = Path::new(path);
    let plain = relative.components().all(|part| matches!(part, Component::Normal(_)));
    let real = root.join(relative).canonicalize().ok()?;
    (plain && real.starts_with(root)).then_some(real)
}
