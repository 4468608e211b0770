//! Results as tables: products beside the peak, and steps of each network and batch size beside each other.

use serde_json::Value;

use super::peers::Peer;
use super::plan::{ENGINES, Entry, What};
use super::results::{Figures, Results, grouped};
use super::table::Table;

/// Whom all others are compared with.
const YARDSTICK: &str = "tfjs-tuned";

/// Every table that has rows.
pub(super) fn all(peers: &[Peer], results: &Results) -> Vec<Table> {
    let mut tables = vec![products(results)];
    for (net, title) in [("small", "NET-SMALL"), ("paper", "NET-PAPER"), ("classroom", "Classroom")] {
        for batch in [32, 128] {
            tables.push(steps(peers, results, net, batch, &format!("{title}, batch {batch}")));
        }
    }
    tables.push(work(results));
    tables.retain(|table| !table.rows.is_empty());
    tables
}

fn products(results: &Results) -> Table {
    let head = ["GFLOP/s, and share of the peak", "browser, strict", "browser, relaxed", "native"];
    let mut table = Table::new("Matrix products", &head);
    let mut names: Vec<&What> = results.entries.iter().map(|entry| &entry.what).collect();
    names.retain(|what| matches!(what, What::Product(_)));
    names.sort_by_key(ToString::to_string);
    names.dedup();
    let cell = |peer: &str, what: &What| match results.rates(peer, what) {
        Some(rates) => {
            let share = results.ratio((peer, what), (peer, &What::Peak));
            let share = share.map(|share| format!(" {:>5}", percent(share.median()))).unwrap_or_default();
            rates.write(|rate| format!("{rate:.1}")) + &share
        }
        None => "–".to_owned(),
    };
    let row = |name: String, what: &What| std::iter::once(name).chain(ENGINES.map(|peer| cell(peer, what))).collect();
    if results.entries.iter().any(|entry| entry.what == What::Peak) {
        let peak = |peer| {
            results.rates(peer, &What::Peak).map_or("–".to_owned(), |r| r.write(|rate| format!("{rate:.1}      ")))
        };
        table.rows.push(std::iter::once("registers alone (peak)".to_owned()).chain(ENGINES.map(peak)).collect());
    }
    table.rows.extend(names.into_iter().map(|what| row(what.to_string().replace("gemm ", ""), what)));
    table
}

fn steps(peers: &[Peer], results: &Results, net: &str, batch: u64, title: &str) -> Table {
    let head = [title_of_first_column(), "examples/s", "lowest – highest", "÷ TF.js tuned", "loss", "gates open"];
    let mut table = Table::new(title, &head);
    let yardstick = What::steps(net, batch, "exact");
    for peer in peers {
        let mut own: Vec<&Entry> = results
            .entries
            .iter()
            .filter(|entry| {
                entry.peer == peer.id && matches!(&entry.what, What::Steps(n, b, _) if n == net && *b == batch)
            })
            .collect();
        own.sort_by_key(|entry| entry.what.to_string());
        for entry in own {
            let name = match &entry.what {
                What::Steps(_, _, mode) if ENGINES.contains(&peer.id) => format!("{}, {}", peer.name, in_words(mode)),
                _ => peer.name.to_owned(),
            };
            let rates = results.rates(peer.id, &entry.what);
            let ratio = results.ratio((peer.id, &entry.what), (YARDSTICK, &yardstick));
            table.rows.push(steps_row(name, entry, rates, ratio));
        }
    }
    table
}

/// The reason was told in full when it came up.
fn shortened(failure: &str) -> String {
    const MOST: usize = 90;
    let line = failure.lines().next().unwrap_or_default();
    if line.chars().count() <= MOST { line.to_owned() } else { line.chars().take(MOST).chain(['…']).collect() }
}

fn title_of_first_column() -> &'static str {
    "straight-through × σ′ unless said otherwise"
}

fn steps_row(name: String, entry: &Entry, rates: Option<Figures>, ratio: Option<Figures>) -> Vec<String> {
    let Some(rates) = rates else {
        return vec![name, shortened(entry.failure.as_deref().unwrap_or("not measured"))];
    };
    let (low, high) = rates.range();
    let figure = |key: &str, write: &dyn Fn(f64) -> String| entry.outcome[key].as_f64().map_or(String::new(), write);
    vec![
        name,
        rates.write(grouped),
        format!("{} – {}", grouped(low), grouped(high)),
        ratio.map_or(String::new(), |ratio| ratio.write(|ratio| format!("{ratio:.2}"))),
        figure("loss", &|loss| format!("{loss:.3}")),
        figure("gates", &|share| format!("{:.1} %", 100.0 * share)),
    ]
}

/// A mode as the tables call it.
fn in_words(mode: &str) -> &str {
    match mode {
        "dense" => "dense",
        "exact" => "exact-sparse",
        "on-only" => "open experts only",
        "reinforce" => "REINFORCE",
        "reinforce-open" => "REINFORCE, all gates open",
        "reinforce-counted" => "REINFORCE, dense",
        other => other,
    }
}

/// Multiply-adds that the browser's strict build counted.
fn work(results: &Results) -> Table {
    let head = ["multiply-adds per example, counted", "forward", "of dense", "backward", "of dense", "experts' share"];
    let mut table = Table::new("Work done", &head);
    for entry in results.entries.iter().filter(|entry| entry.peer == "strict" && entry.failure.is_none()) {
        let work = &entry.outcome["work"];
        let What::Steps(net, batch, mode) = &entry.what else { continue };
        let number = |key: &str| work[key].as_f64().unwrap_or(f64::NAN);
        let counted = |done: &str, dense: &str| {
            [format!("{} k", grouped(number(done) / 1e3)), percent(number(done) / number(dense))]
        };
        let mut row = vec![format!("{net} {batch}, {}", in_words(mode))];
        row.extend(counted("forward", "forward_dense"));
        row.extend(counted("backward", "backward_dense"));
        row.push(if mode.starts_with("reinforce") { percent(number("experts")) } else { String::new() });
        if work != &Value::Null {
            table.rows.push(row);
        }
    }
    table.rows.sort();
    table
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}
