//! Tables for the terminal: each column as wide as its widest cell, numbers aligned to the right.

use gatelab_engine::lab::{Estimate, Row};

/// A table, built row by row.
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these headings.
    pub(super) fn new(headings: &[&str]) -> Self {
        Self { rows: vec![headings.iter().map(|h| (*h).to_owned()).collect()] }
    }

    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The table as text: the first column aligned to the left, the others to the right.
    pub(super) fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width =
            |c: usize| self.rows.iter().filter_map(|row| row.get(c)).map(|s| s.chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let cells = row.iter().zip(&widths).enumerate().map(|(c, (cell, &w))| {
                let padding = " ".repeat(w - cell.chars().count());
                if c == 0 { format!("{cell}{padding}") } else { format!("{padding}{cell}") }
            });
            format!("| {} |", cells.collect::<Vec<_>>().join(" | "))
        };
        let rule = widths.iter().map(|w| "-".repeat(w + 2)).collect::<Vec<_>>().join("|");
        let mut lines: Vec<String> = self.rows.iter().map(line).collect();
        lines.insert(1, format!("|{rule}|"));
        lines.join("\n")
    }
}

/// Headings of [`metrics`].
pub(super) const METRICS: [&str; 9] =
    ["draws", "rel. bias", "±", "noise/signal", "equal cost", "cos one", "cos mean", "agree/opp/silent %", "mult-adds"];

/// The cells of a row's metrics, in the order of [`METRICS`].
pub(super) fn metrics(row: &Row) -> Vec<String> {
    let m = &row.metrics;
    let (bias, error) = match m.relative_bias {
        Some(Estimate { value, error }) => (format!("{value:.4}"), format!("{error:.4}")),
        None => ("–".into(), "–".into()),
    };
    let [agree, opposite, silent] = m.signs.map(|share| 100.0 * share);
    vec![
        m.samples.to_string(),
        bias,
        error,
        short(m.noise_to_signal),
        short(m.noise_at_equal_cost),
        format!("{:.3}", m.cosine_of_one),
        format!("{:.3}", m.cosine_of_mean),
        format!("{agree:.0}/{opposite:.0}/{silent:.0}"),
        format!("{:.0}", m.multiply_adds),
    ]
}

/// A number with about three digits.
pub(super) fn short(x: f64) -> String {
    match x.abs() {
        0.0 => "0".into(),
        size if !(0.001..10_000.0).contains(&size) => format!("{x:.2e}"),
        size if size < 1.0 => format!("{x:.4}"),
        size if size < 100.0 => format!("{x:.2}"),
        _ => format!("{x:.0}"),
    }
}

/// A number in scientific notation with four decimals.
pub(super) fn scientific(x: f64) -> String {
    if x == 0.0 { "0".into() } else { format!("{x:.4e}") }
}
