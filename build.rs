//! One link argument for the page's and the worker's binaries.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // The kernels' modules put their functions into the binary's table of functions, which must have room for them. A link
    // argument reaches the binaries of its own package only, so it stands here and not beside the kernels.
    if std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        println!("cargo::rustc-link-arg=--growable-table");
    }
}
