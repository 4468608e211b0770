//! Settings by name: which there are, their defaults, and whether a value is in range. Command line, link and page read them here.

use std::collections::BTreeMap;

use super::ConfigError;
use crate::estimator::{Record, registry};
use crate::schema::{Preset, Range, SHARED, Setting, Value};

/// The setting of this name, of all estimators or of this one.
pub fn find(name: &str, record: &Record) -> Option<&'static Setting> {
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
    Value::Number(tuned.unwrap_or_else(|| preset.default_of(name)))
}

/// The value in force of a setting.
pub fn value(name: &str, preset: Preset, record: &Record, overrides: &BTreeMap<String, Value>) -> Value {
    overrides.get(name).cloned().unwrap_or_else(|| default_of(name, preset, record))
}

pub(in crate::training) fn number_of(value: &Value) -> f64 {
    match value {
        Value::Number(x) => *x,
        Value::Choice(_) => 0.0,
    }
}

pub(in crate::training) fn number(
    name: &str,
    preset: Preset,
    record: &Record,
    overrides: &BTreeMap<String, Value>,
) -> f64 {
    number_of(&value(name, preset, record, overrides))
}

pub(in crate::training) fn choice(
    name: &str,
    preset: Preset,
    record: &Record,
    overrides: &BTreeMap<String, Value>,
) -> String {
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
pub fn all() -> impl Iterator<Item = &'static Setting> {
    SHARED.iter().chain(registry::RECORDS.iter().enumerate().flat_map(|(i, record)| {
        record.knobs.iter().filter(move |key| {
            registry::RECORDS.iter().take(i).all(|other| other.knobs.iter().all(|k| k.name != key.name))
        })
    }))
}

/// The refusal of a name that no setting has.
pub(in crate::training) fn unknown(name: &str) -> ConfigError {
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
