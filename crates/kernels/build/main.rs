//! Makes the modules of hand-ordered loops that the browser runs; natively there is nothing to do.

mod loops;
mod pairs;
mod updates;

use std::path::Path;
use std::{env, error, fs};

fn main() -> Result<(), Box<dyn error::Error>> {
    println!("cargo::rerun-if-changed=build");
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() != Ok("wasm32") {
        return Ok(());
    }
    // For this crate's own tests; a package with binaries needs this argument in its build script too (see `backend::module`).
    println!("cargo::rustc-link-arg=--growable-table");
    let out = env::var("OUT_DIR")?;
    for (name, arithmetic) in [("strict", loops::Arithmetic::Strict), ("relaxed", loops::Arithmetic::Relaxed)] {
        fs::write(Path::new(&out).join(name).with_extension("wasm"), wat::parse_str(loops::module(arithmetic))?)?;
    }
    Ok(())
}
