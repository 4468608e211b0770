//! The panel of one digit.

use super::{grouped, percent};

/// Title.
pub const TITLE: &str = "One digit through the network";
/// Before.
pub const PREVIOUS: &str = "Previous digit";
/// Next.
pub const NEXT: &str = "Next digit";
/// A gate that is open.
pub const OPEN: &str = "open";
/// A gate that is closed.
pub const CLOSED: &str = "closed";

/// Caption.
pub fn opened(open: usize, gates: usize) -> String {
    format!("{} of {} gates opened", grouped(open as u64), grouped(gates as u64))
}

/// Prediction and label.
pub fn verdict(class: &str, guess: &str, probability: f64) -> String {
    let share = percent(probability);
    if class == guess {
        format!("right: {guess}, {share} sure")
    } else {
        format!("says {guess}, {share} sure; it is {class}")
    }
}

/// Summary for screen readers.
pub fn summary(class: &str, open: usize, gates: usize, guess: &str, probability: f64) -> String {
    format!(
        "An example of {class}. {open} of {gates} gates opened. Most probable class: {guess}, {}.",
        percent(probability)
    )
}

/// Place among the probe digits.
pub fn place(index: usize, of: usize) -> String {
    format!("{} of {of}", index + 1)
}
