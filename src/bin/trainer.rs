//! The Web Worker that trains.

fn main() {
    #[cfg(target_arch = "wasm32")]
    gatelab::worker::run();
}
