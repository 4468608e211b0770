//! What must be reached, and whether it was.

use super::plan::What;
use super::results::{Figures, Results};
use super::table::Table;

/// A figure with what it must be and what is aimed at.
pub(super) struct Target {
    pub name: &'static str,
    pub must: f64,
    pub aim: Option<f64>,
    /// Whether less is better.
    pub at_most: bool,
    pub unit: Unit,
    /// What it came to.
    pub values: Option<Figures>,
    /// The same of each side's fastest chunk, for ratios of rates.
    pub at_best: Option<f64>,
}

/// How a figure is written.
#[derive(Clone, Copy)]
pub(super) enum Unit {
    Ratio,
    Percent,
    Mebibytes,
}

impl Unit {
    fn write(self, value: f64) -> String {
        match self {
            Self::Ratio => format!("{value:.2}"),
            Self::Percent => format!("{:.1} %", 100.0 * value),
            Self::Mebibytes => format!("{value:.0} MiB"),
        }
    }
}

impl Target {
    fn reaches(&self, limit: f64) -> bool {
        let Some(values) = &self.values else { return false };
        if self.at_most { values.median() <= limit } else { values.median() >= limit }
    }

    /// Whether it was measured and falls short.
    pub(super) fn verdict(&self) -> &'static str {
        match &self.values {
            None => "not measured",
            Some(values) if values.disturbed => "DISTURBED",
            Some(_) if !self.reaches(self.must) => "NOT REACHED",
            Some(_) if self.aim.is_some_and(|aim| self.reaches(aim)) => "ok, as aimed",
            Some(_) => "ok",
        }
    }
}

/// All of them, with what was measured.
pub(super) fn all(results: &Results) -> Vec<Target> {
    let at_least = |name, must, aim, unit, (values, at_best)| {
        let aim = Some(aim);
        Target { name, must, aim, at_most: false, unit, values, at_best }
    };
    let ratio =
        |one: (&str, &What), other: (&str, &What)| (results.ratio(one, other), results.ratio_at_best(one, other));
    let against = |peer: &str, net: &str, batch| {
        let what = What::steps(net, batch, "exact");
        ratio(("strict", &what), (peer, &what))
    };
    let faster = |name, must, aim, figures| at_least(name, must, aim, Unit::Ratio, figures);
    let reinforce = |mode| What::steps("small", 128, mode);
    // Rates, so the one with all gates open is on top.
    let gates = ratio(("strict", &reinforce("reinforce-open")), ("strict", &reinforce("reinforce")));
    let (pace, memory) = live(results);
    let share = (results.share_of_peak("strict"), results.share_of_peak_at_best("strict"));
    vec![
        at_least("products, strict, of the peak", 0.80, 0.90, Unit::Percent, share),
        faster("NET-SMALL 32 exact ÷ TF.js tuned", 11.0, 14.0, against("tfjs-tuned", "small", 32)),
        faster("NET-SMALL 128 exact ÷ TF.js tuned", 7.5, 10.0, against("tfjs-tuned", "small", 128)),
        faster("NET-PAPER 32 exact ÷ TF.js tuned", 6.0, 8.0, against("tfjs-tuned", "paper", 32)),
        faster("NET-PAPER 128 exact ÷ TF.js tuned", 3.6, 5.0, against("tfjs-tuned", "paper", 128)),
        faster("NET-SMALL 32 exact ÷ PyTorch, 1 thread", 3.5, 5.0, against("torch-1", "small", 32)),
        Target {
            name: "experts' multiply-adds, REINFORCE, of dense",
            must: 0.12,
            aim: None,
            at_most: true,
            unit: Unit::Percent,
            values: experts(results),
            at_best: None,
        },
        Target {
            name: "step with 10 % of gates ÷ with all, REINFORCE",
            must: 0.35,
            aim: Some(0.25),
            at_most: true,
            unit: Unit::Ratio,
            values: gates.0,
            at_best: gates.1,
        },
        at_least("live page ÷ bench, Classroom", 0.75, 0.90, Unit::Ratio, (pace, None)),
        Target {
            name: "WebAssembly memory, Classroom with all of MNIST",
            must: 80.0,
            aim: Some(64.0),
            at_most: true,
            unit: Unit::Mebibytes,
            values: memory,
            at_best: None,
        },
    ]
}

fn experts(results: &Results) -> Option<Figures> {
    let entry = results.entry("strict", &What::steps("small", 128, "reinforce"))?;
    entry.outcome["work"]["experts"].as_f64().map(Figures::certain)
}

/// Pace of the page relative to the bench, and the memory of a worker with one run.
fn live(results: &Results) -> (Option<Figures>, Option<Figures>) {
    let classroom = What::steps("classroom", 32, "exact");
    let live = results.live.as_ref().and_then(|live| live.as_ref().ok());
    let alone = results.entry("alone", &classroom).and_then(|entry| entry.outcome["memory"].as_f64());
    // Such memory never shrinks, so the larger of the two is what is needed.
    let memory = alone.into_iter().chain(live.map(|live| live.memory)).reduce(f64::max);
    let memory = memory.map(|bytes| Figures::certain(bytes / 1024.0 / 1024.0));
    // The page keeps both processors of a small machine busy by itself, so only the bench can tell that it was disturbed.
    let pace = live.zip(results.rates("strict", &classroom)).map(|(live, bench)| Figures {
        values: vec![live.examples_per_second / bench.median()],
        disturbed: bench.disturbed,
    });
    (pace, memory)
}

/// As a table.
pub(super) fn table(targets: &[Target]) -> Table {
    let mut table =
        Table::new("Targets", &["", "must", "aim", "median", "lowest – highest", "verdict", "fastest ÷ fastest"]);
    for target in targets {
        let sign = if target.at_most { "≤" } else { "≥" };
        let limit = |value: f64| format!("{sign} {}", target.unit.write(value));
        let (median, spread) = match &target.values {
            Some(values) => {
                let (low, high) = values.range();
                let spread = format!("{} – {}", target.unit.write(low), target.unit.write(high));
                (
                    values.write(|value| target.unit.write(value)),
                    if values.values.len() > 1 { spread } else { String::new() },
                )
            }
            None => ("–".to_owned(), String::new()),
        };
        let aim = target.aim.map_or(String::new(), limit);
        table.rows.push(vec![
            target.name.to_owned(),
            limit(target.must),
            aim,
            median,
            spread,
            target.verdict().to_owned(),
            target.at_best.map_or(String::new(), |value| target.unit.write(value)),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_decides() {
        let target = |at_most, values: Option<Vec<f64>>| Target {
            name: "x",
            must: 2.0,
            aim: Some(if at_most { 1.0 } else { 3.0 }),
            at_most,
            unit: Unit::Ratio,
            values: values.map(|values| Figures { values, disturbed: false }),
            at_best: None,
        };
        assert_eq!(target(false, Some(vec![1.0, 2.5, 9.0])).verdict(), "ok");
        assert_eq!(target(false, Some(vec![3.0])).verdict(), "ok, as aimed");
        assert_eq!(target(false, Some(vec![1.9])).verdict(), "NOT REACHED");
        assert_eq!(target(true, Some(vec![2.1])).verdict(), "NOT REACHED");
        assert_eq!(target(true, Some(vec![0.5])).verdict(), "ok, as aimed");
        assert_eq!(target(true, None).verdict(), "not measured");
        assert_eq!(target(false, Some(vec![f64::NAN])).verdict(), "NOT REACHED");
        let mut disturbed = target(false, Some(vec![9.0]));
        disturbed.values.as_mut().unwrap().disturbed = true;
        assert_eq!(disturbed.verdict(), "DISTURBED");
        let text = table(&[target(true, None)]).terminal();
        assert!(text.contains("≤ 2.00") && text.contains("not measured"), "{text}");
    }
}
