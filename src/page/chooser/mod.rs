//! The estimators: which one trains the gates, what a switch does to the run, the gater loss, and (beside the pictures)
//! a description of the chosen one.
//!
//! The parts without a browser (grouping and search, formulas and their symbols) are also compiled natively, for their
//! tests.

pub mod families;
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "the components that use it are not there"))]
mod latex;
mod marks;
#[cfg_attr(not(target_arch = "wasm32"), allow(dead_code, reason = "the components that use it are not there"))]
mod symbols;
#[cfg(not(target_arch = "wasm32"))]
#[path = "../messages/symbols.rs"]
mod texts;

#[cfg(target_arch = "wasm32")]
use super::messages::symbols as texts;

#[cfg(target_arch = "wasm32")]
mod formula;
#[cfg(target_arch = "wasm32")]
mod gater_loss;
#[cfg(target_arch = "wasm32")]
mod list;
#[cfg(target_arch = "wasm32")]
mod now;
#[cfg(target_arch = "wasm32")]
mod panel;
#[cfg(target_arch = "wasm32")]
mod sheet;

#[cfg(target_arch = "wasm32")]
pub use panel::Chooser;
#[cfg(target_arch = "wasm32")]
pub use sheet::{Sheet, SheetProps};
