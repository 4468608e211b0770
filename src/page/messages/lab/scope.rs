//! The microscope.

use super::super::pictures::{amount, grouped, percent};
use crate::page::lab::state::{Column, DIGITS, Metric};
use gatelab_engine::lab::WithError;

pub const TITLE: &str = "Gradient microscope";
pub const LOOK: &str = "Look now";
pub const LOOK_HINT: &str = "Freezes the network as it is at this moment";
pub const FOLLOW: &str = "Follow training";
pub const FOLLOW_HINT: &str = "Freezes it again every 15 seconds or every half epoch, whichever is later";
pub const NOISE_OF: &str = "Noise";
pub const PER_DRAW: &str = "per draw";
pub const EQUAL_COST: &str = "at equal cost";
pub const EQUAL_COST_MEANS: &str =
    "Equal cost: as many draws as the multiply-adds of one pass with every gate open would pay for.";
pub const WAITING: &str = "Waiting for the first steps of the run";
pub const NOBODY: &str = "No estimator is ticked that can be measured.";
pub const ZERO: &str = "0 within error";
pub const NOT_YET: &str = "…";
pub const SIGNS: [&str; 3] = ["agree", "opposite", "silent"];
pub const SCATTER: &str = "Every gate and digit";
pub const SCATTER_X: &str = "exact gradient";
pub const SCATTER_Y: &str = "mean estimate";
pub const HISTORY: &str = "Along training";
pub const HISTORY_EMPTY: &str = "One moment so far. Follow training, or look again later, and the lines begin.";
pub const QUANTITY: &str = "Quantity along training";
pub const TABLE: &str = "Estimators measured on the frozen network";
pub const FOOT: &str =
    "Direction: thin mark one draw, thick mark the mean of all. Click a column's head to sort, a row to see its gates.";

/// What it does, in a sentence.
pub fn what(step: Option<u64>) -> String {
    let when = step.map_or_else(String::new, |step| format!(" at step {}", grouped(step)));
    format!(
        "A copy of the network{when}, frozen, with {DIGITS} fixed digits: every estimator draws its gradient again and again, \
         and the exact gradient is the judge."
    )
}

/// How well the judge is known.
pub fn judge(error: Option<f64>) -> String {
    match error {
        None => "The exact gradient is being averaged …".to_owned(),
        Some(0.0) => "The exact gradient is enumerated: no error.".to_owned(),
        Some(error) => format!("The exact gradient is an average known to ± {} of its length.", percent(error)),
    }
}

/// A column's head.
pub const fn column(column: Column) -> &'static str {
    match column {
        Column::Name => "Estimator",
        Column::Bias => "Relative bias, %",
        Column::Noise => "Noise to signal",
        Column::Direction => "Direction: cosine",
        Column::Signs => "Signs",
        Column::Cost => "Cost a draw",
    }
}

/// What a column means.
pub const fn column_hint(column: Column) -> &'static str {
    match column {
        Column::Name => "In the order of the list",
        Column::Bias => {
            "Distance of the mean estimate from the exact gradient, relative to its length, noise taken out"
        }
        Column::Noise => "Sum of the variances over the squared length of the exact gradient",
        Column::Direction => "Cosine between estimate and exact gradient: of one draw (line), of the mean (dot)",
        Column::Signs => "Share of gates whose estimate has the right sign, the wrong one, or is exactly zero",
        Column::Cost => "Multiply-adds per digit, counted in the kernels",
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

/// A bias with its error.
pub fn bias(bias: WithError) -> String {
    format!("{} ± {}", percent(bias.value), percent(bias.error))
}

/// A bias that noise may make up.
pub fn no_bias(bias: WithError) -> String {
    format!("{ZERO} (± {})", percent((bias.value + 2.0 * bias.error).max(0.0)))
}

/// An estimator with an objective of its own.
pub fn own_objective(distance: WithError) -> String {
    format!(
        "another objective: its gradient is {} ± {} away from that of plain coins",
        percent(distance.value),
        percent(distance.error)
    )
}

/// Noise to signal.
pub fn noise(value: f64) -> String {
    match value {
        v if v >= 9950.0 => format!("{} ×", amount(v)),
        v if v >= 9.95 => format!("{v:.0} ×"),
        v if v >= 0.0995 => format!("{v:.1} ×"),
        v if v > 0.0 => format!("{v:.3} ×"),
        _ => "none".to_owned(),
    }
}

/// A tick of a log axis.
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

/// Signs in words.
pub fn signs([agree, opposite, silent]: [f64; 3]) -> String {
    format!("{} agree, {} opposite, {} silent", percent(agree), percent(opposite), percent(silent))
}

/// How many draws there are.
pub fn draws(samples: u64) -> String {
    format!("{} draws", grouped(samples))
}

/// A moment of training, under its place on the axis.
pub fn at_step(step: u64) -> String {
    format!("step {}", grouped(step))
}

/// The scatter, in words.
pub fn scatter(name: &str, points: usize) -> String {
    format!("{name}: mean estimate against exact gradient, {} entries", grouped(points as u64))
}

/// The lines along training, in words.
pub fn history(metric_name: &str, moments: usize) -> String {
    format!("{metric_name} of each estimator at {moments} moments of training")
}
