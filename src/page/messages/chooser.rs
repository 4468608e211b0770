//! The list of estimators, and the gater loss.

pub const SEARCH: &str = "Find an estimator";
pub const MORE: &str = "More estimators";
pub const GATER_LOSS: &str = "Gater loss";
pub const OTHERS_DISABLED: &str = "A reward has no slope, so estimators that need one are disabled. A reward is a weaker signal than the loss: use a sparsity weight λ near 0.1.";
pub const SYMBOL_SETTING: &str = "set to";
pub const SYMBOL_NOW: &str = "now";

/// Number of matches of a search.
pub fn hits(found: usize, all: usize) -> String {
    if found == 0 { "none".into() } else { format!("{found} of {all}") }
}

/// Why an estimator and a reward do not go together.
pub fn needs_slope(name: &str) -> String {
    format!("{name} needs the slope of the loss; a reward has none.")
}
