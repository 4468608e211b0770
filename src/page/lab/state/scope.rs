//! The microscope: what was frozen, what has been measured on it, and what was measured before.

use super::{Clock, LabEffect};
use gatelab_engine::lab::{Metrics, Row};

/// Following, the run is frozen again no sooner than this, ms …
const FOLLOW_MS: f64 = 15_000.0;
/// … and no sooner than this many epochs, whichever is later.
const FOLLOW_EPOCHS: f64 = 0.5;
/// A request to freeze that nobody has answered by then (ms) is made again.
const PATIENCE_MS: f64 = 5000.0;
/// Moments of training that are remembered.
const MOST_SHOTS: usize = 400;

/// A column that rows can be sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// In the order of the list.
    Name,
    /// Relative bias.
    Bias,
    /// Noise to signal.
    Noise,
    /// Cosine between the mean and the exact gradient.
    Direction,
    /// Share of entries with the right sign.
    Signs,
    /// Multiply-adds a draw.
    Cost,
}

/// What is drawn along training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Metric {
    /// Relative bias.
    Bias,
    /// Noise to signal.
    #[default]
    Noise,
    /// Cosine of one draw.
    Direction,
}

impl Metric {
    /// All, in the order of the choice.
    pub const ALL: [Self; 3] = [Self::Noise, Self::Bias, Self::Direction];

    /// Its value, if it is known.
    pub fn of(self, metrics: &Metrics, equal_cost: bool) -> Option<f64> {
        match self {
            Self::Bias => metrics.relative_bias.map(|bias| bias.value),
            Self::Noise => Some(noise(metrics, equal_cost)),
            Self::Direction => Some(metrics.cosine_of_one),
        }
    }
}

/// Noise to signal, of a draw or at equal cost.
pub fn noise(metrics: &Metrics, equal_cost: bool) -> f64 {
    if equal_cost { metrics.noise_at_equal_cost } else { metrics.noise_to_signal }
}

/// What the microscope has said of the present specimen.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Steps the frozen run had done.
    pub step: u64,
    /// Epochs it had done.
    pub epoch: f64,
    /// One row for each estimator asked for.
    pub rows: Vec<Row>,
    /// Relative standard error of the reference.
    pub reference_error: Option<f64>,
    /// (reference, mean estimate) of single entries.
    pub scatter: Vec<(f32, f32)>,
    /// Whose they are.
    pub scatter_of: Option<&'static str>,
    /// Whether all is measured.
    pub done: bool,
}

/// What was measured at one moment of training.
#[derive(Clone, Debug, PartialEq)]
pub struct Shot {
    /// Steps.
    pub step: u64,
    /// Estimators and their numbers.
    pub rows: Vec<(String, Metrics)>,
}

/// The microscope.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scope {
    /// When the specimen arrived (ms), if there is one.
    pub frozen: Option<f64>,
    /// When a specimen was asked for (ms), while it is on its way.
    pub waiting: Option<f64>,
    /// Whether the run is frozen again every now and then.
    pub follow: bool,
    /// Whether noise is that of equal cost.
    pub equal_cost: bool,
    /// The column that sorts, and whether from large to small.
    pub sort: Option<(Column, bool)>,
    /// The estimator in the scatter.
    pub shown: Option<&'static str>,
    /// What is drawn along training.
    pub metric: Metric,
    /// Numbers of the present specimen.
    pub measured: Option<Measured>,
    /// Earlier moments, oldest first, the present one last.
    pub history: Vec<Shot>,
    /// A refusal, in words.
    pub refusal: Option<String>,
    /// Ids as they were asked for.
    ids: Vec<&'static str>,
    request: u32,
    /// The run as it was seen last.
    clock: Option<Clock>,
}

impl Scope {
    /// The worker is gone, and what it held.
    pub(super) fn close(&mut self) {
        self.frozen = None;
        self.waiting = None;
        self.request = 0;
    }

    /// Asks for a specimen, unless one is on its way.
    pub(super) fn freeze(&mut self) -> Vec<LabEffect> {
        let now = self.clock.map_or(0.0, |clock| clock.now);
        if self.waiting.is_some_and(|since| now - since < PATIENCE_MS) {
            return Vec::new();
        }
        self.waiting = Some(now);
        vec![LabEffect::Freeze]
    }

    /// A specimen is here; false if nobody waits for it any more.
    pub(super) fn arrived(&mut self, now: f64) -> bool {
        let wanted = self.waiting.take().is_some();
        if wanted {
            self.frozen = Some(now);
        }
        wanted
    }

    pub(super) fn clock(&mut self, clock: Clock) -> Vec<LabEffect> {
        let before = self.clock.replace(clock);
        if before.is_some_and(|before| before.run != clock.run) {
            // Another run is another story; its first picture replaces the old one's.
            self.history.clear();
            self.measured = None;
            self.frozen = None;
        }
        // What nobody answered may be asked again.
        self.waiting = self.waiting.filter(|since| clock.now - since < PATIENCE_MS);
        let Some(since) = self.frozen else {
            return if clock.ready { self.freeze() } else { Vec::new() };
        };
        let grown = (clock.epoch - self.measured.as_ref().map_or(clock.epoch, |measured| measured.epoch)).abs();
        if self.follow && clock.ready && clock.now - since >= FOLLOW_MS && grown >= FOLLOW_EPOCHS {
            return self.freeze();
        }
        Vec::new()
    }

    /// Notes what is asked for; gives the position of the estimator in the scatter.
    pub(super) fn ask(&mut self, request: u32, ids: &[&'static str]) -> usize {
        self.request = request;
        self.ids = ids.to_vec();
        self.refusal = None;
        if self.shown.is_none_or(|shown| !ids.contains(&shown)) {
            // One with a bias is more of a picture than a cloud.
            self.shown = ids.iter().find(|id| **id == "st-sigmoid").or_else(|| ids.first()).copied();
        }
        self.place().unwrap_or(0)
    }

    fn place(&self) -> Option<usize> {
        self.ids.iter().position(|id| Some(*id) == self.shown)
    }

    pub(super) fn show(&mut self, id: &'static str) -> Vec<LabEffect> {
        self.shown = Some(id);
        let place = self.place().filter(|_| self.request > 0);
        place.map(|place| LabEffect::Send(crate::protocol::LabCommand::Scatter(place))).into_iter().collect()
    }

    pub(super) fn sort_by(&mut self, column: Column) {
        self.sort = match self.sort {
            Some((now, down)) if now == column && column != Column::Name => Some((column, !down)),
            _ if column == Column::Name => None,
            // The best first: small bias, noise and cost; large cosines and shares.
            _ => Some((column, matches!(column, Column::Direction | Column::Signs))),
        };
    }

    pub(super) fn measured(&mut self, request: u32, mut new: Measured, scatter: Vec<(f32, f32)>, of: usize) {
        if request != self.request {
            return;
        }
        new.done |= self.measured.as_ref().is_some_and(|old| old.done && same_draws(old, &new));
        new.scatter_of = self.ids.get(of).copied();
        new.scatter = scatter;
        self.remember(&new);
        self.measured = Some(new);
    }

    fn remember(&mut self, new: &Measured) {
        if self.history.last().is_none_or(|shot| shot.step != new.step) {
            self.history.push(Shot { step: new.step, rows: Vec::new() });
            if self.history.len() > MOST_SHOTS {
                self.history.remove(0);
            }
        }
        let Some(shot) = self.history.last_mut() else { return };
        for row in new.rows.iter().filter(|row| row.metrics.relative_bias.is_some()) {
            match shot.rows.iter_mut().find(|(id, _)| *id == row.estimator) {
                Some((_, metrics)) => *metrics = row.metrics.clone(),
                None => shot.rows.push((row.estimator.clone(), row.metrics.clone())),
            }
        }
    }

    pub(super) fn refused(&mut self, request: u32, message: &str) {
        if request == self.request {
            self.refusal = Some(message.to_owned());
        }
    }

    /// The rows in the order in which they are shown.
    pub fn sorted(&self) -> Vec<&Row> {
        let Some(measured) = &self.measured else { return Vec::new() };
        let mut rows: Vec<&Row> = measured.rows.iter().collect();
        if let Some((column, down)) = self.sort {
            rows.sort_by(|x, y| {
                let order = self.key(column, x).total_cmp(&self.key(column, y));
                if down { order.reverse() } else { order }
            });
        }
        rows
    }

    fn key(&self, column: Column, row: &Row) -> f64 {
        let metrics = &row.metrics;
        match column {
            Column::Name => 0.0,
            Column::Bias => metrics.relative_bias_squared.map_or(f64::INFINITY, |bias| bias.value),
            Column::Noise => noise(metrics, self.equal_cost),
            Column::Direction => metrics.cosine_of_mean,
            Column::Signs => metrics.signs[0],
            Column::Cost => metrics.multiply_adds,
        }
    }
}

fn same_draws(old: &Measured, new: &Measured) -> bool {
    old.step == new.step
        && old.rows.first().map(|row| row.metrics.samples) == new.rows.first().map(|row| row.metrics.samples)
}
