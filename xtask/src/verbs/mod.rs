//! What `cargo xtask <verb>` does: one file per verb, one line per verb in `main.rs`.

pub mod bench;
pub mod budget;
pub mod build;
pub mod check;
pub mod data;
pub mod screenshot;
pub mod serve;
pub mod test;
