//! What the pictures say: panel titles, captions, summaries and cards.

/// A whole number in groups of three: `12,345`.
pub fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share in per cent, with a decimal where it matters: `0.4 %`, `12 %`.
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value > 0.0 && value < 9.95 { format!("{value:.1} %") } else { format!("{value:.0} %") }
}

/// A count of multiply-adds, short: `46 k`, `1.2 M`.
pub fn amount(value: f64) -> String {
    match value {
        v if v >= 9.95e6 => format!("{:.0} M", v / 1e6),
        v if v >= 9.995e5 => format!("{:.1} M", v / 1e6),
        v if v >= 9.95e3 => format!("{:.0} k", v / 1e3),
        v if v >= 1e3 => format!("{:.1} k", v / 1e3),
        v => format!("{v:.0}"),
    }
}

/// A number with as many decimals as are worth reading.
pub fn reading(value: f64) -> String {
    match value.abs() {
        v if v >= 100.0 => format!("{value:.0}"),
        v if v >= 10.0 => format!("{value:.1}"),
        v if v >= 0.1 || v == 0.0 => format!("{value:.2}"),
        v if v >= 0.001 => format!("{value:.4}"),
        _ => format!("{value:.1e}"),
    }
}

/// A number short enough for the end of a line.
pub fn short_reading(value: f64) -> String {
    match value.abs() {
        v if v >= 0.995 => format!("{value:.1}"),
        v if v >= 0.0995 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

/// A run's name: its estimators in order, its seed, and for a branch where it began.
pub fn run_label(estimators: &[&str], seed: u64, origin: u64) -> String {
    let names = match estimators {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [.., before, last] if estimators.len() > 3 => format!("… → {before} → {last}"),
        several => several.join(" → "),
    };
    if origin > 0 { format!("{names} · from step {}", grouped(origin)) } else { format!("{names} · seed {seed}") }
}

/// Sizes, where runs of several networks stand side by side.
pub fn of_gates(label: &str, gates: usize) -> String {
    format!("{label} · {} gates", grouped(gates as u64))
}

/// Mark of a switch.
pub fn switched(before: &str, after: &str) -> String {
    format!("{before} → {after}")
}

/// Mark of a changed setting.
pub fn knob_set(name: &str, value: &str) -> String {
    format!("{name} {value}")
}

/// Mark of a setting put back to its default.
pub fn knob_reset(name: &str) -> String {
    format!("{name} as tuned")
}

/// A gate's name.
pub fn gate(index: usize) -> String {
    format!("Gate {index}")
}

/// How often a gate fires.
pub fn fires(rate: f64) -> String {
    format!("fires for {} of digits", percent(rate))
}

/// A gate's favourite digit.
pub fn favourite(digit: u8, share: f64) -> String {
    format!("mostly for {digit} ({})", percent(share))
}

/// A gate that fires for no class.
pub const NO_FAVOURITE: &str = "fires for no digit";
/// A gate whose answers to the probe digits aren't there yet.
pub const NOT_MEASURED: &str = "not measured yet";
/// Before there is anything to see.
pub const WAITING: &str = "Waiting for the first steps";
/// In place of a number that has not been measured.
pub const NOTHING: &str = "–";
/// Pinned.
pub const PINNED: &str = "pinned";

/// The gates panel.
pub mod gates {
    use super::{grouped, percent};

    /// Title.
    pub const TITLE: &str = "Gates firing";
    /// Tabs, in order.
    pub const TABS: [&str; 3] = ["Spikes", "Probes", "Rates"];
    /// Choice of what the spikes are of.
    pub const OF: &str = "Spikes of";
    /// The minibatch.
    pub const MINIBATCH: &str = "minibatch";
    /// Order of bars.
    pub const ORDER: &str = "Order";
    /// By size.
    pub const SORTED: &str = "by rate";
    /// By number.
    pub const BY_NUMBER: &str = "by number";
    /// What the arrow keys do.
    pub const FEELER: &str = "Pinned gate";
    /// Axis.
    pub const TARGET: &str = "target";
    /// Band of dead gates.
    pub const DEAD: &str = "dead";
    /// Gates that are always on.
    pub const ALWAYS_ON: &str = "always on";
    /// Gates that are neither.
    pub const IN_USE: &str = "in use";

    /// The pinned digit as a choice.
    pub fn one_digit(label: Option<u8>) -> String {
        label.map_or_else(|| "one digit".to_owned(), |label| format!("one “{label}”"))
    }

    /// Caption of the spikes.
    pub fn spikes(gates: usize, per_row: usize) -> String {
        format!("{}, one column = one step", rows(gates, per_row))
    }

    /// Caption of the probes.
    pub fn probes(gates: usize, per_row: usize, probes: usize) -> String {
        format!("{}, P(fires) for {probes} fixed digits", rows(gates, per_row))
    }

    /// Caption of the rates.
    pub fn rates(gates: usize) -> String {
        format!("share of training digits that open each of {} gates", grouped(gates as u64))
    }

    fn rows(gates: usize, per_row: usize) -> String {
        let gates = grouped(gates as u64);
        if per_row > 1 { format!("{gates} gates, {per_row} to a row") } else { format!("{gates} gates") }
    }

    /// Unit of the summary row.
    pub fn of_open(gates: usize) -> String {
        format!("of {} open", grouped(gates as u64))
    }

    /// Summary for those who don't see the picture.
    pub fn summary(open: f32, gates: usize, dead: usize, always: usize, in_use: usize) -> String {
        format!(
            "{open:.1} of {gates} gates open for a digit on average; {dead} dead, {always} always on, {in_use} in use."
        )
    }

    /// What a gate answers to the digit under the pointer.
    pub fn answer(label: u8, probability: f64) -> String {
        format!("P(fires | this “{label}”) = {}", percent(probability))
    }

    /// How often a gate was open in the raster.
    pub fn opened(times: usize, of: usize) -> String {
        format!("open in {times} of the last {of} steps")
    }
}

/// The classes panel.
pub mod classes {
    /// Title.
    pub const TITLE: &str = "What each gate is for";
    const SORTED: &str = "P(fires | digit), gates sorted by favourite digit";
    const NUMBERED: &str = "P(fires | digit), gates by number";
    /// Choice.
    pub const ORDER: &str = "Order of gates";
    /// By favourite.
    pub const BY_FAVOURITE: &str = "by favourite";
    /// By number.
    pub const BY_NUMBER: &str = "by number";

    /// Caption.
    pub fn caption(numbered: bool, per_column: usize) -> String {
        let order = if numbered { NUMBERED } else { SORTED };
        if per_column > 1 { format!("{order}, {per_column} to a column") } else { order.to_owned() }
    }

    /// Gates by favourite digit, in words.
    pub fn summary(counts: &[usize; 10], none: usize) -> String {
        let list: Vec<String> = counts.iter().enumerate().map(|(digit, n)| format!("{n} for {digit}")).collect();
        format!("Gates by the digit they fire for most: {}; {none} for none.", list.join(", "))
    }

    /// A cell.
    pub fn cell(class: usize, share: &str) -> String {
        format!("P(fires | {class}) = {share}")
    }
}

/// The panel of one digit.
pub mod one_digit {
    use super::{grouped, percent};

    /// Title.
    pub const TITLE: &str = "One digit on its way";
    /// Before.
    pub const PREVIOUS: &str = "Previous digit";
    /// Next.
    pub const NEXT: &str = "Next digit";
    /// A gate that is open.
    pub const OPEN: &str = "open";
    /// A gate that is closed.
    pub const CLOSED: &str = "closed";

    /// Caption.
    pub fn opened(open: usize, gates: usize) -> String {
        format!("{} of {} gates opened", grouped(open as u64), grouped(gates as u64))
    }

    /// The verdict.
    pub fn verdict(label: u8, guess: usize, probability: f64) -> String {
        let share = percent(probability);
        if usize::from(label) == guess {
            format!("right: {guess}, {share} sure")
        } else {
            format!("says {guess}, {share} sure; it is {label}")
        }
    }

    /// Summary for those who don't see the picture.
    pub fn summary(label: u8, open: usize, gates: usize, guess: usize, probability: f64) -> String {
        format!(
            "A digit {label}. {open} of {gates} gates opened. Most probable class: {guess}, {}.",
            percent(probability)
        )
    }

    /// Place among the probe digits.
    pub fn place(index: usize, of: usize) -> String {
        format!("{} of {of}", index + 1)
    }
}

/// The curves panel.
pub mod curves {
    use super::{grouped, reading};

    /// Tabs, in order.
    pub const TABS: [&str; 3] = ["error", "loss", "gates"];
    /// Titles by tab.
    pub const TITLES: [&str; 3] = ["Validation error, %", "Training loss, nats", "Gates open, %"];
    /// Unit of the step axis.
    pub const STEPS: &str = "steps";
    /// The tab list's name.
    pub const QUANTITY: &str = "Quantity";
    /// Smoothing.
    pub const SMOOTHING: &str = "Smoothing";
    /// No smoothing.
    pub const RAW: &str = "off";
    /// The runs' list.
    pub const RUNS: &str = "Runs";
    /// Target line.
    pub const TARGET: &str = "target";
    /// What the arrow keys do.
    pub const FEELER: &str = "Step to read";
    /// Disclosure.
    pub const TABLE: &str = "Evaluations as a table";
    /// Table heads.
    pub const HEADS: [&str; 3] = ["Step", "Validation error", "Open gates"];
    /// No evaluation yet.
    pub const EMPTY: &str = "No evaluation yet.";

    /// A step under the crosshair.
    pub fn step(step: u64) -> String {
        format!("step {}", grouped(step))
    }

    /// Removes a run.
    pub fn remove(name: &str) -> String {
        format!("Remove {name}")
    }

    /// A run in the summary.
    pub fn run(name: &str, value: Option<f64>, step: u64) -> String {
        value.map_or_else(
            || format!("{name}: nothing measured yet"),
            |value| format!("{name}: {} at step {}", reading(value), grouped(step)),
        )
    }

    /// A tick of the step axis.
    pub fn tick(step: u64) -> String {
        match step {
            0 => "0".to_owned(),
            s if s >= 1_000_000 && s.is_multiple_of(100_000) => format!("{} M", s as f64 / 1e6),
            s if s >= 1000 && s.is_multiple_of(100) => format!("{} k", s as f64 / 1e3),
            s => s.to_string(),
        }
    }

    /// A tick of the value axis.
    pub fn value_tick(value: f64) -> String {
        value.to_string()
    }

    /// Smallest and largest of several points.
    pub fn spread(low: f64, high: f64) -> String {
        format!("{}–{}", reading(low), reading(high))
    }

    /// A share with two decimals.
    pub fn exact_percent(share: f64) -> String {
        format!("{:.2} %", share * 100.0)
    }

    /// Smoothing, in words.
    pub fn half_life(steps: f64) -> String {
        match steps.round() as u64 {
            0 | 1 => "1 step".to_owned(),
            steps => format!("{} steps", grouped(steps)),
        }
    }
}

/// The compute panel.
pub mod meter {
    use super::amount;
    use crate::estimator::Needs;

    /// Title.
    pub const TITLE: &str = "Compute really done";
    /// Caption.
    pub const CAPTION: &str = "multiply-adds per digit, counted in the kernels, against all gates open";
    /// Rows.
    pub const ROWS: [&str; 3] = ["forward", "backward", "at test time"];
    /// Time.
    pub const TIME: &str = "time per step";

    /// Done of dense.
    pub fn of(done: f64, dense: f64) -> String {
        format!("{} of {}", amount(done), amount(dense))
    }

    /// Milliseconds.
    pub fn milliseconds(value: f64) -> String {
        if value < 10.0 { format!("{value:.2} ms") } else { format!("{value:.0} ms") }
    }

    /// Why it costs what it costs.
    pub fn why(name: &str, needs: Needs) -> String {
        match needs {
            Needs::Losses => format!("{name} needs only each digit's loss: the experts of closed gates never run."),
            Needs::SlopesOfActive => {
                format!("{name} needs the slope at open gates only: the experts of closed gates never run.")
            }
            Needs::SlopesOfAll => {
                format!("{name} needs the slope of closed gates too, so their experts must run in training.")
            }
        }
    }
}
