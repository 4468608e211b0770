//! The Web Worker: drives a trainer in slices of a few milliseconds, so that Pause and Switch arrive at once, and tells the
//! page what happened. It shares only [`crate::protocol`] with the page.
//!
//! - `inbox`: messages in; `outbox`: messages out
//! - `session`: the run, its data and what the page looks at; one method per command
//! - `pulse`: when the next slice, frame, evaluation, snapshot and heartbeat are due
//! - `frames`: what a display frame shows
//! - `lab`: the laboratory, in a second worker of the same script
//! - `loops`: which loops are used
//! - `data`: shards beside the page, the mirror, the user's files, stroke digits

mod clock;
mod data;
mod frames;
mod inbox;
mod lab;
mod backend;
mod outbox;
mod pulse;
mod session;

use crate::protocol::{BUILD, Event, PROTOCOL_VERSION, Problem};

/// Entry point: installs the panic hook, listens, and speaks first.
pub fn run() {
    std::panic::set_hook(Box::new(|info| {
        // The instance is not to be entered again after this: the page replaces the worker.
        outbox::event(&Event::Problem(Problem::Fatal { message: info.to_string() }));
    }));
    // Without the modules, the loops in Rust give the same numbers, more slowly: no reason not to start.
    let _ = gatelab_kernels::backend::load();
    inbox::listen();
    pulse::start();
    outbox::event(&Event::Ready { protocol: PROTOCOL_VERSION, build: BUILD.to_owned() });
}
