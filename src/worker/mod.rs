//! The Web Worker: runs a trainer in slices of a few milliseconds, so that commands take effect at once, and sends
//! events and frames to the page. It shares only [`crate::protocol`] with the page.
//!
//! - `inbox`: messages in; `outbox`: messages out
//! - `session`: the run, its data and the page's watch; one method per command
//! - `pulse`: when the next slice, frame, evaluation, snapshot and heartbeat are due
//! - `frames`: what a display frame shows
//! - `lab`: the laboratory, in a second worker of the same script
//! - `backend`: the kernels in use and their speed
//! - `data`: shards beside the page, the mirror, the user's files, stroke digits

mod backend;
mod clock;
mod data;
mod frames;
mod inbox;
mod lab;
mod outbox;
mod pulse;
mod session;

use crate::protocol::{BUILD, Event, PROTOCOL_VERSION, Problem};

/// Entry point: installs the panic hook, starts to listen, and sends the first event.
pub fn run() {
    std::panic::set_hook(Box::new(|info| {
        // After a panic this instance must not run again: the page replaces the worker.
        outbox::event(&Event::Problem(Problem::Fatal { message: info.to_string() }));
    }));
    // Without the WebAssembly modules, the kernels in Rust give the same numbers, more slowly.
    let _ = gatelab_kernels::backend::load();
    inbox::listen();
    pulse::start();
    outbox::event(&Event::Ready { protocol: PROTOCOL_VERSION, build: BUILD.to_owned() });
}
