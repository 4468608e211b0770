//! Texts of the set-up: network and data.

use super::numbers;
use gatelab_engine::schema::DataChoice;

pub const TITLE: &str = "Set-up";
pub const CAPTION: &str = "Begins a new run from the same seed.";
pub const NETWORK: &str = "Network";
pub const DIGITS: &str = "Data";
pub const STRUCTURE: &str = "Sizes";
pub const APPLY: &str = "Restart with these";
pub const APPLIES: &str = "applies on restart";
pub const AS_PRESET: &str = "as the preset has them";
pub const CHOOSE_FILES: &str = "Choose IDX files";
pub const DROP_HINT: &str = "or drop the two or four files here, with a .txt file of ten class names if you like";
pub const ARRIVING: &str = "Data arriving";

/// A data choice in a few words.
pub const fn about(choice: DataChoice) -> &'static str {
    match choice {
        DataChoice::Mnist => "handwritten digits",
        DataChoice::Strokes => "drawn by the program",
        DataChoice::Own => "IDX format, read on this device",
    }
}

/// Progress of a transfer.
pub fn progress(bytes: u64, bytes_total: u64, ready: usize, planned: usize) -> String {
    if bytes_total > 0 {
        return format!("{} of {}", numbers::megabytes(bytes), numbers::megabytes(bytes_total));
    }
    format!("{} of {} examples", numbers::grouped(ready as u64), numbers::grouped(planned as u64))
}
