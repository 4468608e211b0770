//! Texts of the laboratory: its list of estimators, and what both panels share.

pub mod gate;
pub mod probe;

pub const VIEWS: &str = "Views";
pub const TRAIN: &str = "Train";
pub const LAB: &str = "Laboratory";
pub const LIST: &str = "Estimators to compare";
pub const LIST_CAPTION: &str = "Both panels show the ticked ones.";
pub const MORE: &str = "More";
pub const BROKEN_TITLE: &str = "The laboratory stopped";
pub const AGAIN: &str = "Start it again";
pub const NOT_WITH_REWARD: &str = "The run's gater learns from a reward, which has no slope. Estimators that need the slope cannot be measured on this run.";

/// Why the laboratory stopped.
pub fn broken(why: &str) -> String {
    format!("{why}. The run continues in the Train view.")
}

/// A number with five digits and a power of ten, as in `1.5625e−2`; `0` for zero.
pub fn scientific(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { format!("{value:.4e}").replace('-', "−") }
}

/// A number with about three digits, for sentences and axes.
pub fn plain(value: f64) -> String {
    let text = match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if !(1e-12..0.0995).contains(&v) => format!("{value:.2}"),
        v if v >= 0.000_995 => format!("{value:.4}").trim_end_matches('0').to_owned(),
        _ => format!("{value:.1e}"),
    };
    text.replace('-', "−")
}
