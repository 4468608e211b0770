//! Whole training steps in the browser beside those of another checkout, such as the state before a change.

use anyhow::Result;
use serde_json::{Value, json};

use super::options::Options;
use super::plan::{self, Entry, What};
use super::results::{Results, grouped};
use super::table::Table;

/// Steps of NET-SMALL and NET-PAPER: all experts active, and active experts only. Both checkouts get one configuration, of the first
/// version, which every build reads.
pub(super) fn plan(catalogue: &Value, options: &Options) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for case in plan::list(catalogue, "steps")? {
        let (net, mode) = (plan::text(&case["net"]), plan::text(&case["mode"]));
        if net == "classroom" || !["exact", "on-only"].contains(&mode.as_str()) {
            continue;
        }
        let what = What::Steps(net, case["batch"].as_u64().unwrap_or_default(), mode);
        let mut job = plan::steps(case, options.seconds);
        job["config"]["version"] = json!(1);
        entries.extend(["here", "against"].map(|checkout| Entry::new(checkout, what.clone(), job.clone())));
    }
    entries.retain(|entry| options.wants(&entry.name()));
    Ok(entries)
}

/// A row for each case.
pub(super) fn table(results: &Results) -> Table {
    let head = ["case", "here, examples/s", "the other, examples/s", "here ÷ other, medians", "fastest ÷ fastest"];
    let mut table = Table::new("Steps here, and in the other checkout".to_owned(), &head);
    for here in results.entries.iter().filter(|entry| entry.peer == "here") {
        let what = &here.what;
        let (Some(ours), Some(theirs)) = (results.rates("here", what), results.rates("against", what)) else {
            let failure = results.entries.iter().find_map(|entry| entry.failure.clone());
            table.rows.push(vec![what.to_string(), failure.unwrap_or_default()]);
            continue;
        };
        let best = results.ratio_at_best(("here", what), ("against", what));
        table.rows.push(vec![
            what.to_string(),
            ours.write(grouped),
            theirs.write(grouped),
            format!("{:.3}", ours.median() / theirs.median()),
            best.map_or_else(|| "–".to_owned(), |best| format!("{best:.3}")),
        ]);
    }
    table
}
