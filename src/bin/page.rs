//! The page: what `index.html` starts on the main thread.

fn main() {
    #[cfg(target_arch = "wasm32")]
    gatelab::page::run();
}
