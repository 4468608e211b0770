//! The laboratory: its rooms, its list of estimators, and what both instruments say alike.

pub mod gate;
pub mod scope;

pub const ROOMS: &str = "Rooms";
pub const TRAIN: &str = "Train";
pub const LAB: &str = "Laboratory";
pub const LIST: &str = "Estimators to compare";
pub const LIST_CAPTION: &str = "Tick some: both instruments show them.";
pub const MORE: &str = "More";
pub const BROKEN_TITLE: &str = "The laboratory stopped";
pub const AGAIN: &str = "Start it again";
pub const NOT_WITH_REWARD: &str =
    "The run's gater is told a reward, which has no slope: those that need one cannot be measured on the network.";

/// Why the laboratory has no worker.
pub fn broken(why: &str) -> String {
    format!("{why}. The run in the other room goes on.")
}

/// A number with five digits and a power of ten: `1.5625e-2`.
pub fn scientific(value: f64) -> String {
    if value == 0.0 { "0".to_owned() } else { format!("{value:.4e}").replace('-', "−") }
}

/// A number with three digits or so, for sentences and axes.
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
