//! Annealing: a temperature or slope that changes from one value to another during the run.

use std::collections::BTreeMap;

use super::knobs::number;
use crate::schema::{Range, Setting, Value};

/// A temperature, or its start value if it is annealed.
pub(in crate::estimator) const TEMPERATURE: Setting = Setting {
    name: "temperature",
    label: "Temperature",
    help: "How soft the gate is: near 0 almost a step function, at 1 and above a gentle slope.",
    symbol: "τ",
    range: Range::Number { min: 0.01, max: 10.0, slider: (0.05, 2.0), log: true, whole: false },
    live: true,
};

/// End value of an annealed temperature.
pub(in crate::estimator) const TEMPERATURE_END: Setting = Setting {
    name: "temperature-end",
    label: "Temperature at the end",
    help: "The temperature after the epochs of its schedule.",
    symbol: "",
    range: Range::Number { min: 0.01, max: 10.0, slider: (0.05, 2.0), log: true, whole: false },
    live: true,
};

/// A slope, or its start value if it is annealed.
pub(in crate::estimator) const SLOPE: Setting = Setting {
    name: "slope",
    label: "Slope",
    help: "Factor on the logit before the sigmoid; a steep sigmoid gives probabilities near 0 and 1.",
    symbol: "s",
    range: Range::Number { min: 0.05, max: 50.0, slider: (0.5, 10.0), log: true, whole: false },
    live: true,
};

/// End value of an annealed slope.
pub(in crate::estimator) const SLOPE_END: Setting = Setting {
    name: "slope-end",
    label: "Slope at the end",
    help: "The slope after the epochs of its schedule.",
    symbol: "",
    range: Range::Number { min: 0.05, max: 50.0, slider: (0.5, 10.0), log: true, whole: false },
    live: true,
};

/// Length of the annealing.
pub(in crate::estimator) const ANNEAL_EPOCHS: Setting = Setting {
    name: "anneal-epochs",
    label: "Epochs of the schedule",
    help: "The value changes geometrically from start to end over this many epochs; 0 keeps it at its start.",
    symbol: "",
    range: Range::Number { min: 0.0, max: 1000.0, slider: (0.0, 20.0), log: false, whole: false },
    live: true,
};

/// A positive number that changes geometrically from `start` to `end` over `epochs`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::estimator) struct Annealing {
    start: f64,
    end: f64,
    epochs: f64,
    value: f64,
}

impl Annealing {
    /// A constant, until it is configured.
    pub(in crate::estimator) fn constant(value: f64) -> Self {
        Self { start: value, end: value, epochs: 0.0, value }
    }

    /// Sets start, end and length from knobs; those not given stay. The present value changes at the next
    /// [`Annealing::advance`], or at once if the length is 0.
    pub(in crate::estimator) fn configure(&mut self, knobs: &BTreeMap<String, Value>, start: &Setting, end: &Setting) {
        self.start = number(knobs, start, self.start);
        self.end = number(knobs, end, self.end);
        self.epochs = number(knobs, &ANNEAL_EPOCHS, self.epochs);
        if self.epochs <= 0.0 {
            self.value = self.start;
        }
    }

    /// Sets the time, in epochs.
    pub(in crate::estimator) fn advance(&mut self, epoch: f64) {
        let share = if self.epochs > 0.0 { (epoch / self.epochs).clamp(0.0, 1.0) } else { 0.0 };
        self.value = self.start * libm::pow(self.end / self.start, share);
    }

    /// The present value.
    pub(in crate::estimator) fn value(&self) -> f64 {
        self.value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_in_equal_ratios_and_stays_at_the_end() {
        let mut annealing = Annealing { start: 1.0, end: 0.25, epochs: 4.0, value: 1.0 };
        let mut at = |epoch| {
            annealing.advance(epoch);
            annealing.value()
        };
        assert!((at(0.0) - 1.0).abs() < 1e-15);
        assert!((at(2.0) - 0.5).abs() < 1e-15);
        assert!((at(9.0) - 0.25).abs() < 1e-15);
        let mut constant = Annealing::constant(0.5);
        constant.advance(3.0);
        assert!((constant.value() - 0.5).abs() < 1e-15);
    }
}
