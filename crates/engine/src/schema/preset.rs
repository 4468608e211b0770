//! Presets: network sizes that go together, a row each. A new one is a new row.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One row of the table.
#[derive(Debug)]
struct Row {
    id: &'static str,
    name: &'static str,
    summary: &'static str,
    /// Values that differ from [`COMMON`].
    values: &'static [(&'static str, f64)],
}

/// Defaults of the shared settings under every preset. Settings with named choices default to their first name.
const COMMON: &[(&str, f64)] = &[
    ("batch", 32.0),
    ("delay", 10.0),
    ("lr", 0.1),
    ("target", 0.1),
    ("start-rate", 0.1),
    ("gater-rate", 1.0),
    ("momentum", 0.5),
    ("max-norm", 2.0),
    ("valid-examples", 2000.0),
];

// The control is summed over gates, so each gate's share of the loss shrinks as their number grows, and λ with it.
static ROWS: &[Row] = &[
    Row {
        id: "classroom",
        name: "Classroom",
        summary: "64 gates of 8 units: shows its character in seconds",
        values: &[("gater-hidden", 64.0), ("gates", 64.0), ("units", 8.0), ("lambda", 1.0)],
    },
    Row {
        id: "paper-200",
        name: "Paper 200",
        summary: "200 gates of 1 unit: the authors’ search set",
        values: &[("gater-hidden", 40.0), ("gates", 200.0), ("units", 1.0), ("lambda", 0.3)],
    },
    Row {
        id: "paper-2000",
        name: "Paper 2000",
        summary: "2,000 gates of 1 unit: the paper’s network, slow",
        values: &[("gater-hidden", 400.0), ("gates", 2000.0), ("units", 1.0), ("lambda", 0.1)],
    },
];

/// Network sizes and defaults that go together. The default is the first row of the table, `classroom`.
#[derive(Clone, Copy, Debug)]
pub struct Preset(&'static Row);

impl Preset {
    /// All presets, in the order in which they are shown.
    pub fn all() -> impl Iterator<Item = Self> {
        ROWS.iter().map(Self)
    }

    /// The preset with this id.
    pub fn find(id: &str) -> Option<Self> {
        Self::all().find(|preset| preset.id() == id)
    }

    /// All ids, for messages.
    pub fn ids() -> Vec<&'static str> {
        Self::all().map(Self::id).collect()
    }

    /// Identity in configurations, links and on the command line; kebab case, never changed.
    pub fn id(self) -> &'static str {
        self.0.id
    }

    /// What the page calls it.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// What it is, in a few words.
    pub fn summary(self) -> &'static str {
        self.0.summary
    }

    /// Default of the shared setting `name`, 0 for a name that has none.
    pub fn default_of(self, name: &str) -> f64 {
        let value = |values: &[(&str, f64)]| values.iter().find(|(key, _)| *key == name).map(|(_, value)| *value);
        value(self.0.values).or_else(|| value(COMMON)).unwrap_or(0.0)
    }
}

impl Default for Preset {
    fn default() -> Self {
        Self(&ROWS[0])
    }
}

impl PartialEq for Preset {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for Preset {}

impl std::hash::Hash for Preset {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl Serialize for Preset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Preset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Self::find(&id).ok_or_else(|| {
            let expected = Self::ids().join(", ");
            serde::de::Error::custom(format!("no preset is called “{id}”; there are: {expected}"))
        })
    }
}

impl std::str::FromStr for Preset {
    type Err = String;

    fn from_str(id: &str) -> Result<Self, String> {
        Self::find(id).ok_or_else(|| format!("expected one of {}", Self::ids().join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::SHARED;

    #[test]
    fn rows_name_settings_that_exist_and_ids_are_unique() {
        let known = |name: &str| SHARED.iter().any(|setting| setting.name == name);
        assert!(COMMON.iter().chain(ROWS.iter().flat_map(|row| row.values)).all(|(name, _)| known(name)));
        for preset in Preset::all() {
            assert_eq!(Preset::all().filter(|other| *other == preset).count(), 1, "{}", preset.id());
        }
    }
}
