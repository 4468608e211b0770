//! The symbols of a formula: meaning, and source of the current value.

use super::texts;
use gatelab_engine::estimator::Record;
use gatelab_engine::schema::SHARED;
use gatelab_engine::schema::Setting;

/// A current number of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// The estimator's live number with this index.
    Live(usize),
    /// The training loss, mean of the last steps.
    Loss,
    /// The share of gates that are open.
    Rate,
    /// The sparsity weight in force.
    Lambda,
}

/// A symbol with its meaning and the source of its value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Symbol {
    /// How records spell it, plain Unicode.
    pub spelling: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// More about it, or "".
    pub more: &'static str,
    /// The setting that it is, if it is one.
    pub setting: Option<&'static Setting>,
    /// The measured value, if there is one.
    pub reading: Option<Reading>,
}

impl Symbol {
    /// Whether there is a number to show.
    pub fn has_value(&self) -> bool {
        self.setting.is_some() || self.reading.is_some()
    }

    /// The spelling for display.
    pub fn shown(&self) -> &'static str {
        self.spelling.trim_end_matches('(')
    }
}

/// Finds the symbol with this spelling: first among the estimator's numbers and settings, then among the common
/// symbols.
pub fn find(record: &'static Record, spelling: &str) -> Option<Symbol> {
    let live = record.live.iter().enumerate().find(|(_, number)| number.symbol == spelling);
    let setting = record.knobs.iter().find(|key| key.symbol == spelling);
    if let Some((index, number)) = live {
        // A schedule changes a setting, so both the current and the set value are shown.
        let more = setting.map_or("", |key| key.help);
        let reading = Some(Reading::Live(index));
        return Some(Symbol { spelling: number.symbol, meaning: number.meaning, more, setting, reading });
    }
    if let Some(key) = setting {
        return Some(of_setting(key));
    }
    if let Some(common) = texts::SYMBOLS.iter().find(|common| common.0 == spelling) {
        let (spelling, meaning, more) = *common;
        let setting = SETTINGS
            .iter()
            .find(|(symbol, _)| *symbol == spelling)
            .and_then(|(_, name)| SHARED.iter().find(|key| key.name == *name));
        return Some(Symbol { spelling, meaning, more, setting, reading: reading_of(record, spelling) });
    }
    SHARED.iter().find(|key| !key.symbol.is_empty() && key.symbol == spelling).map(of_setting)
}

/// Common symbols whose value is a shared setting.
const SETTINGS: &[(&str, &str)] = &[("θ", "target")];

fn of_setting(key: &'static Setting) -> Symbol {
    Symbol { spelling: key.symbol, meaning: key.label, more: key.help, setting: Some(key), reading: None }
}

fn reading_of(record: &Record, spelling: &str) -> Option<Reading> {
    match spelling {
        "L" => Some(Reading::Loss),
        "b" | "p" => Some(Reading::Rate),
        "λ" => Some(Reading::Lambda),
        // The mean of the gradient is near 0, so its mean size is shown.
        "∂L∕∂a" => record.live.iter().position(|number| number.symbol == "|∂L∕∂a|").map(Reading::Live),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatelab_engine::estimator::registry::{RECORDS, record};

    #[test]
    fn an_estimators_own_numbers_come_before_what_all_have() {
        let mean = record("reinforce-mean").unwrap();
        let baseline = find(mean, "L\u{304}").unwrap();
        assert_eq!(baseline.reading, Some(Reading::Live(1)));
        let noisy = record("noisy-rectifier").unwrap();
        assert_eq!(find(noisy, "σ").unwrap().setting.map(|key| key.name), Some("noise"));
        assert_eq!(find(noisy, "σ(").unwrap().setting, None, "the sigmoid is no setting");
        assert_eq!(find(noisy, "σ(").unwrap().shown(), "σ");
    }

    #[test]
    fn common_symbols_have_the_numbers_that_the_page_has() {
        let st = record("st").unwrap();
        assert_eq!(find(st, "L").unwrap().reading, Some(Reading::Loss));
        assert_eq!(find(st, "∂L∕∂a").unwrap().reading, Some(Reading::Live(0)));
        assert!(!find(st, "a").unwrap().has_value());
        assert_eq!(find(st, "η").unwrap().setting.map(|key| key.name), Some("lr"));
        assert_eq!(find(st, "θ").unwrap().setting.map(|key| key.name), Some("target"));
        assert_eq!(find(st, "no such symbol"), None);
        assert_eq!(find(st, ""), None);
    }

    #[test]
    fn no_common_symbol_is_explained_twice() {
        for (i, (spelling, meaning, _)) in texts::SYMBOLS.iter().enumerate() {
            assert!(texts::SYMBOLS.iter().skip(i + 1).all(|other| other.0 != *spelling), "{spelling}");
            assert!(!meaning.is_empty() && !meaning.ends_with('.'), "{spelling}");
        }
    }

    #[test]
    fn a_live_number_is_found_by_its_own_symbol() {
        for record in RECORDS {
            for (index, number) in record.live.iter().enumerate().filter(|(_, number)| !number.symbol.is_empty()) {
                assert_eq!(find(record, number.symbol).and_then(|symbol| symbol.reading), Some(Reading::Live(index)));
            }
        }
    }
}
