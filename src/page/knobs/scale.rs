//! Maps values to slider positions and back.
//!
//! Neighbouring positions must give different rounded numbers, otherwise arrow keys would have no effect. A logarithmic
//! slider has 20 positions a decade (1, 1.1, 1.3, 1.4, 1.6 …), a linear one a position per hundredth of a power of ten.

use gatelab_engine::schema::Range;

/// Positions per decade.
const PER_DECADE: f64 = 20.0;

/// The last position of a slider; the first is 0.
pub(super) fn places(range: &Range) -> f64 {
    let Range::Number { slider: (low, high), log, whole, .. } = *range else { return 1.0 };
    let places = if log { (high / low).log10() * PER_DECADE } else { (high - low) / grain(high - low, whole) };
    places.round().max(1.0)
}

/// The position of a value, clamped to the slider's part of the range.
pub(super) fn place(range: &Range, value: f64) -> f64 {
    let Range::Number { slider: (low, high), log, .. } = *range else { return 0.0 };
    let share = match log {
        true if value <= 0.0 => 0.0,
        true => (value / low).ln() / (high / low).ln(),
        false => (value - low) / (high - low),
    };
    (share.clamp(0.0, 1.0) * places(range)).round()
}

/// The value at a position, within the allowed range.
pub(super) fn value_at(range: &Range, place: f64) -> f64 {
    let Range::Number { slider: (low, high), log, whole, min, max } = *range else { return 0.0 };
    let share = (place / places(range)).clamp(0.0, 1.0);
    let exact = if log { low * (high / low).powf(share) } else { low + share * (high - low) };
    let written = if log { significant(exact) } else { on_grain(exact, grain(high - low, whole)) };
    let value = if whole { written.round() } else { written };
    value.clamp(min, max)
}

/// Two significant digits, through decimal text, so that 0.1 is 0.1.
fn significant(x: f64) -> f64 {
    format!("{x:.1e}").parse().unwrap_or(x)
}

/// Step of a linear slider: hundredths for a span around 1, tenths for one around 10.
fn grain(span: f64, whole: bool) -> f64 {
    if whole { 1.0 } else { 10f64.powi(span.log10().round() as i32 - 2) }
}

fn on_grain(x: f64, grain: f64) -> f64 {
    let decimals = (-grain.log10().round()).max(0.0) as usize;
    format!("{x:.decimals$}").parse().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::{place, places, value_at};
    use gatelab_engine::schema::Range;
    use gatelab_engine::training::settings::lookup;

    #[test]
    fn every_place_of_every_slider_has_a_value_of_its_own_and_is_found_again() {
        for key in lookup::all().filter(|key| matches!(key.range, Range::Number { whole: false, .. })) {
            let mut before = f64::NEG_INFINITY;
            for at in 0..=places(&key.range) as u32 {
                let value = value_at(&key.range, f64::from(at));
                assert!(value > before, "{}: place {at} has the value {value} of its neighbour", key.name);
                assert!((place(&key.range, value) - f64::from(at)).abs() < 0.5, "{}: {value} is not at {at}", key.name);
                before = value;
            }
        }
    }

    #[test]
    fn values_are_written_as_people_write_them() {
        let Some(rate) = lookup::all().find(|key| key.name == "lr") else { panic!("there is a learning rate") };
        assert_eq!(value_at(&rate.range, place(&rate.range, 0.1)).to_string(), "0.1");
        let Some(target) = lookup::all().find(|key| key.name == "target") else { panic!("there is a target") };
        assert_eq!(value_at(&target.range, place(&target.range, 0.1) + 1.0).to_string(), "0.11");
    }
}
