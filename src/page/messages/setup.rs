//! Network and digits.

use super::numbers;
use gatelab_engine::schema::DataChoice;

pub const TITLE: &str = "Set-up";
pub const CAPTION: &str = "Begins a new run from the same seed.";
pub const NETWORK: &str = "Network";
pub const DIGITS: &str = "Digits";
pub const STRUCTURE: &str = "Sizes";
pub const APPLY: &str = "Restart with these";
pub const APPLIES: &str = "applies on restart";
pub const AS_PRESET: &str = "as the preset has them";
pub const CHOOSE_FILES: &str = "Choose IDX files";
pub const DROP_HINT: &str = "or drop the two or four files here";
pub const ARRIVING: &str = "Digits arriving";

/// A data choice's name and what it is.
pub const fn data(choice: DataChoice) -> (&'static str, &'static str) {
    match choice {
        DataChoice::Mnist => ("MNIST", "handwritten digits"),
        DataChoice::Strokes => ("Stroke digits", "drawn by the program"),
        DataChoice::Own => ("Own files", "IDX format, read on this device"),
    }
}

/// How far a transfer is.
pub fn progress(bytes: u64, bytes_total: u64, ready: usize, planned: usize) -> String {
    if bytes_total > 0 {
        return format!("{} of {}", numbers::megabytes(bytes), numbers::megabytes(bytes_total));
    }
    format!("{} of {} digits", numbers::grouped(ready as u64), numbers::grouped(planned as u64))
}
