//! The page, started by `index.html` on the main thread.

fn main() {
    #[cfg(target_arch = "wasm32")]
    gatelab::page::run();
}
