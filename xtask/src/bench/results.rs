//! What came of it: medians, ranges, ratios.

use anyhow::Result;

use super::live::Live;
use super::plan::{Entry, What};

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

    /// Rates of all rounds, if it did not fail.
    pub(super) fn rates(&self, peer: &str, what: &What) -> Option<&[f64]> {
        let entry = self.entry(peer, what)?;
        (entry.failure.is_none() && !entry.rates.is_empty()).then_some(entry.rates.as_slice())
    }

    /// One divided by the other, round by round.
    pub(super) fn ratio(&self, one: (&str, &What), other: (&str, &What)) -> Option<Vec<f64>> {
        let (one, other) = (self.rates(one.0, one.1)?, self.rates(other.0, other.1)?);
        Some(one.iter().zip(other).map(|(one, other)| one / other).collect())
    }

    /// Of each round: the median over all products of their share of the peak.
    pub(super) fn share_of_peak(&self, peer: &str) -> Option<Vec<f64>> {
        let peak = self.rates(peer, &What::Peak)?;
        let products: Vec<&[f64]> = self
            .entries
            .iter()
            .filter(|entry| entry.peer == peer && matches!(entry.what, What::Product(_)))
            .filter_map(|entry| self.rates(peer, &entry.what))
            .collect();
        let share = |(round, peak): (usize, &f64)| {
            let shares: Vec<f64> = products.iter().filter_map(|rates| Some(rates.get(round)? / peak)).collect();
            (!shares.is_empty()).then(|| median(&shares))
        };
        peak.iter().enumerate().map(share).collect()
    }
}

/// The middle one; of an even number, the upper of the two.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Smallest and largest.
pub(super) fn range(values: &[f64]) -> (f64, f64) {
    values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &x| (low.min(x), high.max(x)))
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
        Entry { rates: rates.to_vec(), ..Entry::new(peer, what, Value::Null) }
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
        assert_eq!(results.ratio(("strict", &steps), ("tfjs-tuned", &steps)), Some(vec![10.0, 10.0]));
        assert_eq!(results.ratio(("strict", &steps), ("js", &steps)), None);
        assert_eq!(results.share_of_peak("strict"), Some(vec![0.8, 0.75]));
        assert_eq!(results.share_of_peak("native"), None);
    }

    #[test]
    fn numbers_as_people_read_them() {
        assert_eq!([7.0, 1234.0, 123_456.0, 1e6].map(grouped), ["7", "1,234", "123,456", "1,000,000"]);
        assert!((median(&[3.0, 1.0, 2.0]) - 2.0).abs() < 1e-12);
        assert_eq!(range(&[3.0, 1.0, 2.0]), (1.0, 3.0));
    }
}
