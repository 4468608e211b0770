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
    // The loops are called through the table of functions, which must have room for them.
    println!("cargo::rustc-link-arg=--growable-table");
    let out = env::var("OUT_DIR")?;
    for (name, arithmetic) in [("strict", loops::Arithmetic::Strict), ("relaxed", loops::Arithmetic::Relaxed)] {
        fs::write(Path::new(&out).join(name).with_extension("wasm"), wat::parse_str(loops::module(arithmetic))?)?;
    }
    Ok(())
}
