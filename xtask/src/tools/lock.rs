//! Reads a version from `Cargo.lock`, so that it is written in one place only.

use std::path::Path;

use anyhow::{Context as _, Result};

/// The version of `package` in the lock file at `path`.
pub(super) fn version_of(package: &str, path: &Path) -> Result<String> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(package, &text)
        .with_context(|| format!("{} names no version of {package}; run `cargo generate-lockfile`", path.display()))
}

/// Cargo writes each package as `[[package]]`, `name = "…"`, `version = "…"`, in this order.
fn parse(package: &str, text: &str) -> Option<String> {
    let wanted = format!("name = \"{package}\"");
    let mut lines = text.lines().skip_while(|line| *line != wanted);
    lines.next()?;
    let version = lines.next()?.strip_prefix("version = \"")?.strip_suffix('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse;

    const LOCK: &str = "version = 4\n\n[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\ndependencies = [\n \"wasm-bindgen-macro\",\n]\n";

    #[test]
    fn finds_the_package_and_not_its_namesakes() {
        assert_eq!(parse("wasm-bindgen", LOCK).as_deref(), Some("0.2.130"));
        assert_eq!(parse("bindgen", LOCK), None);
    }
}
