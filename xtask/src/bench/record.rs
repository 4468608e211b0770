//! Everything as JSON, and what it was measured on.

use serde_json::{Value, json};

use super::options::Options;
use super::peers::Peer;
use super::results::Results;
use super::setup::Setup;
use super::targets;

/// How busy the machine is: running programs on average over one, five and fifteen minutes.
pub(super) fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// Processor, versions, load before and after.
pub(super) fn machine(setup: &Setup, before: &str) -> Value {
    let processor = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = processor.lines().find(|line| line.starts_with(name))?;
        line.split_once(':').map(|(_, value)| value.trim().to_owned())
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let versions: serde_json::Map<_, _> =
        setup.versions.iter().map(|(name, text)| (name.clone(), json!(text))).collect();
    json!({
        "processor": field("model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        "family": field("cpu family"), "cores": cores, "system": std::env::consts::OS,
        "load": { "before": before, "after": load() }, "versions": versions,
    })
}

/// The same in one line.
pub(super) fn in_words(machine: &Value) -> String {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let versions = machine["versions"].as_object().into_iter().flatten();
    let versions: Vec<String> = versions.map(|(name, text)| format!("{name} {}", word(text))).collect();
    format!(
        "{} × {}; {}; load {} before, {} after",
        machine["cores"],
        word(&machine["processor"]),
        versions.join(", "),
        word(&machine["load"]["before"]),
        word(&machine["load"]["after"])
    )
}

/// Everything.
pub(super) fn all(machine: &Value, options: &Options, peers: &[Peer], results: &Results) -> Value {
    let entries = results.entries.iter().map(|entry| {
        json!({
            "peer": entry.peer, "what": entry.what.to_string(), "job": entry.job,
            "median": results.rates(entry.peer, &entry.what).map(|rates| rates.median()),
            "rounds": entry.rounds.iter().map(|round| round.rate).collect::<Vec<_>>(),
            "fastest": entry.rounds.iter().map(|round| round.fastest).collect::<Vec<_>>(),
            "waited": entry.rounds.iter().map(|round| round.waited).collect::<Vec<_>>(), "last": entry.outcome, "failure": entry.failure,
        })
    });
    let targets = targets::all(results);
    let targets = targets.iter().map(|target| {
        json!({ "name": target.name, "must": target.must, "aim": target.aim, "values": target.values.as_ref().map(|figures| &figures.values), "at_best": target.at_best, "verdict": target.verdict() })
    });
    let live = results.live.as_ref().map(|live| match live {
        Ok(live) => json!({ "examples_per_second": live.examples_per_second, "memory": live.memory }),
        Err(error) => json!({ "failure": format!("{error:#}") }),
    });
    json!({
        "machine": machine,
        "rounds": options.rounds, "seconds": options.seconds, "quick": options.quick,
        "peers": peers.iter().map(|peer| json!({ "id": peer.id, "name": peer.name })).collect::<Vec<_>>(),
        "entries": entries.collect::<Vec<_>>(),
        "targets": targets.collect::<Vec<_>>(),
        "live": live,
    })
}
