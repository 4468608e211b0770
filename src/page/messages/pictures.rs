//! Texts of the pictures: panel titles, captions, summaries and cards.

pub mod classes;
pub mod curves;
pub mod gates;
pub mod meter;
pub mod one_digit;

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

/// A number with about three significant digits.
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

/// Mark of a momentum reset.
pub const MOMENTUM_RESET: &str = "momentum reset";

/// Mark of a setting put back to its default.
pub fn knob_reset(name: &str) -> String {
    format!("{name} default")
}

/// A gate's name.
pub fn gate(index: usize) -> String {
    format!("Gate {index}")
}

/// How often a gate fires.
pub fn fires(rate: f64) -> String {
    format!("fires for {} of digits", percent(rate))
}

/// A gate's favourite class, by name.
pub fn favourite(class: &str, share: f64) -> String {
    format!("mostly for {class} ({})", percent(share))
}

/// A gate that fires for no class.
pub const NO_FAVOURITE: &str = "fires for no class";
/// A gate without values for the probe digits yet.
pub const NOT_MEASURED: &str = "not measured yet";
/// Before the first frame.
pub const WAITING: &str = "Waiting for the first steps";
/// In place of a number that has not been measured.
pub const NOTHING: &str = "–";
/// Pinned.
pub const PINNED: &str = "pinned";
