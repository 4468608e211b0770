//! The curves panel.

use super::{grouped, reading};

/// Tabs, in order.
pub const TABS: [&str; 3] = ["error", "loss", "gates"];
/// Titles by tab.
pub const TITLES: [&str; 3] = ["Validation error, %", "Training loss, nats", "Gates open, %"];
/// Unit of the step axis.
pub const STEPS: &str = "steps";
/// The tab list's name.
pub const QUANTITY: &str = "Quantity";
/// Smoothing.
pub const SMOOTHING: &str = "Smoothing";
/// No smoothing.
pub const RAW: &str = "off";
/// The runs' list.
pub const RUNS: &str = "Runs";
/// Target line.
pub const TARGET: &str = "target";
/// What the arrow keys do.
pub const PINNED: &str = "Step to read";
/// Disclosure.
pub const TABLE: &str = "Evaluations as a table";
/// Table heads.
pub const HEADS: [&str; 3] = ["Step", "Validation error", "Open gates"];
/// No evaluation yet.
pub const EMPTY: &str = "No evaluation yet.";

/// A step under the crosshair.
pub fn step(step: u64) -> String {
    format!("step {}", grouped(step))
}

/// Removes a run.
pub fn remove(name: &str) -> String {
    format!("Remove {name}")
}

/// A run in the summary.
pub fn run(name: &str, value: Option<f64>, step: u64) -> String {
    value.map_or_else(
        || format!("{name}: nothing measured yet"),
        |value| format!("{name}: {} at step {}", reading(value), grouped(step)),
    )
}

/// A tick of the step axis.
pub fn tick(step: u64) -> String {
    match step {
        0 => "0".to_owned(),
        s if s >= 1_000_000 && s.is_multiple_of(100_000) => format!("{} M", s as f64 / 1e6),
        s if s >= 1000 && s.is_multiple_of(100) => format!("{} k", s as f64 / 1e3),
        s => s.to_string(),
    }
}

/// A tick of the value axis.
pub fn value_tick(value: f64) -> String {
    value.to_string()
}

/// Smallest and largest of several points.
pub fn spread(low: f64, high: f64) -> String {
    format!("{}–{}", reading(low), reading(high))
}

/// A share with two decimals.
pub fn exact_percent(share: f64) -> String {
    format!("{:.2} %", share * 100.0)
}

/// Smoothing, in words.
pub fn half_life(steps: f64) -> String {
    match steps.round() as u64 {
        0 | 1 => "1 step".to_owned(),
        steps => format!("{} steps", grouped(steps)),
    }
}
