//! Whole training steps with every kernel set of the browser: what each family of hand-written kernels gains over the same in Rust.

use anyhow::Result;
use serde_json::Value;

use super::options::Options;
use super::plan::{self, Entry, What};
use super::results::{Results, grouped};
use super::table::Table;

/// The names of the kernel sets, each with the set of the same arithmetic whose kernels are all written as text.
/// `gatelab_kernels::backend::load_variants` defines them.
pub(super) const SETS: [(&str, &str); 15] = [
    ("module", "module"),
    ("module, tiles in Rust", "module"),
    ("module, sparse in Rust", "module"),
    ("module, masked in Rust", "module"),
    ("module, scatter in Rust", "module"),
    ("module, momentum in Rust", "module"),
    ("intrinsics", "module"),
    ("portable", "module"),
    ("relaxed module", "relaxed module"),
    ("relaxed module, tiles in Rust", "relaxed module"),
    ("relaxed module, sparse in Rust", "relaxed module"),
    ("relaxed module, masked in Rust", "relaxed module"),
    ("relaxed module, scatter in Rust", "relaxed module"),
    ("relaxed module, momentum in Rust", "relaxed module"),
    ("relaxed intrinsics", "relaxed module"),
];

/// Steps of NET-SMALL and NET-PAPER: all experts active, and active experts only.
pub(super) fn plan(catalogue: &Value, options: &Options) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for case in plan::list(catalogue, "steps")? {
        let (net, mode) = (plan::text(&case["net"]), plan::text(&case["mode"]));
        if net == "classroom" || !["exact", "on-only"].contains(&mode.as_str()) {
            continue;
        }
        let what = What::Steps(net, case["batch"].as_u64().unwrap_or_default(), mode);
        let entry = |(set, _)| Entry::new(set, what.clone(), plan::steps(case, options.seconds));
        entries.extend(SETS.map(entry));
    }
    entries.retain(|entry| options.wants(&entry.name()));
    Ok(entries)
}

/// A table for each case, with the fastest chunk of the text divided by that of each set.
pub(super) fn tables(results: &Results) -> Vec<Table> {
    let mut cases: Vec<&What> = results.entries.iter().map(|entry| &entry.what).collect();
    cases.sort_by_key(ToString::to_string);
    cases.dedup();
    cases.into_iter().map(|what| table(results, what)).collect()
}

fn table(results: &Results, what: &What) -> Table {
    let head = ["kernel set", "examples/s", "lowest – highest", "fastest", "text ÷ set, fastest ÷ fastest"];
    let mut table = Table::new(what.to_string(), &head);
    for (set, text) in SETS {
        let Some(entry) = results.entry(set, what) else { continue };
        let (Some(rates), Some(fastest)) = (results.rates(set, what), results.fastest(set, what)) else {
            table.rows.push(vec![set.to_owned(), entry.failure.clone().unwrap_or_default()]);
            continue;
        };
        let (low, high) = rates.range();
        let gain = results.ratio_at_best((text, what), (set, what));
        table.rows.push(vec![
            set.to_owned(),
            rates.write(grouped),
            format!("{} – {}", grouped(low), grouped(high)),
            grouped(fastest),
            gain.map_or_else(|| "–".to_owned(), |gain| format!("{gain:.3}")),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::plan::Round;

    #[test]
    fn gains_are_of_the_fastest_chunks_of_one_arithmetic() {
        let what = What::steps("small", 32, "exact");
        let entry = |set, rates: &[f64]| Entry {
            rounds: rates.iter().map(|&rate| Round { rate, fastest: 2.0 * rate, waited: 0.0 }).collect(),
            ..Entry::new(set, what.clone(), Value::Null)
        };
        let entries = vec![
            entry("module", &[100.0, 110.0]),
            entry("intrinsics", &[100.0, 88.0]),
            entry("relaxed module", &[150.0]),
            entry("relaxed intrinsics", &[120.0]),
        ];
        let tables = tables(&Results { entries, live: None });
        assert_eq!(tables.len(), 1);
        let gains: Vec<(&str, &str)> = tables[0].rows.iter().map(|row| (row[0].as_str(), row[4].as_str())).collect();
        let expected = [
            ("module", "1.000"),
            ("intrinsics", "1.100"),
            ("relaxed module", "1.000"),
            ("relaxed intrinsics", "1.250"),
        ];
        assert_eq!(gains, expected);
    }
}
