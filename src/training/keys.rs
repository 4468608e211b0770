//! The table of settings: name, meaning, range and default of each, read by command line, link and page alike.

use std::collections::BTreeMap;

use super::config::{Preset, Value};
use crate::estimator::{Key, Range, Record, registry};

/// A configuration that is refused.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ConfigError {
    /// No such setting.
    #[error("no setting is called “{found}”; there are: {known}")]
    Unknown {
        /// The name given.
        found: String,
        /// The names there are.
        known: String,
    },
    /// A setting of other estimators.
    #[error("“{key}” is not a setting of the estimator {estimator}")]
    Foreign {
        /// The setting.
        key: String,
        /// The estimator in force.
        estimator: String,
    },
    /// A value out of its range.
    #[error("{key} = {found}: expected {expected}")]
    Value {
        /// The setting.
        key: String,
        /// The value given.
        found: String,
        /// The range in words.
        expected: String,
    },
    /// No such estimator.
    #[error("no estimator is called “{found}”; there are: {}", registry::ids().join(", "))]
    Estimator {
        /// The id given.
        found: String,
    },
    /// A structural setting, changed while a run goes on.
    #[error("{key} shapes the network: it can be set only when a run starts")]
    NotLive {
        /// The setting.
        key: String,
    },
    /// A network beyond what a tab holds.
    #[error("a network of {parameters} parameters is too large (at most {most}); choose fewer gates or units")]
    TooLarge {
        /// Parameters asked for.
        parameters: usize,
        /// Parameters allowed.
        most: usize,
    },
    /// A reward, told to an estimator that follows slopes.
    #[error(
        "the gater is told a reward, and a reward has no slope: {estimator} cannot learn from it. Choose told = \
         cross-entropy, or an estimator that needs values of the loss only: {}",
        value_estimators().join(", ")
    )]
    NoSlope {
        /// The estimator's id.
        estimator: String,
    },
    /// A delay beyond what a tab holds.
    #[error(
        "a reward {delay} steps late keeps {numbers} numbers waiting (at most {most}); choose a shorter delay, fewer \
         gates or smaller minibatches"
    )]
    LongDelay {
        /// Steps asked for.
        delay: usize,
        /// Numbers that would wait.
        numbers: usize,
        /// Numbers that may.
        most: usize,
    },
    /// A configuration of a later version.
    #[error(
        "configuration version {found}: this build knows versions up to {known}; reload the page or update gatelab"
    )]
    Version {
        /// The version found.
        found: u32,
        /// The newest version known.
        known: u32,
    },
    /// Changes out of order, or too many.
    #[error("{message}")]
    Changes {
        /// What is wrong with them.
        message: String,
    },
}

/// Ids of the estimators that learn from values of the loss alone, for which it may be any reward.
fn value_estimators() -> Vec<&'static str> {
    registry::RECORDS.iter().filter(|record| record.needs.only_losses()).map(|record| record.id).collect()
}

/// Name of the setting that says what the gater is told.
pub const TOLD: &str = "told";

const fn range(min: f64, max: f64, low: f64, high: f64, log: bool, whole: bool) -> Range {
    Range::Number { min, max, slider: (low, high), log, whole }
}

/// The settings that every estimator shares. Those of one estimator stand in its record.
pub const SHARED: &[Key] = &[
    Key {
        name: "lr",
        label: "Learning rate",
        help: "How far a step goes along the gradient.",
        symbol: "η",
        range: range(1e-6, 1000.0, 1e-3, 10.0, true, false),
        live: true,
    },
    Key {
        name: "gater-rate",
        label: "Gater's rate",
        help: "Factor on the learning rate for the layers that compute the gates' logits.",
        symbol: "",
        range: range(0.0, 100.0, 0.01, 10.0, true, false),
        live: true,
    },
    Key {
        name: "momentum",
        label: "Momentum",
        help: "How much of the last step is kept.",
        symbol: "μ",
        range: range(0.0, 0.999, 0.0, 0.99, false, false),
        live: true,
    },
    Key {
        name: "max-norm",
        label: "Largest weight norm",
        help: "Each unit's incoming weights are pulled back to this length; 0 sets no limit.",
        symbol: "",
        range: range(0.0, 1000.0, 0.0, 5.0, false, false),
        live: true,
    },
    Key {
        name: "lambda",
        label: "Sparsity pull",
        help: "Weight of the sparsity control.",
        symbol: "λ",
        range: range(0.0, 1000.0, 1e-4, 10.0, true, false),
        live: true,
    },
    Key {
        name: "target",
        label: "Target firing rate",
        help: "The share of gates that should be open.",
        symbol: "s",
        range: range(0.001, 0.999, 0.01, 0.9, false, false),
        live: true,
    },
    Key {
        name: TOLD,
        label: "What the gater is told",
        help: "How surprised the network was, or only whether it was right: for each digit at once, or as the minibatch's \
               mean, some steps late.",
        symbol: "",
        range: Range::Choice(&["cross-entropy", "reward", "delayed-reward"]),
        live: true,
    },
    Key {
        name: "delay",
        label: "Delay",
        help: "Minibatches by which a delayed reward comes late.",
        symbol: "",
        range: range(0.0, 200.0, 0.0, 100.0, false, true),
        live: true,
    },
    Key {
        name: "start-rate",
        label: "Firing rate at the start",
        help: "The gates' biases begin at the logit of this probability.",
        symbol: "",
        range: range(0.001, 0.999, 0.01, 0.99, false, false),
        live: false,
    },
    Key {
        name: "batch",
        label: "Minibatch",
        help: "Examples per step.",
        symbol: "B",
        range: range(1.0, 1024.0, 1.0, 256.0, true, true),
        live: false,
    },
    Key {
        name: "gates",
        label: "Gates",
        help: "Number of stochastic gates.",
        symbol: "G",
        range: range(1.0, 8000.0, 1.0, 2000.0, true, true),
        live: false,
    },
    Key {
        name: "units",
        label: "Units per gate",
        help: "Expert units that one gate opens.",
        symbol: "",
        range: range(1.0, 256.0, 1.0, 64.0, true, true),
        live: false,
    },
    Key {
        name: "gater-hidden",
        label: "Gater's hidden units",
        help: "Width of the gater's bottleneck.",
        symbol: "",
        range: range(1.0, 4000.0, 4.0, 400.0, true, true),
        live: false,
    },
    Key {
        name: "expert",
        label: "Expert units",
        help: "Linear as in the paper, or rectified.",
        symbol: "",
        range: Range::Choice(&["linear", "rectifier"]),
        live: false,
    },
    Key {
        name: "valid-examples",
        label: "Validation digits",
        help: "How many validation digits the frequent evaluations use.",
        symbol: "",
        range: range(100.0, 10_000.0, 500.0, 10_000.0, true, true),
        live: false,
    },
];

/// Defaults of the shared settings under each preset.
fn preset_default(name: &str, preset: Preset) -> f64 {
    // The control is summed over gates, so each one's share of the loss shrinks as their number grows, and λ with it.
    let (gater_hidden, gates, units, lambda) = match preset {
        Preset::Classroom => (64.0, 64.0, 8.0, 1.0),
        Preset::Paper200 => (40.0, 200.0, 1.0, 0.3),
        Preset::Paper2000 => (400.0, 2000.0, 1.0, 0.1),
    };
    match name {
        "gater-hidden" => gater_hidden,
        "gates" => gates,
        "units" => units,
        "batch" => 32.0,
        "delay" => 10.0,
        "lr" | "target" | "start-rate" => 0.1,
        "gater-rate" => 1.0,
        "lambda" => lambda,
        "momentum" => 0.5,
        "max-norm" => 2.0,
        "valid-examples" => 2000.0,
        _ => 0.0,
    }
}

/// The setting of this name, of all estimators or of this one.
pub fn find(name: &str, record: &Record) -> Option<&'static Key> {
    SHARED.iter().chain(record.knobs).find(|key| key.name == name)
}

/// The default of a setting under a preset and an estimator.
pub fn default_of(name: &str, preset: Preset, record: &Record) -> Value {
    if let Some(key) = find(name, record)
        && let Range::Choice(names) = key.range
    {
        return Value::Choice(names.first().copied().unwrap_or_default().to_owned());
    }
    let tuned = record.tuned.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
    Value::Number(tuned.unwrap_or_else(|| preset_default(name, preset)))
}

/// The value in force of a setting.
pub fn value(name: &str, preset: Preset, record: &Record, overrides: &BTreeMap<String, Value>) -> Value {
    overrides.get(name).cloned().unwrap_or_else(|| default_of(name, preset, record))
}

pub(super) fn number_of(value: &Value) -> f64 {
    match value {
        Value::Number(x) => *x,
        Value::Choice(_) => 0.0,
    }
}

pub(super) fn number(name: &str, preset: Preset, record: &Record, overrides: &BTreeMap<String, Value>) -> f64 {
    number_of(&value(name, preset, record, overrides))
}

pub(super) fn choice(name: &str, preset: Preset, record: &Record, overrides: &BTreeMap<String, Value>) -> String {
    value(name, preset, record, overrides).to_string()
}

/// Refuses an unknown name or a value out of range. Knobs of other estimators are allowed: they wait until it is chosen.
pub fn check(name: &str, value: &Value, record: &Record) -> Result<(), ConfigError> {
    let key = find(name, record)
        .or_else(|| registry::RECORDS.iter().find_map(|other| find(name, other)))
        .ok_or_else(|| unknown(name))?;
    let ok = match (&key.range, value) {
        (Range::Number { min, max, whole, .. }, Value::Number(x)) => {
            x.is_finite() && x >= min && x <= max && (!whole || x.fract() == 0.0)
        }
        (Range::Choice(names), Value::Choice(x)) => names.contains(&x.as_str()),
        _ => false,
    };
    if ok {
        return Ok(());
    }
    Err(ConfigError::Value { key: name.to_owned(), found: value.to_string(), expected: in_words(&key.range) })
}

/// A value of this setting from text: what `--set` and links carry.
pub fn parse(name: &str, text: &str) -> Result<Value, ConfigError> {
    let key = all().find(|key| key.name == name).ok_or_else(|| unknown(name))?;
    let value = match key.range {
        Range::Number { .. } => text.parse().map(Value::Number).map_err(|_| ConfigError::Value {
            key: name.to_owned(),
            found: text.to_owned(),
            expected: in_words(&key.range),
        })?,
        Range::Choice(_) => Value::Choice(text.to_owned()),
    };
    match registry::RECORDS.first() {
        Some(record) => check(name, &value, record).map(|()| value),
        None => Ok(value),
    }
}

/// All settings there are, those of single estimators included, each name once.
pub fn all() -> impl Iterator<Item = &'static Key> {
    SHARED.iter().chain(registry::RECORDS.iter().enumerate().flat_map(|(i, record)| {
        record.knobs.iter().filter(move |key| {
            registry::RECORDS.iter().take(i).all(|other| other.knobs.iter().all(|k| k.name != key.name))
        })
    }))
}

/// The refusal of a name that no setting has.
pub(super) fn unknown(name: &str) -> ConfigError {
    ConfigError::Unknown { found: name.to_owned(), known: names().join(", ") }
}

fn names() -> Vec<&'static str> {
    all().map(|key| key.name).collect()
}

fn in_words(range: &Range) -> String {
    match range {
        Range::Number { min, max, whole: true, .. } => format!("a whole number from {min} to {max}"),
        Range::Number { min, max, .. } => format!("a number from {min} to {max}"),
        Range::Choice(names) => format!("one of {}", names.join(", ")),
    }
}
