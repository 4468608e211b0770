//! The command line: `gatelab train`, `eval`, `list`.

#[cfg(not(target_arch = "wasm32"))]
fn main() -> std::process::ExitCode {
    gatelab::cli::run()
}

// Cargo builds every bin for every target; in the browser there is no command line.
#[cfg(target_arch = "wasm32")]
fn main() {}
