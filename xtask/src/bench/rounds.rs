//! Asking everybody, in turns: a machine that is slow for a while is slow for all.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde_json::Value;

use super::options::Options;
use super::peers::Peer;
use super::plan::{Entry, Round};
use super::results::median;
use super::setup::Setup;
use crate::progress::Progress;

/// Whoever waits hears this often how far it is.
const NEWS: Duration = Duration::from_secs(15);

/// Asks for every entry once in each round, beginning elsewhere each time.
pub(super) fn measure(
    setup: &mut Setup,
    mut entries: Vec<Entry>,
    options: &Options,
    progress: &Progress,
) -> Result<Vec<Entry>> {
    if entries.is_empty() {
        bail!("there is nothing of this name to measure");
    }
    let (count, mut told) = (entries.len(), Instant::now());
    for round in 0..options.rounds {
        progress.say(&format!("Round {} of {}: {count} measurements", round + 1, options.rounds));
        entries.rotate_left(if round == 0 { 0 } else { count.div_ceil(options.rounds) });
        for (at, entry) in entries.iter_mut().enumerate() {
            if told.elapsed() > NEWS {
                progress.say(&format!("  {at} of {count}: {}", entry.name()));
                told = Instant::now();
            }
            if let Some(peer) = setup.peers.iter_mut().find(|peer| peer.id == entry.peer) {
                let was_well = entry.failure.is_none();
                ask(peer, entry);
                if let Some(reason) = entry.failure.as_ref().filter(|_| was_well) {
                    progress.say(&format!("  {}: {reason}", entry.name()));
                }
            }
        }
    }
    Ok(entries)
}

/// One that has failed is not asked again.
fn ask(peer: &mut Peer, entry: &mut Entry) {
    if entry.failure.is_some() {
        return;
    }
    let (begin, before) = (Instant::now(), waiting());
    let answer = peer.ask(&entry.job);
    let waited = waiting().saturating_sub(before).as_secs_f64() / begin.elapsed().as_secs_f64();
    match answer.and_then(|outcome| Ok((rate(&outcome, entry.bound())?, outcome))) {
        Ok(((rate, fastest), outcome)) => {
            entry.rounds.push(Round { rate, fastest, waited });
            entry.outcome = outcome;
        }
        Err(reason) => entry.failure = Some(reason),
    }
}

/// For how long, since the machine started, some program could have run and found no processor free (Linux says so).
fn waiting() -> Duration {
    let text = std::fs::read_to_string("/proc/pressure/cpu").unwrap_or_default();
    let total = text.lines().next().and_then(|line| line.split_once("total=")).map(|(_, total)| total.trim());
    Duration::from_micros(total.and_then(|total| total.parse().ok()).unwrap_or_default())
}

/// The rate of an outcome, of the median chunk and of the fastest, unless what was so fast did not learn.
fn rate(outcome: &Value, bound: Option<f64>) -> Result<(f64, f64), String> {
    if let Some(bound) = bound {
        // What is no number is null in JSON.
        let loss = outcome["loss"].as_f64().unwrap_or(f64::INFINITY);
        if loss > bound {
            return Err(format!("it does not learn: its loss is {loss:.3} where at most {bound} is right"));
        }
    }
    if let Some(peak) = outcome["gflops"].as_f64() {
        return Ok((peak, peak));
    }
    let chunks: Vec<f64> = outcome["chunks"].as_array().into_iter().flatten().filter_map(Value::as_f64).collect();
    let fastest = chunks.iter().copied().reduce(f64::max).ok_or("it gave no rate")?;
    Ok((median(&chunks), fastest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_does_not_learn_has_no_rate() {
        let outcome = |loss: f64| json!({ "chunks": [1.0, 9.0, 3.0], "loss": loss });
        assert_eq!(rate(&outcome(0.9), Some(1.5)), Ok((3.0, 9.0)));
        assert!(rate(&outcome(2.2), Some(1.5)).unwrap_err().contains("2.200"));
        assert!(rate(&outcome(f64::NAN), Some(1.5)).is_err());
        assert!(rate(&json!({}), None).is_err());
        assert_eq!(rate(&json!({ "gflops": 50.0 }), None), Ok((50.0, 50.0)));
    }
}
