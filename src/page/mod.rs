//! The page: a Yew app on the main thread. It sends commands to the worker through [`protocol`](crate::protocol) and
//! draws the worker's events and frames. It does no training.
//!
//! - [`state`]: the page's state and its reducer; pure, so compiled and tested natively
//! - `app`: the component that executes the effects of `state`
//! - `bridge`: the connection to the worker, with its watchdog
//! - `live`: the newest numbers of the runs; frames are written here without Yew, canvases read from here
//! - `lab`: the laboratory, with its own worker
//! - one folder per panel: `transport`, `chooser`, `knobs`, `setup`, `notices`; `gates`, `classes`, `one_digit`,
//!   `curves`, `meter`
//! - `messages`: every text that people read

#![allow(unreachable_pub, reason = "the modules of the page are private; `pub` in them means: for the other modules")]

pub mod lab;
pub mod palette;
pub mod state;

#[cfg(any(test, target_arch = "wasm32"))]
mod abbreviation;
#[cfg(target_arch = "wasm32")]
mod app;
#[cfg(not(target_arch = "wasm32"))]
#[path = "curves/axis.rs"]
pub mod axis;
#[cfg(target_arch = "wasm32")]
mod bridge;
#[cfg(not(target_arch = "wasm32"))]
#[path = "classes/order.rs"]
pub mod order;
#[cfg(not(target_arch = "wasm32"))]
#[path = "live/raster.rs"]
pub mod raster;
// Pure parts of modules that only the browser build has, for their native tests.
#[cfg(all(test, not(target_arch = "wasm32")))]
#[path = "knobs/scale.rs"]
mod scale;
#[cfg(all(test, not(target_arch = "wasm32")))]
#[path = "bridge/watchdog.rs"]
mod watchdog;

#[cfg(target_arch = "wasm32")]
mod canvas;
#[cfg(any(test, target_arch = "wasm32"))]
mod chooser;
#[cfg(target_arch = "wasm32")]
mod classes;
#[cfg(target_arch = "wasm32")]
mod curves;
#[cfg(target_arch = "wasm32")]
mod dom;
#[cfg(target_arch = "wasm32")]
mod gates;
#[cfg(target_arch = "wasm32")]
mod header;
#[cfg(target_arch = "wasm32")]
mod help;
#[cfg(target_arch = "wasm32")]
mod keyboard;
#[cfg(target_arch = "wasm32")]
mod knobs;
#[cfg(target_arch = "wasm32")]
mod live;
#[cfg(target_arch = "wasm32")]
mod messages;
#[cfg(target_arch = "wasm32")]
mod meter;
#[cfg(target_arch = "wasm32")]
mod notices;
#[cfg(target_arch = "wasm32")]
mod one_digit;
#[cfg(target_arch = "wasm32")]
mod pieces;
#[cfg(target_arch = "wasm32")]
mod root;
#[cfg(target_arch = "wasm32")]
mod setup;
#[cfg(target_arch = "wasm32")]
mod theme;
#[cfg(target_arch = "wasm32")]
mod transport;
#[cfg(target_arch = "wasm32")]
mod view;

#[cfg(target_arch = "wasm32")]
pub use app::run;
