//! From a run to its link.

use std::fmt::Write as _;

use super::{Link, MOST_CHANGES, Mode, Printed, RESET_MOMENTUM};
use gatelab_engine::schema::{Action, RunConfig};

/// The link of a run.
pub fn print(link: &Link) -> Printed {
    let shortened = link.config.changes.len() > MOST_CHANGES;
    let flat;
    let config = if shortened {
        flat = without_changes(&link.config, u64::MAX);
        &flat
    } else {
        &link.config
    };
    let mut text = format!(
        "#v={}&preset={}&est={}&seed={}&data={}",
        config.version,
        config.preset.id(),
        escape(&config.estimator),
        config.seed,
        config.data.id()
    );
    for (name, value) in &config.overrides {
        push(&mut text, name, &value.to_string());
    }
    for change in &config.changes {
        let (key, value) = match &change.action {
            Action::Estimator(id) => ("est", id.clone()),
            Action::Set(key, value) => (key.as_str(), value.to_string()),
            Action::Reset(key) => (key.as_str(), String::new()),
            Action::ResetMomentum => (RESET_MOMENTUM, String::new()),
        };
        push(&mut text, "at", &format!("{}:{key}:{value}", change.step));
    }
    if let Some(step) = link.pause_at {
        push(&mut text, "pause", &step.to_string());
    }
    if link.mode == Mode::Lab {
        push(&mut text, "view", "lab");
    }
    Printed { text, shortened }
}

/// The run that starts at step 0 with what was in force when `step` steps were done: its changes up to there folded in,
/// the later ones left out.
pub fn without_changes(config: &RunConfig, step: u64) -> RunConfig {
    let mut flat = RunConfig { changes: Vec::new(), ..config.clone() };
    for change in config.changes.iter().filter(|change| change.step <= step) {
        match &change.action {
            Action::Estimator(id) => flat.estimator.clone_from(id),
            Action::Set(key, value) => {
                flat.overrides.insert(key.clone(), value.clone());
            }
            Action::Reset(key) => {
                flat.overrides.remove(key);
            }
            // A run that starts at step 0 has no momentum.
            Action::ResetMomentum => {}
        }
    }
    flat
}

fn push(text: &mut String, name: &str, value: &str) {
    text.push('&');
    text.push_str(&escape(name));
    text.push('=');
    text.push_str(&escape(value));
}

/// Percent-encodes everything that an address or a mail program might take apart. The colon stays: it is legal there.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
