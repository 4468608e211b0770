//! Numbers as text.

use gatelab_engine::schema::Value;

/// Grouped by thousands: `1,240`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Grouped, with as many leading zeros as a counter needs to keep its width: `001,240`.
pub fn counter(number: u64) -> String {
    let text = grouped(number);
    let missing = "000,000".len().saturating_sub(text.len());
    match "000,000".get(..missing) {
        // The leading zeros must end at a group's border.
        Some(zeros) => format!("{zeros}{text}"),
        None => text,
    }
}

/// Epochs done.
pub fn epochs(epoch: f64) -> String {
    format!("{epoch:.2}")
}

/// A share as a percentage with one decimal.
pub fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

/// A rate, rounded to the digits that stay readable while it changes: `78,200`.
pub fn rate(rate: f64) -> String {
    let step = if rate >= 10_000.0 {
        100.0
    } else if rate >= 1000.0 {
        10.0
    } else {
        1.0
    };
    grouped(((rate / step).round() * step).max(0.0) as u64)
}

/// A number with at most three significant digits, plain.
pub fn short(number: f64) -> String {
    if number == 0.0 || !number.is_finite() {
        return if number == 0.0 { "0".into() } else { "—".into() };
    }
    let magnitude = number.abs().log10().floor() as i32;
    if !(-5..7).contains(&magnitude) {
        return format!("{number:.1e}").replace('-', "−");
    }
    let decimals = usize::try_from(2 - magnitude).unwrap_or(0);
    let text = format!("{number:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    text.replace('-', "−")
}

/// A live number: always three decimals or an exponent, so its width is constant.
pub fn steady(number: f64) -> String {
    if number == 0.0 || (1e-3..1e4).contains(&number.abs()) {
        return format!("{number:.3}").replace('-', "−");
    }
    format!("{number:.1e}").replace('-', "−")
}

/// A setting's value.
pub fn value(value: &Value) -> String {
    match value {
        Value::Number(x) => short(*x),
        Value::Choice(name) => name.clone(),
    }
}

/// Megabytes.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}
