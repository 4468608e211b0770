//! Which peer gets which job.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::options::Options;
use super::setup::Setup;

/// Chunks of a job; its value is the median of theirs.
const CHUNKS: u32 = 10;
/// Steps that a peer learns before it is timed.
const PROOF: u32 = 200;
/// What the loss must be down to by then, nats: guessing gives ln 10 = 2.30, and all that do the same step get to about one.
const LEARNT: f64 = 1.6;

/// What is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum What {
    /// What registers alone allow.
    Peak,
    /// A matrix product, by its name.
    Product(String),
    /// Training steps: network, batch size, mode.
    Steps(String, u64, String),
    /// Training steps of NET-SMALL with something so many times larger.
    Scaled(String, u64),
}

impl What {
    pub(super) fn steps(net: &str, batch: u64, mode: &str) -> Self {
        Self::Steps(net.to_owned(), batch, mode.to_owned())
    }
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Peak => write!(f, "peak"),
            Self::Product(name) => write!(f, "gemm {name}"),
            Self::Steps(net, batch, mode) => write!(f, "{net} {batch} {mode}"),
            Self::Scaled(what, factor) => write!(f, "{what} ×{factor}"),
        }
    }
}

/// What one round gave.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    /// Median of the chunks: examples or 1e9 operations a second.
    pub rate: f64,
    /// The fastest of them.
    pub fastest: f64,
    /// Share of the time in which some program waited for a processor, 0..=1; 0 where the system does not say.
    pub waited: f64,
}

impl Round {
    /// Whether others took so much of the machine that the rate is not the peer's own.
    pub(super) fn is_disturbed(self) -> bool {
        self.waited > 0.2
    }
}

/// A job for a peer, and what came of it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its id.
    pub peer: &'static str,
    pub what: What,
    pub job: Value,
    /// One a round.
    pub rounds: Vec<Round>,
    /// The last outcome.
    pub outcome: Value,
    /// Why there is no rate.
    pub failure: Option<String>,
}

impl Entry {
    pub(super) fn new(peer: &'static str, what: What, job: Value) -> Self {
        Self { peer, what, job, rounds: Vec::new(), outcome: Value::Null, failure: None }
    }

    /// For progress and `--only`.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.peer, self.what)
    }

    /// The loss that must not be exceeded at the end of the proof.
    pub(super) fn bound(&self) -> Option<f64> {
        match &self.what {
            What::Steps(..) | What::Scaled(..) => Some(LEARNT),
            What::Peak | What::Product(_) => None,
        }
    }
}

/// Peers that are builds of the engine: they know all modes, products and the peak.
pub(super) const ENGINES: [&str; 3] = ["strict", "relaxed", "native"];

/// Everything that is compared and wanted.
pub(super) fn of(setup: &Setup, options: &Options) -> Result<Vec<Entry>> {
    let mut entries = Vec::new();
    for peer in &setup.peers {
        if ENGINES.contains(&peer.id) {
            entries.push(Entry::new(peer.id, What::Peak, peak(options)));
            for product in list(&setup.catalogue, "products")? {
                entries.push(product_entry(peer.id, product, options));
            }
        }
        for case in list(&setup.catalogue, "steps")? {
            let entry = steps_entry(peer.id, case, options);
            let What::Steps(net, batch, mode) = &entry.what else { continue };
            let wanted = match peer.id {
                "alone" => net == "classroom" && mode == "exact" && *batch == 32,
                id if ENGINES.contains(&id) => true,
                // Others have one way of computing, which is compared with the engine's exact one.
                _ => net != "classroom" && mode == "exact",
            };
            if wanted {
                entries.push(entry);
            }
        }
    }
    entries.retain(|entry| options.wants(&entry.name()) && (!options.quick || in_quick(entry)));
    Ok(entries)
}

/// What two minutes allow: little more than the targets need.
fn in_quick(entry: &Entry) -> bool {
    match (&entry.what, entry.peer) {
        (What::Peak, _) | (_, "tfjs-tuned" | "tfjs-turned" | "torch-1" | "alone") => true,
        (What::Product(_), peer) => peer == "strict",
        (What::Steps(net, batch, mode), peer) => match peer {
            "strict" if net == "classroom" => *batch == 32 && mode == "exact",
            "strict" => mode == "exact" || (net == "small" && mode != "on-only"),
            "relaxed" | "native" => net == "small" && mode == "exact",
            "js-zeros" | "tfjs-idiomatic" => net == "small" && *batch == 32,
            _ => false,
        },
        (What::Scaled(..), _) => false,
    }
}

fn peak(options: &Options) -> Value {
    json!({ "kind": "peak", "seconds": options.seconds / 10.0, "chunks": 5 })
}

fn product_entry(peer: &'static str, product: &Value, options: &Options) -> Entry {
    let mut job = product.clone();
    let name = text(&product["name"]);
    merge(&mut job, json!({ "kind": "gemm", "kernel": "default", "seconds": options.seconds / 5.0, "chunks": 5 }));
    Entry::new(peer, What::Product(name), job)
}

fn steps_entry(peer: &'static str, case: &Value, options: &Options) -> Entry {
    let what = What::Steps(text(&case["net"]), case["batch"].as_u64().unwrap_or_default(), text(&case["mode"]));
    Entry::new(peer, what, steps(case, options.seconds))
}

/// The job of a case of the catalogue.
pub(super) fn steps(case: &Value, seconds: f64) -> Value {
    let (config, skip) = (&case["config"], &case["skip"]);
    json!({ "kind": "steps", "config": config, "skip": skip, "proof": PROOF, "seconds": seconds, "chunks": CHUNKS })
}

/// One of the catalogue's lists.
pub(super) fn list<'a>(catalogue: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    catalogue[name].as_array().with_context(|| format!("the engine's list of cases has no {name}"))
}

pub(super) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn merge(job: &mut Value, more: Value) {
    if let (Value::Object(job), Value::Object(more)) = (job, more) {
        job.extend(more);
    }
}
