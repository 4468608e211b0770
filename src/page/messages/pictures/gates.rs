//! The gates panel.

use super::{grouped, percent};

/// Title.
pub const TITLE: &str = "Gates firing";
/// Tabs, in order.
pub const TABS: [&str; 3] = ["Spikes", "Probes", "Rates"];
/// Choice of what the spikes are of.
pub const OF: &str = "Spikes of";
/// The minibatch.
pub const MINIBATCH: &str = "minibatch";
/// Order of bars.
pub const ORDER: &str = "Order";
/// By size.
pub const SORTED: &str = "by rate";
/// By number.
pub const BY_NUMBER: &str = "by number";
/// What the arrow keys do.
pub const PINNED: &str = "Pinned gate";
/// Axis.
pub const TARGET: &str = "target";
/// Band of dead gates.
pub const DEAD: &str = "dead";
/// Gates that are always on.
pub const ALWAYS_ON: &str = "always on";
/// Gates that are neither.
pub const IN_USE: &str = "in use";

/// The pinned digit as a choice.
pub fn one_digit(class: Option<&str>) -> String {
    class.map_or_else(|| "one digit".to_owned(), |class| format!("one “{class}”"))
}

/// Caption of the spikes; `stride` steps from one column to the next.
pub fn spikes(gates: usize, per_row: usize, stride: u64) -> String {
    let rows = rows(gates, per_row);
    if stride > 1 {
        format!("{rows}, one column = one step in {}", grouped(stride))
    } else {
        format!("{rows}, one column = one step")
    }
}

/// Caption of the probes.
pub fn probes(gates: usize, per_row: usize, probes: usize) -> String {
    format!("{}, P(fires) for {probes} fixed digits", rows(gates, per_row))
}

/// Caption of the rates.
pub fn rates(gates: usize) -> String {
    format!("share of training digits that open each of {} gates", grouped(gates as u64))
}

fn rows(gates: usize, per_row: usize) -> String {
    let gates = grouped(gates as u64);
    if per_row > 1 { format!("{gates} gates, {per_row} to a row") } else { format!("{gates} gates") }
}

/// Unit of the summary row.
pub fn of_open(gates: usize) -> String {
    format!("of {} open", grouped(gates as u64))
}

/// Summary for screen readers.
pub fn summary(open: f32, gates: usize, dead: usize, always: usize, in_use: usize) -> String {
    format!("{open:.1} of {gates} gates open for a digit on average; {dead} dead, {always} always on, {in_use} in use.")
}

/// A gate's firing probability for the example under the pointer.
pub fn answer(class: &str, probability: f64) -> String {
    format!("P(fires | this “{class}”) = {}", percent(probability))
}

/// How often a gate was open in the raster.
pub fn opened(times: usize, of: usize) -> String {
    format!("open in {times} of the {of} steps shown")
}
