//! `cargo xtask bench`: see [`crate::bench`].

use anyhow::Result;

/// Measures.
pub fn run(arguments: &[&str]) -> Result<()> {
    crate::bench::run(arguments)
}
