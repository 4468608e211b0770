//! The classes panel.

/// Title.
pub const TITLE: &str = "What each gate responds to";
const SORTED: &str = "P(fires | digit), gates sorted by favourite digit";
const NUMBERED: &str = "P(fires | digit), gates by number";
/// Choice.
pub const ORDER: &str = "Order of gates";
/// By favourite.
pub const BY_FAVOURITE: &str = "by favourite";
/// By number.
pub const BY_NUMBER: &str = "by number";

/// Caption.
pub fn caption(numbered: bool, per_column: usize) -> String {
    let order = if numbered { NUMBERED } else { SORTED };
    if per_column > 1 { format!("{order}, {per_column} to a column") } else { order.to_owned() }
}

/// Gates by favourite digit, in words.
pub fn summary(counts: &[usize; 10], none: usize) -> String {
    let list: Vec<String> = counts.iter().enumerate().map(|(digit, n)| format!("{n} for {digit}")).collect();
    format!("Gates by the digit they fire for most: {}; {none} for none.", list.join(", "))
}

/// A cell.
pub fn cell(class: usize, share: &str) -> String {
    format!("P(fires | {class}) = {share}")
}
