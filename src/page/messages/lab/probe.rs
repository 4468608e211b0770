//! Texts of the gradient microscope, the panel of the gradient probe.

use super::super::pictures::{amount, grouped, percent};
use crate::page::lab::state::{Column, DIGITS, Metric};
use gatelab_engine::lab::Estimate;

pub const TITLE: &str = "Gradient microscope";
pub const LOOK: &str = "Look now";
pub const LOOK_HINT: &str = "Takes a copy of the network as it is now";
pub const FOLLOW: &str = "Follow training";
pub const FOLLOW_HINT: &str = "Takes a new copy every 15 seconds or every half epoch, whichever is later";
pub const NOISE_OF: &str = "Noise";
pub const PER_DRAW: &str = "per draw";
pub const EQUAL_COST: &str = "at equal cost";
pub const EQUAL_COST_MEANS: &str =
    "Equal cost: the noise of as many draws as one pass with every gate open costs in multiply-adds.";
pub const WAITING: &str = "The first copy is taken after the first steps of the run.";
pub const NONE_MEASURABLE: &str = "No ticked estimator can be measured on this run.";
pub const ZERO: &str = "0 within error";
pub const NOT_YET: &str = "…";
pub const SIGNS: [&str; 3] = ["agree", "opposite", "silent"];
pub const SCATTER: &str = "Every gate and digit";
pub const SCATTER_X: &str = "exact gradient";
pub const SCATTER_Y: &str = "mean estimate";
pub const HISTORY: &str = "Along training";
pub const HISTORY_EMPTY: &str =
    "1 copy so far. Lines are drawn from 2 copies on: follow training, or look again later.";
pub const QUANTITY: &str = "Quantity along training";
pub const TABLE: &str = "Estimators measured on the frozen network";
pub const FOOT: &str = "Direction: the thin mark is one draw, the thick mark is the mean. Click a heading to sort, a row to see its gates.";

/// What the panel shows.
pub fn what(step: Option<u64>) -> String {
    let when = step.map_or_else(String::new, |step| format!(" at step {}", grouped(step)));
    format!(
        "A copy of the network{when} and {DIGITS} fixed digits. Every estimator draws its gradient many times and is compared \
         with the exact gradient."
    )
}

/// How well the reference gradient is known, from the relative standard error of its length.
pub fn reference(error: Option<f64>) -> String {
    match error {
        None => "The exact gradient is not known yet.".to_owned(),
        Some(0.0) => "The exact gradient is enumerated over all gate states: no error.".to_owned(),
        Some(error) => format!("The exact gradient is an average, known to ± {} of its length.", percent(error)),
    }
}

/// A column's heading.
pub const fn column(column: Column) -> &'static str {
    match column {
        Column::Name => "Estimator",
        Column::Bias => "Relative bias, %",
        Column::Noise => "Noise to signal",
        Column::Direction => "Direction: cosine",
        Column::Signs => "Signs",
        Column::Cost => "Cost per draw",
    }
}

/// What a column means.
pub const fn column_hint(column: Column) -> &'static str {
    match column {
        Column::Name => "Sorts in the order of the list",
        Column::Bias => {
            "Distance between mean estimate and exact gradient, relative to the length of the exact gradient, corrected for noise"
        }
        Column::Noise => "Sum of the variances, divided by the squared length of the exact gradient",
        Column::Direction => "Cosine between estimate and exact gradient: one draw (thin mark), the mean (thick mark)",
        Column::Signs => "Share of gates whose estimate has the right sign, the wrong sign, or is 0",
        Column::Cost => "Multiply-adds per digit, as counted",
    }
}

/// A quantity along training.
pub const fn metric(metric: Metric) -> &'static str {
    match metric {
        Metric::Bias => "bias",
        Metric::Noise => "noise",
        Metric::Direction => "cosine",
    }
}

/// A bias with its standard error.
pub fn bias(bias: Estimate) -> String {
    format!("{} ± {}", percent(bias.value), percent(bias.error))
}

/// A bias that is 0 within its error.
pub fn no_bias(bias: Estimate) -> String {
    format!("{ZERO} (± {})", percent((bias.value + 2.0 * bias.error).max(0.0)))
}

/// An estimator with its own objective; `known` is false if the objective's gradient is approximate.
pub fn own_objective(distance: Estimate, known: bool) -> String {
    format!(
        "own objective: its {}gradient differs by {} ± {} from that of 0/1 gates",
        if known { "" } else { "approximate " },
        percent(distance.value),
        percent(distance.error)
    )
}

/// Noise to signal; a value that is not finite is named as such.
pub fn noise(value: f64) -> String {
    match value {
        v if !v.is_finite() => "not finite".to_owned(),
        v if v >= 9950.0 => format!("{} ×", amount(v)),
        v if v >= 9.95 => format!("{v:.0} ×"),
        v if v >= 0.0995 => format!("{v:.1} ×"),
        v if v > 0.0 => format!("{v:.3} ×"),
        _ => "none".to_owned(),
    }
}

/// A tick of a logarithmic axis.
pub fn decade(exponent: i32) -> String {
    match exponent {
        -2 => "0.01".to_owned(),
        -1 => "0.1".to_owned(),
        0..=3 => format!("{}", 10_u32.pow(exponent.unsigned_abs())),
        _ => format!("10{}", superscript(exponent)),
    }
}

fn superscript(number: i32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    let sign = if number < 0 { "⁻" } else { "" };
    let digits = number.unsigned_abs().to_string();
    let digits = digits.bytes().filter_map(|digit| DIGITS.get(usize::from(digit - b'0')));
    format!("{sign}{}", digits.collect::<String>())
}

/// Two cosines.
pub fn cosines(one: f64, mean: f64) -> String {
    format!("{one:.2} → {mean:.2}").replace('-', "−")
}

/// The three shares of signs.
pub fn signs([agree, opposite, silent]: [f64; 3]) -> String {
    format!("{} agree, {} opposite, {} silent", percent(agree), percent(opposite), percent(silent))
}

/// The number of draws.
pub fn draws(samples: u64) -> String {
    format!("{} draws", grouped(samples))
}

/// A step of training, under the axis.
pub fn at_step(step: u64) -> String {
    format!("step {}", grouped(step))
}

/// Description of the scatter plot for screen readers.
pub fn scatter(name: &str, points: usize) -> String {
    format!("{name}: mean estimate against exact gradient, {} entries", grouped(points as u64))
}

/// Description of the lines along training for screen readers.
pub fn history(metric_name: &str, moments: usize) -> String {
    format!("{metric_name} of each estimator at {moments} steps of training")
}
