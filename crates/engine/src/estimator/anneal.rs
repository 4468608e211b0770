//! Schedules: a temperature or slope that moves from one value to another while the run goes on.

use std::collections::BTreeMap;

use super::knobs::number;
use crate::schema::Value;
use crate::schema::{Range, Setting};

/// A temperature, or where its schedule starts.
pub(in crate::estimator) const TEMPERATURE: Setting = Setting {
    name: "temperature",
    label: "Temperature",
    help: "How soft the gate is: near 0 almost a switch, at 1 and above a gentle slope.",
    symbol: "τ",
    range: Range::Number { min: 0.01, max: 10.0, slider: (0.05, 2.0), log: true, whole: false },
    live: true,
};

/// Where a temperature ends.
pub(in crate::estimator) const TEMPERATURE_END: Setting = Setting {
    name: "temperature-end",
    label: "Temperature at the end",
    help: "What the temperature has become after the epochs of its schedule.",
    symbol: "",
    range: Range::Number { min: 0.01, max: 10.0, slider: (0.05, 2.0), log: true, whole: false },
    live: true,
};

/// A slope, or where its schedule starts.
pub(in crate::estimator) const SLOPE: Setting = Setting {
    name: "slope",
    label: "Slope",
    help: "Factor on the logit before the sigmoid; a steep sigmoid makes coins that are almost sure.",
    symbol: "s",
    range: Range::Number { min: 0.05, max: 50.0, slider: (0.5, 10.0), log: true, whole: false },
    live: true,
};

/// Where a slope ends.
pub(in crate::estimator) const SLOPE_END: Setting = Setting {
    name: "slope-end",
    label: "Slope at the end",
    help: "What the slope has become after the epochs of its schedule.",
    symbol: "",
    range: Range::Number { min: 0.05, max: 50.0, slider: (0.5, 10.0), log: true, whole: false },
    live: true,
};

/// How long a schedule takes.
pub(in crate::estimator) const ANNEAL_EPOCHS: Setting = Setting {
    name: "anneal-epochs",
    label: "Epochs of the schedule",
    help: "The value moves in equal ratios from its start to its end over this many epochs; 0 keeps it at its start.",
    symbol: "",
    range: Range::Number { min: 0.0, max: 1000.0, slider: (0.0, 20.0), log: false, whole: false },
    live: true,
};

/// A positive number on its way from `start` to `end`, in equal ratios.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::estimator) struct Schedule {
    start: f64,
    end: f64,
    epochs: f64,
    now: f64,
}

impl Schedule {
    /// Stays at one value, until it is configured.
    pub(in crate::estimator) fn constant(value: f64) -> Self {
        Self { start: value, end: value, epochs: 0.0, now: value }
    }

    /// Takes start, end and length from knobs; keeps what isn't set. The present value follows at the next
    /// [`Schedule::advance`], or at once if there is no schedule.
    pub(in crate::estimator) fn configure(&mut self, knobs: &BTreeMap<String, Value>, start: &Setting, end: &Setting) {
        self.start = number(knobs, start, self.start);
        self.end = number(knobs, end, self.end);
        self.epochs = number(knobs, &ANNEAL_EPOCHS, self.epochs);
        if self.epochs <= 0.0 {
            self.now = self.start;
        }
    }

    /// Moves to this time, in epochs.
    pub(in crate::estimator) fn advance(&mut self, epoch: f64) {
        let share = if self.epochs > 0.0 { (epoch / self.epochs).clamp(0.0, 1.0) } else { 0.0 };
        self.now = self.start * libm::pow(self.end / self.start, share);
    }

    /// The present value.
    pub(in crate::estimator) fn now(&self) -> f64 {
        self.now
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_in_equal_ratios_and_stays_at_the_end() {
        let mut schedule = Schedule { start: 1.0, end: 0.25, epochs: 4.0, now: 1.0 };
        let mut at = |epoch| {
            schedule.advance(epoch);
            schedule.now()
        };
        assert!((at(0.0) - 1.0).abs() < 1e-15);
        assert!((at(2.0) - 0.5).abs() < 1e-15);
        assert!((at(9.0) - 0.25).abs() < 1e-15);
        let mut constant = Schedule::constant(0.5);
        constant.advance(3.0);
        assert!((constant.now() - 0.5).abs() < 1e-15);
    }
}
