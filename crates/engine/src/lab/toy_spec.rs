//! What is measured on what: a loss, firing probabilities, estimators and their knobs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::objective_kind::ObjectiveKind;
use crate::estimator::{Estimator, registry};
use crate::schema::{Preset, Value};
use crate::training::settings::{ConfigError, lookup};
use gatelab_kernels::logit;

/// Why a toy cannot be measured.
#[derive(Debug, thiserror::Error)]
pub enum LabError {
    /// A number is out of range.
    #[error("{what} = {found}: expected {expected}")]
    Range {
        /// Name of the number.
        what: &'static str,
        /// The value found.
        found: String,
        /// The range that is allowed.
        expected: &'static str,
    },
    /// An estimator is unknown, or refuses a knob.
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// A toy: a loss of a few gates, and the estimators that are measured on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToySpec {
    /// The loss.
    pub objective: ObjectiveKind,
    /// Firing probability of each gate, 0..1 exclusive; 1..=100,000 gates.
    pub p: Vec<f64>,
    /// Ids of the estimators.
    pub estimators: Vec<String>,
    /// Knobs of estimators, by name.
    pub knobs: BTreeMap<String, Value>,
    /// Seed of all draws.
    pub seed: u64,
}

impl ToySpec {
    /// Checks all numbers.
    ///
    /// # Errors
    /// The first number that is out of range.
    pub fn check(&self) -> Result<(), LabError> {
        let range = |what, found: String, expected| Err(LabError::Range { what, found, expected });
        if self.p.is_empty() || self.p.len() > 100_000 {
            return range("gates", self.p.len().to_string(), "from 1 to 100000 gates");
        }
        if let Some(p) = self.p.iter().find(|p| !(**p > 0.0 && **p < 1.0)) {
            return range("p", p.to_string(), "a probability between 0 and 1, both excluded");
        }
        match self.objective {
            ObjectiveKind::Power { power, .. } if !(1.0..=20.0).contains(&power) => {
                range("power", power.to_string(), "a number from 1 to 20")
            }
            ObjectiveKind::Power { target, .. } | ObjectiveKind::Line { target } if !target.is_finite() => {
                range("target", target.to_string(), "a finite number")
            }
            ObjectiveKind::Values { closed, open, bend } if ![closed, open, bend].iter().all(|x| x.is_finite()) => {
                range("values", format!("{closed}, {open}, bend {bend}"), "finite numbers")
            }
            ObjectiveKind::Softmax { classes, .. } if !(2..=100).contains(&classes) => {
                range("classes", classes.to_string(), "from 2 to 100 classes")
            }
            _ => Ok(()),
        }
    }

    /// Logit of each gate [n].
    pub(super) fn logits(&self) -> Vec<f64> {
        self.p.iter().map(|&p| logit(p)).collect()
    }
}

/// An estimator in `f64` with `knobs` set, and its other knobs at their defaults; schedules at epoch 0.
pub(super) fn make(id: &str, knobs: &BTreeMap<String, Value>) -> Result<Box<dyn Estimator<f64>>, ConfigError> {
    let unknown = || ConfigError::Estimator { found: id.to_owned() };
    let mut estimator = registry::make::<f64>(id).ok_or_else(unknown)?;
    let record = estimator.record();
    for (name, value) in knobs {
        lookup::check(name, value, record)?;
    }
    let own_knobs = record.knobs.iter();
    let values: BTreeMap<String, Value> =
        own_knobs.map(|key| (key.name.to_owned(), lookup::value(key.name, Preset::default(), record, knobs))).collect();
    estimator.configure(&values);
    estimator.advance(0.0);
    Ok(estimator)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_are_not_finite_are_refused() {
        let nan = f64::NAN;
        for objective in [
            ObjectiveKind::Power { target: nan, power: 2.0 },
            ObjectiveKind::Power { target: 0.4, power: nan },
            ObjectiveKind::Line { target: f64::INFINITY },
            ObjectiveKind::Values { closed: nan, open: 0.0, bend: 0.0 },
            ObjectiveKind::Values { closed: 0.0, open: 0.0, bend: f64::INFINITY },
        ] {
            let spec = ToySpec { objective, p: vec![0.5], estimators: vec![], knobs: BTreeMap::new(), seed: 1 };
            assert!(matches!(spec.check(), Err(LabError::Range { .. })), "{objective:?}");
        }
    }
}
