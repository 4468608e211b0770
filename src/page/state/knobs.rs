//! The settings in force: confirmed by the worker, overlaid with requests that are not confirmed yet.
//!
//! A dragged slider must not jump back to an earlier confirmed value, so the page shows the requested value until that
//! request is confirmed or refused.

use std::collections::BTreeMap;

use crate::protocol::link::without_changes;
use gatelab_engine::estimator::{Record, registry};
use gatelab_engine::schema::{Action, Preset, RunConfig, Value};
use gatelab_engine::training::settings::lookup;

/// Settings as confirmed and as requested.
#[derive(Clone, Debug, PartialEq)]
pub struct Knobs {
    preset: Preset,
    estimator: String,
    overrides: BTreeMap<String, Value>,
    wished_estimator: Option<String>,
    /// `None` requests the default.
    wishes: BTreeMap<String, Option<Value>>,
}

impl Knobs {
    /// The settings in force when `step` steps of the run are done.
    pub fn of(config: &RunConfig, step: u64) -> Self {
        // A change at `step` itself is applied before the step is computed and has its own event.
        let flat = match step.checked_sub(1) {
            Some(before) => without_changes(config, before),
            None => config.clone(),
        };
        Self {
            preset: flat.preset,
            estimator: flat.estimator,
            overrides: flat.overrides,
            wished_estimator: None,
            wishes: BTreeMap::new(),
        }
    }

    /// The estimator to show as chosen.
    pub fn estimator(&self) -> &str {
        self.wished_estimator.as_deref().unwrap_or(&self.estimator)
    }

    /// The estimator that the worker has confirmed.
    pub fn confirmed_estimator(&self) -> &str {
        &self.estimator
    }

    fn record(&self) -> Option<&'static Record> {
        registry::record(self.estimator()).or_else(|| registry::RECORDS.first().copied())
    }

    /// The value to show.
    pub fn value(&self, name: &str) -> Option<Value> {
        match self.wishes.get(name) {
            Some(Some(value)) => Some(value.clone()),
            Some(None) => self.default_of(name),
            None => self.record().map(|record| lookup::value(name, self.preset, record, &self.overrides)),
        }
    }

    /// The default value.
    pub fn default_of(&self, name: &str) -> Option<Value> {
        self.record().map(|record| lookup::default_of(name, self.preset, record))
    }

    /// Whether it differs from its default.
    pub fn differs(&self, name: &str) -> bool {
        self.value(name) != self.default_of(name)
    }

    /// The overrides, requests included.
    pub fn overrides(&self) -> BTreeMap<String, Value> {
        let mut all = self.overrides.clone();
        for (name, wish) in &self.wishes {
            match wish {
                Some(value) => drop(all.insert(name.clone(), value.clone())),
                None => drop(all.remove(name)),
            }
        }
        all
    }

    pub(super) fn wish(&mut self, action: &Action) {
        match action {
            Action::Estimator(id) => self.wished_estimator = Some(id.clone()),
            Action::Set(name, value) => drop(self.wishes.insert(name.clone(), Some(value.clone()))),
            Action::Reset(name) => drop(self.wishes.insert(name.clone(), None)),
            Action::ResetMomentum => {}
        }
    }

    pub(super) fn confirm(&mut self, action: &Action) {
        match action {
            Action::Estimator(id) => {
                self.estimator.clone_from(id);
                if self.wished_estimator.as_ref() == Some(id) {
                    self.wished_estimator = None;
                }
            }
            Action::Set(name, value) => {
                self.overrides.insert(name.clone(), value.clone());
                if self.wishes.get(name) == Some(&Some(value.clone())) {
                    self.wishes.remove(name);
                }
            }
            Action::Reset(name) => {
                self.overrides.remove(name);
                if self.wishes.get(name) == Some(&None) {
                    self.wishes.remove(name);
                }
            }
            Action::ResetMomentum => {}
        }
    }

    /// A request was refused: returns to the confirmed value.
    pub(super) fn forget_wishes(&mut self) {
        self.wished_estimator = None;
        self.wishes.clear();
    }
}
