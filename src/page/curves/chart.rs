//! The chart's geometry and the state it keeps between drawings.

use std::rc::Rc;

use super::axis::{Scale, Steps, Values};
use crate::page::canvas::{Surface, Theme};
use crate::page::live::{Live, Run};
use gatelab_engine::training::history::Curve;

/// Margins of the plot, CSS pixels: left, top, right, bottom.
pub(super) const MARGIN: (f64, f64, f64, f64) = (42.0, 16.0, 42.0, 24.0);

const ERROR: &[f64] = &[0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];
const LOSS: &[f64] = &[0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];
const RATE: &[f64] = &[1.0, 2.0, 4.0, 10.0, 20.0, 40.0, 60.0, 100.0];

/// The quantity of a tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quantity {
    Error,
    Loss,
    Rate,
}

impl Quantity {
    /// Of a tab.
    pub(super) fn of(tab: usize) -> Self {
        match tab {
            0 => Self::Error,
            1 => Self::Loss,
            _ => Self::Rate,
        }
    }

    /// A run's curve of this quantity.
    pub(super) fn curve(self, run: &Run) -> &Curve {
        match self {
            Self::Error => &run.error,
            Self::Loss => &run.loss,
            Self::Rate => &run.rate,
        }
    }
}

/// What the axes depend on; they are redrawn only when this changes.
#[derive(Clone, Debug)]
pub(super) struct Look {
    quantity: Quantity,
    steps: Steps,
    values: Values,
    size: (f64, f64, f64),
    theme: Rc<Theme>,
}

impl PartialEq for Look {
    fn eq(&self, other: &Self) -> bool {
        let key = |look: &Self| (look.quantity, look.steps, look.values, look.size);
        key(self) == key(other) && Rc::ptr_eq(&self.theme, &other.theme)
    }
}

/// The chart.
#[derive(Debug)]
pub(super) struct Chart {
    pub(super) steps: Steps,
    values: [Values; 3],
    pub(super) quantity: Quantity,
    /// Axes as they were drawn last.
    pub(super) drawn: Option<Look>,
    /// Whether a curve has been painted at all.
    pub(super) painted: bool,
}

impl Default for Chart {
    fn default() -> Self {
        Self {
            steps: Steps::default(),
            values: [
                Values::new(Scale::Log, ERROR, 5, 9),
                Values::new(Scale::Log, LOSS, 7, 11),
                Values::new(Scale::Linear, RATE, 0, 4),
            ],
            quantity: Quantity::Error,
            drawn: None,
            painted: false,
        }
    }
}

impl Chart {
    /// The value axis of the quantity shown.
    pub(super) fn values(&self) -> &Values {
        let [error, loss, rate] = &self.values;
        match self.quantity {
            Quantity::Error => error,
            Quantity::Loss => loss,
            Quantity::Rate => rate,
        }
    }

    /// Adapts the axes to the visible runs.
    pub(super) fn cover(&mut self, live: &Live, quantity: Quantity) {
        self.quantity = quantity;
        let shown = || live.runs().iter().filter(|run| run.visible);
        let last = shown().filter_map(|run| run.loss.last_step().max(run.error.last_step())).max();
        self.steps.cover(last.unwrap_or(0));
        let mut extent = shown()
            .filter_map(|run| quantity.curve(run).extent())
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
            .map(|(low, high)| (f64::from(low), f64::from(high)));
        if quantity == Quantity::Rate
            && let (Some(extent), Some(run)) = (&mut extent, live.current())
        {
            extent.1 = extent.1.max(run.target * 110.0);
        }
        let place = quantity as usize;
        if let (Some((low, high)), Some(values)) = (extent, self.values.get_mut(place)) {
            values.cover(low, high);
        }
    }

    /// The current key of the axes.
    pub(super) fn look(&self, surface: &Surface) -> Look {
        Look {
            quantity: self.quantity,
            steps: self.steps,
            values: *self.values(),
            size: (surface.width, surface.height, surface.ratio),
            theme: surface.theme.clone(),
        }
    }

    /// The plot: left, top, width, height.
    pub(super) fn plot(surface: &Surface) -> (f64, f64, f64, f64) {
        let (left, top, right, bottom) = MARGIN;
        (left, top, (surface.width - left - right).max(1.0), (surface.height - top - bottom).max(1.0))
    }

    /// Where a step is.
    pub(super) fn x(&self, surface: &Surface, step: f64) -> f64 {
        let (left, _, width, _) = Self::plot(surface);
        left + self.steps.place(step) * width
    }

    /// Where a value is.
    pub(super) fn y(&self, surface: &Surface, value: f64) -> f64 {
        let (_, top, _, height) = Self::plot(surface);
        top + (1.0 - self.values().place(value)) * height
    }
}
