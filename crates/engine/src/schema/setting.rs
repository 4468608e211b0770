//! A setting: its name, range and value.

use serde::{Deserialize, Serialize};

/// A value of a setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A number.
    Number(f64),
    /// One of the names in the setting's range.
    Choice(String),
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(x) => write!(f, "{x}"),
            Self::Choice(name) => f.write_str(name),
        }
    }
}

/// The range of a setting.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Range {
    /// A number in `min..=max`.
    Number {
        /// Smallest allowed value.
        min: f64,
        /// Largest allowed value.
        max: f64,
        /// The part of the range worth a slider, `(low, high)`.
        slider: (f64, f64),
        /// Whether a slider moves in equal ratios instead of equal steps.
        log: bool,
        /// Whether only whole numbers are allowed.
        whole: bool,
    },
    /// One of a few names.
    Choice(&'static [&'static str]),
}

/// A setting: one row of the table that command line, link and page all read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Setting {
    /// Name in `--set`, in links and in exports, kebab case.
    pub name: &'static str,
    /// What the page calls it.
    pub label: &'static str,
    /// One sentence on what it does.
    pub help: &'static str,
    /// Its symbol in the formulas, or "".
    pub symbol: &'static str,
    /// What values it may take.
    pub range: Range,
    /// Whether it can change while a run goes on; otherwise a change starts a new run.
    pub live: bool,
}
