//! What an example costs as NET-SMALL grows: batch size, gates, units per gate, each by itself.

use anyhow::Result;
use serde_json::Value;

use super::options::Options;
use super::plan::{self, Entry, What};
use super::results::{Results, grouped};
use super::table::Table;

/// The strict build, exact.
pub(super) fn plan(catalogue: &Value, options: &Options) -> Result<Vec<Entry>> {
    let entry = |row: &Value| {
        let what = What::Scaled(plan::text(&row[0]), row[1].as_u64().unwrap_or(1));
        Entry::new("strict", what, plan::steps(&row[2], options.seconds))
    };
    let entries = plan::list(catalogue, "scaling")?.iter().map(entry);
    Ok(entries.filter(|entry| options.wants(&entry.name())).collect())
}

/// Time per example and per multiply-add.
pub(super) fn table(results: &Results) -> Table {
    let head =
        ["", "examples/s", "µs per example", "of ×1", "multiply-adds per example", "of ×1", "ps per multiply-add"];
    let mut table = Table::new("NET-SMALL, exact-sparse, in the browser, as it grows", &head);
    let mut entries: Vec<&Entry> = results.entries.iter().collect();
    entries.sort_by_key(|entry| match &entry.what {
        What::Scaled(what, factor) => (what.clone(), *factor),
        other => (other.to_string(), 0),
    });
    let mut first = None;
    for entry in entries {
        let What::Scaled(_, factor) = entry.what else { continue };
        let Some(rates) = results.rates(entry.peer, &entry.what) else {
            table.rows.push(vec![entry.what.to_string(), entry.failure.clone().unwrap_or_default()]);
            continue;
        };
        let work = |key: &str| entry.outcome["work"][key].as_f64().unwrap_or(f64::NAN);
        let (rate, work) = (rates.median(), work("forward") + work("backward"));
        if factor == 1 {
            first = Some((rate, work));
        }
        let (first_rate, first_work) = first.unwrap_or((f64::NAN, f64::NAN));
        table.rows.push(vec![
            entry.what.to_string(),
            rates.write(grouped),
            format!("{:.2}", 1e6 / rate),
            format!("{:.2}", first_rate / rate),
            grouped(work),
            format!("{:.2}", work / first_work),
            format!("{:.1}", 1e12 / rate / work),
        ]);
    }
    table
}
