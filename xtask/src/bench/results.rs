//! What came of it: medians, ranges, ratios.

use anyhow::Result;

use super::live::Live;
use super::plan::{Entry, Round, What};

/// Everything that was measured.
pub(super) struct Results {
    pub entries: Vec<Entry>,
    pub live: Option<Result<Live>>,
}

impl Results {
    /// What came of a measurement, if it was planned.
    pub(super) fn entry(&self, peer: &str, what: &What) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.peer == peer && entry.what == *what)
    }

    /// Its rates, if it did not fail.
    pub(super) fn rates(&self, peer: &str, what: &What) -> Option<Figures> {
        Figures::of(self.rounds(peer, what)?.iter().map(|round| (round.rate, round.is_disturbed())))
    }

    /// One divided by the other, round by round.
    pub(super) fn ratio(&self, one: (&str, &What), other: (&str, &What)) -> Option<Figures> {
        let (one, other) = (self.rounds(one.0, one.1)?, self.rounds(other.0, other.1)?);
        let pairs = one.iter().zip(other);
        Figures::of(pairs.map(|(one, other)| (one.rate / other.rate, one.is_disturbed() || other.is_disturbed())))
    }

    /// The fastest chunk of one, divided by the fastest of the other, of all rounds: both as they are while the machine is all theirs.
    pub(super) fn ratio_at_best(&self, one: (&str, &What), other: (&str, &What)) -> Option<f64> {
        Some(self.fastest(one.0, one.1)? / self.fastest(other.0, other.1)?)
    }

    /// The same for [`Self::share_of_peak`].
    pub(super) fn share_of_peak_at_best(&self, peer: &str) -> Option<f64> {
        let own = |entry: &&Entry| entry.peer == peer && matches!(entry.what, What::Product(_));
        let peak = self.fastest(peer, &What::Peak)?;
        let shares: Vec<f64> =
            self.entries.iter().filter(own).filter_map(|entry| Some(self.fastest(peer, &entry.what)? / peak)).collect();
        (!shares.is_empty()).then(|| median(&shares))
    }

    /// The fastest chunk of all rounds.
    pub(super) fn fastest(&self, peer: &str, what: &What) -> Option<f64> {
        self.rounds(peer, what)?.iter().map(|round| round.fastest).reduce(f64::max)
    }

    /// Of each round: the median over all products of their share of the peak.
    pub(super) fn share_of_peak(&self, peer: &str) -> Option<Figures> {
        let own = |entry: &&Entry| entry.peer == peer && matches!(entry.what, What::Product(_));
        let products = self.entries.iter().filter(own).filter_map(|entry| self.rounds(peer, &entry.what));
        let products: Vec<&[Round]> = products.collect();
        let share = |(at, peak): (usize, &Round)| {
            let rounds: Vec<&Round> = products.iter().filter_map(|rounds| rounds.get(at)).collect();
            let shares: Vec<f64> = rounds.iter().map(|round| round.rate / peak.rate).collect();
            let disturbed = rounds.iter().filter(|round| round.is_disturbed()).count() * 4 > rounds.len();
            (!shares.is_empty()).then(|| (median(&shares), disturbed || peak.is_disturbed()))
        };
        Figures::of(self.rounds(peer, &What::Peak)?.iter().enumerate().filter_map(share))
    }

    fn rounds(&self, peer: &str, what: &What) -> Option<&[Round]> {
        let entry = self.entry(peer, what)?;
        entry.failure.is_none().then_some(entry.rounds.as_slice())
    }
}

/// A figure as several rounds gave it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Figures {
    pub values: Vec<f64>,
    /// Whether other programs were at work in most rounds, so that it says little.
    pub disturbed: bool,
}

impl Figures {
    /// Rounds and whether they were disturbed: the others count, if they are at least half of all.
    fn of(rounds: impl Iterator<Item = (f64, bool)>) -> Option<Self> {
        let rounds: Vec<(f64, bool)> = rounds.collect();
        let calm: Vec<f64> = rounds.iter().filter(|(_, disturbed)| !disturbed).map(|(value, _)| *value).collect();
        let disturbed = calm.len() * 2 < rounds.len();
        let values = if disturbed { rounds.iter().map(|(value, _)| *value).collect() } else { calm };
        (!rounds.is_empty()).then_some(Self { values, disturbed })
    }

    /// Something that no other program can disturb.
    pub(super) fn certain(value: f64) -> Self {
        Self { values: vec![value], disturbed: false }
    }

    pub(super) fn median(&self) -> f64 {
        median(&self.values)
    }

    /// Smallest and largest.
    pub(super) fn range(&self) -> (f64, f64) {
        self.values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)))
    }

    /// The median, with a mark if it was disturbed.
    pub(super) fn write(&self, write: impl Fn(f64) -> String) -> String {
        format!("{}{}", if self.disturbed { "~" } else { "" }, write(self.median()))
    }
}

/// The middle one; of an even number, the upper of the two.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// `12,345`
pub(super) fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn entry(peer: &'static str, what: What, rates: &[f64]) -> Entry {
        let rounds = rates.iter().map(|&rate| Round { rate, fastest: 2.0 * rate, waited: 0.0 }).collect();
        Entry { rounds, ..Entry::new(peer, what, Value::Null) }
    }

    fn calm(values: &[f64]) -> Figures {
        Figures { values: values.to_vec(), disturbed: false }
    }

    #[test]
    fn ratios_are_taken_within_a_round() {
        let steps = What::steps("small", 32, "exact");
        let product = |name: &str| What::Product(name.to_owned());
        let mut broken = entry("js", steps.clone(), &[1.0]);
        broken.failure = Some("no".to_owned());
        let entries = vec![
            entry("strict", steps.clone(), &[100.0, 50.0]),
            entry("tfjs-tuned", steps.clone(), &[10.0, 5.0]),
            broken,
            entry("strict", What::Peak, &[50.0, 40.0]),
            entry("strict", product("a"), &[25.0, 30.0]),
            entry("strict", product("b"), &[40.0, 20.0]),
            entry("strict", product("c"), &[45.0, 36.0]),
        ];
        let results = Results { entries, live: None };
        assert_eq!(results.ratio(("strict", &steps), ("tfjs-tuned", &steps)), Some(calm(&[10.0, 10.0])));
        assert_eq!(results.ratio(("strict", &steps), ("js", &steps)), None);
        assert_eq!(results.share_of_peak("strict"), Some(calm(&[0.8, 0.75])));
        assert_eq!(results.share_of_peak("native"), None);
        assert_eq!(results.ratio_at_best(("strict", &steps), ("tfjs-tuned", &steps)), Some(10.0));
        assert_eq!(results.share_of_peak_at_best("strict"), Some(0.8));
        assert_eq!(results.share_of_peak_at_best("native"), None);
    }

    #[test]
    fn disturbed_rounds_do_not_count_unless_most_are() {
        let figures = |rounds: &[(f64, bool)]| Figures::of(rounds.iter().copied());
        assert_eq!(figures(&[(1.0, false), (9.0, true), (2.0, false)]), Some(calm(&[1.0, 2.0])));
        let all = Some(Figures { values: vec![1.0, 9.0, 8.0], disturbed: true });
        assert_eq!(figures(&[(1.0, false), (9.0, true), (8.0, true)]), all);
        assert_eq!(figures(&[]), None);
    }

    #[test]
    fn numbers_as_people_read_them() {
        assert_eq!([7.0, 1234.0, 123_456.0, 1e6].map(grouped), ["7", "1,234", "123,456", "1,000,000"]);
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-12);
        assert_eq!(calm(&[3.0, 1.0, 2.0]).range(), (1.0, 3.0));
    }
}
