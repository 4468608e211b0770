//! The chooser's list, and what the gater is told.

pub const SEARCH: &str = "Find an estimator";
pub const MORE: &str = "More estimators";
pub const GATER_LOSS: &str = "What the gater is told";
pub const OTHERS_DISABLED: &str = "A reward has no slope: the estimators that need one wait. It says less than the loss does: with a sparsity pull λ near 0.1 the gater still hears it.";
pub const SYMBOL_SETTING: &str = "set to";
pub const SYMBOL_NOW: &str = "now";

/// How many a search has found.
pub fn hits(found: usize, all: usize) -> String {
    if found == 0 { "none".into() } else { format!("{found} of {all}") }
}

/// Why an estimator and a reward do not go together.
pub fn needs_slope(name: &str) -> String {
    format!("{name} needs the slope of the loss; a reward has none.")
}
