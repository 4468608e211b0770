//! From a link to the run it means, and what could not be used of it.

use std::collections::BTreeSet;

use super::{Link, LinkProblem, MOST_BYTES, MOST_CHANGES, Mode, RESET_MOMENTUM};
use gatelab_engine::estimator::registry;
use gatelab_engine::schema::{Action, CONFIG_VERSION, Change, DataChoice, GATER_LOSS, Preset};
use gatelab_engine::training::settings::lookup;

use gatelab_engine::training::settings::ConfigError;
use gatelab_engine::training::settings::Settings;

/// Reads a link, with or without its `#`. An empty text is the default run.
pub fn parse(text: &str) -> (Link, Vec<LinkProblem>) {
    if text.len() > MOST_BYTES {
        return (Link::default(), vec![LinkProblem::TooLong { found: text.len(), most: MOST_BYTES }]);
    }
    let mut reader = Reader::default();
    for part in text.trim().trim_start_matches('#').split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        reader.part(&unescape(name), &unescape(value));
    }
    reader.finish()
}

#[derive(Default)]
struct Reader {
    link: Link,
    problems: Vec<LinkProblem>,
    seen: BTreeSet<String>,
    changes: usize,
}

impl Reader {
    fn part(&mut self, name: &str, value: &str) {
        if name == "at" {
            self.changes += 1;
            if self.changes <= MOST_CHANGES {
                self.change(value);
            }
            return;
        }
        if !self.seen.insert(name.to_owned()) {
            self.problems.push(LinkProblem::Twice { name: cut(name) });
        }
        match name {
            "v" => self.version(value),
            "preset" => match Preset::find(value) {
                Some(preset) => self.link.config.preset = preset,
                None => self.refuse(name, value, &format!("one of {}", Preset::ids().join(", "))),
            },
            "data" => match DataChoice::find(value) {
                Some(data) => self.link.config.data = data,
                None => self.refuse(name, value, &format!("one of {}", DataChoice::ALL.map(DataChoice::id).join(", "))),
            },
            "est" => match registry::record(value) {
                Some(record) => record.id.clone_into(&mut self.link.config.estimator),
                None => self.refuse(name, value, &format!("one of {}", registry::ids().join(", "))),
            },
            "seed" => match value.parse() {
                Ok(seed) => self.link.config.seed = seed,
                Err(_) => self.refuse(name, value, "a whole number from 0 up"),
            },
            "pause" => match value.parse() {
                Ok(step) => self.link.pause_at = Some(step),
                Err(_) => self.refuse(name, value, "a number of steps"),
            },
            "view" => match value {
                "lab" => self.link.mode = Mode::Lab,
                "train" => self.link.mode = Mode::Train,
                _ => self.refuse(name, value, "train or lab"),
            },
            _ => self.setting(name, value),
        }
    }

    fn version(&mut self, value: &str) {
        match value.parse::<u32>() {
            Ok(version) if (1..=CONFIG_VERSION).contains(&version) => {}
            Ok(0) | Err(_) => self.refuse("v", value, &format!("a version from 1 to {CONFIG_VERSION}")),
            Ok(_) => self.problems.push(LinkProblem::Newer { found: cut(value), known: CONFIG_VERSION }),
        }
    }

    fn setting(&mut self, name: &str, value: &str) {
        match lookup::parse(name, value) {
            Ok(value) => {
                self.link.config.overrides.insert(name.to_owned(), value);
            }
            Err(error) => self.refused_by_table(name, value, error),
        }
    }

    /// `STEP:est:ID`, `STEP:KEY:VALUE` or `STEP:KEY:`.
    fn change(&mut self, text: &str) {
        const SHAPE: &str = "STEP:est:ESTIMATOR, STEP:SETTING:VALUE or STEP:SETTING:";
        let mut fields = text.splitn(3, ':');
        let (Some(step), Some(key), Some(value)) = (fields.next(), fields.next(), fields.next()) else {
            return self.refuse("at", text, SHAPE);
        };
        let Ok(step) = step.parse() else {
            return self.refuse("at", text, SHAPE);
        };
        let action = match (key, value) {
            ("est", id) => match registry::record(id) {
                Some(record) => Action::Estimator(record.id.to_owned()),
                None => return self.refuse("at", text, &format!("one of {}", registry::ids().join(", "))),
            },
            (RESET_MOMENTUM, "") => Action::ResetMomentum,
            (key, value) => match lookup::all().find(|known| known.name == key) {
                None => return self.problems.push(LinkProblem::Unknown { found: cut(key) }),
                Some(known) if !known.live => {
                    return self.refuse("at", text, "a setting that can change while a run goes on");
                }
                Some(known) if value.is_empty() => Action::Reset(known.name.to_owned()),
                Some(known) => match lookup::parse(known.name, value) {
                    Ok(value) => Action::Set(known.name.to_owned(), value),
                    Err(error) => return self.refused_by_table(key, value, error),
                },
            },
        };
        self.link.config.changes.push(Change { step, action });
    }

    fn refused_by_table(&mut self, name: &str, found: &str, error: ConfigError) {
        match error {
            ConfigError::Unknown { .. } => self.problems.push(LinkProblem::Unknown { found: cut(name) }),
            ConfigError::Value { expected, .. } => self.refuse(name, found, &expected),
            other => self.refuse(name, found, &other.to_string()),
        }
    }

    fn refuse(&mut self, name: &str, found: &str, expected: &str) {
        self.problems.push(LinkProblem::Value { name: cut(name), found: cut(found), expected: expected.to_owned() });
    }

    fn finish(mut self) -> (Link, Vec<LinkProblem>) {
        if self.changes > MOST_CHANGES {
            self.problems.push(LinkProblem::TooManyChanges { found: self.changes, most: MOST_CHANGES });
        }
        // Hand-written links may list changes in any order; those of one step keep theirs.
        self.link.config.changes.sort_by_key(|change| change.step);
        while let Err(error) = Settings::of(&self.link.config) {
            let overrides = &mut self.link.config.overrides;
            let before = overrides.len();
            match error {
                ConfigError::NoSlope { .. } | ConfigError::LongDelay { .. } => {
                    overrides.retain(|name, _| name != GATER_LOSS);
                }
                _ => overrides.retain(|name, _| lookup::all().any(|key| key.name == name && key.live)),
            }
            let done = overrides.len() == before;
            self.problems.push(LinkProblem::Together { message: error.to_string() });
            if done {
                break;
            }
        }
        (self.link, self.problems)
    }
}

/// Long rubbish is not worth showing in full.
fn cut(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST).chain(['…']).collect()
}

/// Takes percent-encoding apart. What isn't encoded rightly stays as it is; what isn't UTF-8 is replaced.
fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while let Some(&byte) = bytes.get(i) {
        let pair = bytes.get(i + 1..i + 3).filter(|_| byte == b'%');
        if let Some(code) = pair.and_then(|pair| std::str::from_utf8(pair).ok()).and_then(hex) {
            out.push(code);
            i += 3;
        } else {
            out.push(byte);
            i += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(pair: &str) -> Option<u8> {
    if pair.starts_with('+') { None } else { u8::from_str_radix(pair, 16).ok() }
}
