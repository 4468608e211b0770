//! What a run is made of, as data: settings with their ranges, presets, and the configuration that links and exports carry.
//!
//! This room knows names and ranges only. Which settings an estimator adds stands in its record; how a configuration becomes
//! values in force is [`training::settings`](crate::training::settings).

mod activation;
mod config;
mod preset;
mod setting;
mod shared;

pub use crate::data::DataChoice;
pub use activation::ExpertActivation;
pub use config::{Action, CONFIG_VERSION, Change, RunConfig};
pub use preset::Preset;
pub use setting::{Range, Setting, Value};
pub use shared::{GATER_LOSS, SHARED};
