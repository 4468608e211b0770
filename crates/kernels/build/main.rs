//! Assembles the kernels of the browser from WebAssembly text. Natively there is nothing to do.
//!
//! The kernels are written as text because of register allocation: compiled from Rust, all loads of a tile come before its arithmetic,
//! the browser runs out of vector registers, and the kernels lose up to half their speed. `src/backend/kernel_set.rs` documents the
//! parameters, `src/backend/*_loops.rs` has the same kernels in Rust. Strides arrive as numbers of values and are converted to bytes.

mod masked;
mod momentum;
mod peak;
mod sparse;
mod text;
mod tiles;

use std::path::Path;
use std::{env, error, fs};

use text::Arithmetic;

fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed=build");
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() != Ok("wasm32") {
        return Ok(());
    }
    // For this crate's own tests. A package with binaries needs this argument in its own build script; see `backend::module`.
    println!("cargo::rustc-link-arg=--growable-table");
    let out = env::var("OUT_DIR")?;
    let write = |name: &str, text: String| -> Result<(), Box<dyn error::Error>> {
        Ok(fs::write(Path::new(&out).join(name).with_extension("wasm"), wat::parse_str(text)?)?)
    };
    for (name, arithmetic) in [("strict", Arithmetic::Strict), ("relaxed", Arithmetic::Relaxed)] {
        write(name, text::module(&kernels(arithmetic)))?;
        if env::var_os("CARGO_FEATURE_BENCH").is_some() {
            write(&format!("peak-{name}"), text::module(&peak::loops(arithmetic)))?;
        }
    }
    Ok(())
}

/// The functions of a kernel set.
fn kernels(arithmetic: Arithmetic) -> String {
    tiles::kernels(arithmetic) + &sparse::kernels(arithmetic) + &masked::kernels(arithmetic) + &momentum::kernels()
}
