//! What page and worker say to each other.
//!
//! Cold messages ([`Command`], [`Event`]) travel as JSON text: a few a second, readable in the browser's console. The hot
//! one, [`Frame`], travels as a transferred buffer, at most one per display frame.
//!
//! The worker speaks first ([`Event::Ready`]); what is sent before is lost, since a module worker starts late.

mod command;
mod event;
mod frame;
pub mod link;
pub mod saved_run;

pub use command::{Command, Fault, LabCommand, RasterOf, Rescue, Watch};
pub use event::{DataEvent, DataSource, Event, KernelSetInfo, LabEvent, Problem, RunState};
pub use frame::{Evaluation, Frame, FrameError, Meter, OneDigit, ProbeDigits, ProbeView, RasterColumns};
pub use saved_run::SavedRun;

/// Version of all messages. Worker files carry no content hash in their name, so after a deployment an old page can meet a
/// new worker: both compare this and [`BUILD`].
pub const PROTOCOL_VERSION: u32 = 3;

/// What names the build: package version, and the commit where the build knows it.
pub const BUILD: &str = match option_env!("GATELAB_BUILD") {
    Some(id) => id,
    None => env!("CARGO_PKG_VERSION"),
};
