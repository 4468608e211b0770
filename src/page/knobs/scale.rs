//! Where a value sits on a slider, and which value a place on it means.

use crate::estimator::Range;

/// Positions a slider has.
pub(super) const POSITIONS: f64 = 200.0;

/// The place of a value, 0..=[`POSITIONS`]; values beyond the slider's part of the range sit at its ends.
pub(super) fn place(range: &Range, value: f64) -> f64 {
    let Range::Number { slider: (low, high), log, .. } = *range else { return 0.0 };
    let share = if log {
        if value <= 0.0 { 0.0 } else { (value / low).ln() / (high / low).ln() }
    } else {
        (value - low) / (high - low)
    };
    (share.clamp(0.0, 1.0) * POSITIONS).round()
}

/// The value at a place, to two significant digits (a slider tells no more), within what is allowed.
pub(super) fn value_at(range: &Range, place: f64) -> f64 {
    let Range::Number { slider: (low, high), log, whole, min, max } = *range else { return 0.0 };
    let share = (place / POSITIONS).clamp(0.0, 1.0);
    let exact = if log { low * (high / low).powf(share) } else { low + share * (high - low) };
    let rounded = if whole { exact.round() } else if log { significant(exact) } else { stepped(exact, high - low) };
    rounded.clamp(min, max)
}

/// Two significant digits, written the way people write: through decimal text, so that 0.1 is 0.1.
fn significant(x: f64) -> f64 {
    format!("{x:.1e}").parse().unwrap_or(x)
}

/// Hundredths for a span around 1, tenths for one around 10.
fn stepped(x: f64, span: f64) -> f64 {
    let decimals = (2.0 - span.max(1e-9).log10().round()).clamp(0.0, 6.0) as usize;
    format!("{x:.decimals$}").parse().unwrap_or(x)
}
