//! Activations of expert units, by name. A new one is a variant and its name here, and its two directions in `network/experts.rs`.

use serde::{Deserialize, Serialize};

/// Activation of an expert unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExpertActivation {
    /// The identity, as in the paper: the gate is the only non-linearity of this path.
    #[default]
    Linear,
    /// `max(0, z)`.
    Rectifier,
}

impl ExpertActivation {
    /// Names of all variants, in the order of [`ExpertActivation::ALL`]; the first is the default.
    pub const NAMES: &[&str] = &["linear", "rectifier"];
    /// All variants.
    pub const ALL: [Self; Self::NAMES.len()] = [Self::Linear, Self::Rectifier];

    /// The variant of this name; the default for a name that no variant has.
    pub fn named(name: &str) -> Self {
        let found = Self::NAMES.iter().position(|known| *known == name);
        found.map_or_else(Self::default, |at| Self::ALL[at])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_files() {
        for (name, activation) in ExpertActivation::NAMES.iter().zip(ExpertActivation::ALL) {
            assert_eq!(serde_json::to_value(activation).unwrap(), *name);
            assert_eq!(ExpertActivation::named(name), activation);
        }
    }
}
