//! The estimators: which one trains the gates, what choosing another does to the run, what the gater is told, and (beside
//! the pictures) what the chosen one does.
//!
//! What needs no browser (grouping and search, formulas and their symbols) is compiled natively for its tests.

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
mod list;
#[cfg(target_arch = "wasm32")]
mod now;
#[cfg(target_arch = "wasm32")]
mod panel;
#[cfg(target_arch = "wasm32")]
mod sheet;
#[cfg(target_arch = "wasm32")]
mod told;

#[cfg(target_arch = "wasm32")]
pub use panel::Chooser;
#[cfg(target_arch = "wasm32")]
pub use sheet::{Sheet, SheetProps};
