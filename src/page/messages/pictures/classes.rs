//! The classes panel.

/// Title.
pub const TITLE: &str = "What each gate responds to";
const SORTED: &str = "P(fires | class), gates sorted by favourite class";
const NUMBERED: &str = "P(fires | class), gates by number";
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

/// Number of gates by favourite class, in words.
pub fn summary(counts: &[usize], classes: &[String], none: usize) -> String {
    let list: Vec<String> = counts.iter().zip(classes).map(|(n, class)| format!("{n} for {class}")).collect();
    format!("Gates by the class they fire for most: {}; {none} for none.", list.join(", "))
}

/// A cell.
pub fn cell(class: &str, share: &str) -> String {
    format!("P(fires | {class}) = {share}")
}
