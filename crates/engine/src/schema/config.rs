//! The configuration of a run: with its seed it determines every bit of the result.
//!
//! A [`RunConfig`] stays small: a preset, an estimator, a seed, what differs from the defaults, and the changes made while
//! the run went on. [`Settings`](crate::training::settings::Settings) is its resolved form.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Preset, Value};
use crate::data::DataChoice;

/// Version of [`RunConfig`]; a higher one is refused by name. Version 2 added [`Action::ResetMomentum`]; configurations of version 1
/// are read as they are.
pub const CONFIG_VERSION: u32 = 2;

/// What can be changed while a run goes on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Another estimator from the next minibatch on.
    Estimator(String),
    /// A live setting takes a value.
    Set(String, Value),
    /// A live setting goes back to its default (the estimator's own, or the preset's).
    Reset(String),
    /// All velocities become 0.
    ResetMomentum,
}

/// A change made while a run went on: it takes effect before step `step` is computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Number of steps already done when the change takes effect.
    pub step: u64,
    /// What changed.
    pub action: Action,
}

/// A run, completely.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunConfig {
    /// [`CONFIG_VERSION`].
    pub version: u32,
    /// Network sizes.
    pub preset: Preset,
    /// Estimator at step 0, an id of the registry.
    pub estimator: String,
    /// Seed of all randomness.
    pub seed: u64,
    /// Data to learn.
    pub data: DataChoice,
    /// Settings that differ from their defaults at step 0.
    #[serde(default)]
    pub overrides: BTreeMap<String, Value>,
    /// What changed on the way, by rising step.
    #[serde(default)]
    pub changes: Vec<Change>,
}

impl Default for RunConfig {
    fn default() -> Self {
        Self {
            version: CONFIG_VERSION,
            preset: Preset::default(),
            estimator: "st".into(),
            seed: 7,
            data: DataChoice::Mnist,
            overrides: BTreeMap::new(),
            changes: Vec::new(),
        }
    }
}
