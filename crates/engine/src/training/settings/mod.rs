//! Every setting of a run, resolved to a value: override, else the estimator's tuned default, else the preset's, else the
//! table's.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::data::{CLASSES, PIXELS};
use crate::estimator::registry;
use crate::network::{ExpertActivation, GaterLoss, Shape};
use crate::schema::{GATER_LOSS, Preset, RunConfig, Value};

mod error;
pub mod lookup;

pub use error::ConfigError;

/// The values in force.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Settings {
    /// Estimator in force, an id of the registry.
    pub estimator: String,
    /// Network sizes.
    pub shape: Shape,
    /// Examples per minibatch.
    pub batch: usize,
    /// Learning rate of expert and output layers.
    pub learning_rate: f64,
    /// Factor on the learning rate for the gater's layers.
    pub gater_rate: f64,
    /// Momentum, 0..1.
    pub momentum: f64,
    /// Largest Euclidean norm of a unit's incoming weights (experts and gater), 0 = no limit.
    pub max_norm: f64,
    /// Weight λ of the sparsity control (its start, where Eq. 15 adapts it).
    pub lambda: f64,
    /// Firing rate that the sparsity control aims at, 0..1.
    pub target: f64,
    /// Firing probability that the gates' biases give at step 0.
    pub start_rate: f64,
    /// Examples of the validation set in the frequent evaluations.
    pub valid_examples: usize,
    /// The loss that the gater learns from.
    pub gater_loss: GaterLoss,
    /// Steps by which a delayed reward comes late.
    pub delay: usize,
    /// The estimator's own knobs.
    pub knobs: BTreeMap<String, Value>,
}

impl Settings {
    /// The values that `config` starts with. Changes on the way are applied by [`Settings::resolve`] with their result.
    pub fn of(config: &RunConfig) -> Result<Self, ConfigError> {
        Self::resolve(config.preset, &config.estimator, &config.overrides)
    }

    /// The values that a preset, an estimator and a set of overrides give together.
    pub fn resolve(preset: Preset, estimator: &str, overrides: &BTreeMap<String, Value>) -> Result<Self, ConfigError> {
        let record =
            registry::record(estimator).ok_or_else(|| ConfigError::Estimator { found: estimator.to_owned() })?;
        for (name, value) in overrides {
            lookup::check(name, value, record)?;
        }
        let number = |name: &str| lookup::number(name, preset, record, overrides);
        let expert = ExpertActivation::named(&lookup::choice("expert", preset, record, overrides));
        let settings = Self {
            estimator: record.id.to_owned(),
            shape: Shape {
                inputs: PIXELS,
                gater_hidden: number("gater-hidden") as usize,
                gates: number("gates") as usize,
                units_per_gate: number("units") as usize,
                classes: CLASSES,
                expert,
            },
            batch: number("batch") as usize,
            learning_rate: number("lr"),
            gater_rate: number("gater-rate"),
            momentum: number("momentum"),
            max_norm: number("max-norm"),
            lambda: number("lambda"),
            target: number("target"),
            start_rate: number("start-rate"),
            valid_examples: number("valid-examples") as usize,
            gater_loss: match lookup::choice(GATER_LOSS, preset, record, overrides).as_str() {
                "reward" => GaterLoss::Reward,
                "delayed-reward" => GaterLoss::DelayedReward,
                _ => GaterLoss::CrossEntropy,
            },
            delay: number("delay") as usize,
            knobs: record
                .knobs
                .iter()
                .map(|key| (key.name.to_owned(), lookup::value(key.name, preset, record, overrides)))
                .collect(),
        };
        settings.check_size()?;
        let needs = registry::needs(record.id, &settings.knobs).unwrap_or(record.needs);
        if !settings.gater_loss.is_differentiable() && !needs.only_losses() {
            return Err(ConfigError::NoSlope { estimator: settings.estimator });
        }
        Ok(settings)
    }

    /// Refuses networks that no browser tab holds.
    fn check_size(&self) -> Result<(), ConfigError> {
        const MOST: usize = 16_000_000;
        let parameters = self.shape.parameters();
        if parameters > MOST {
            return Err(ConfigError::TooLarge { parameters, most: MOST });
        }
        let waiting = if self.gater_loss == GaterLoss::DelayedReward { self.delay } else { 0 };
        let numbers = waiting * self.batch * self.shape.gates;
        if numbers > MOST {
            return Err(ConfigError::LongDelay { delay: self.delay, numbers, most: MOST });
        }
        Ok(())
    }
}
