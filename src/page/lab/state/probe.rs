//! State of the gradient probe's panel: the snapshot, its measurements, and those of earlier snapshots.

use super::{Clock, LabEffect};
use gatelab_engine::lab::{Metrics, Row};

/// While following, least time between two snapshots, ms.
const FOLLOW_MS: f64 = 15_000.0;
/// While following, least training between two snapshots, epochs.
const FOLLOW_EPOCHS: f64 = 0.5;
/// A request for a snapshot without an answer is repeated after this time, ms.
const SNAPSHOT_TIMEOUT_MS: f64 = 5000.0;
/// Most points of the history.
const MOST_HISTORY_POINTS: usize = 400;

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

/// The quantity drawn along training.
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
    /// All quantities, in the order of the choice.
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

/// Noise to signal, per draw or at equal cost.
pub fn noise(metrics: &Metrics, equal_cost: bool) -> f64 {
    if equal_cost { metrics.noise_at_equal_cost } else { metrics.noise_to_signal }
}

/// Measurements on the present snapshot.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// Steps of the run at the snapshot.
    pub step: u64,
    /// Epochs of the run at the snapshot.
    pub epoch: f64,
    /// One row for each estimator asked for.
    pub rows: Vec<Row>,
    /// Relative standard error of the reference.
    pub reference_error: Option<f64>,
    /// (reference, mean estimate) of single entries.
    pub scatter: Vec<(f32, f32)>,
    /// The estimator of the scatter.
    pub scatter_of: Option<&'static str>,
    /// Whether the measurement is complete.
    pub done: bool,
}

/// Measurements of one snapshot, kept for the history.
#[derive(Clone, Debug, PartialEq)]
pub struct HistoryPoint {
    /// Steps.
    pub step: u64,
    /// Ids of estimators and their measurements.
    pub rows: Vec<(String, Metrics)>,
}

/// State of the panel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Probe {
    /// Time of arrival of the snapshot, ms; `None` without one.
    pub frozen: Option<f64>,
    /// Time of the pending request for a snapshot, ms.
    pub waiting: Option<f64>,
    /// Whether new snapshots are taken while the run continues.
    pub follow: bool,
    /// Whether noise is shown at equal cost.
    pub equal_cost: bool,
    /// The column sorted by, and whether in descending order.
    pub sort: Option<(Column, bool)>,
    /// The estimator in the scatter.
    pub shown: Option<&'static str>,
    /// The quantity drawn along training.
    pub metric: Metric,
    /// Measurements on the present snapshot.
    pub measured: Option<Measured>,
    /// Measurements of all snapshots, oldest first.
    pub history: Vec<HistoryPoint>,
    /// Why the last request was refused.
    pub refusal: Option<String>,
    /// Ids in the order of the last request.
    ids: Vec<&'static str>,
    request: u32,
    /// The run's last reported progress.
    clock: Option<Clock>,
}

impl Probe {
    /// Drops what the terminated worker held.
    pub(super) fn close(&mut self) {
        self.frozen = None;
        self.waiting = None;
        self.request = 0;
    }

    /// Requests a snapshot, unless a request is pending.
    pub(super) fn freeze(&mut self) -> Vec<LabEffect> {
        let now = self.clock.map_or(0.0, |clock| clock.now);
        if self.waiting.is_some_and(|since| now - since < SNAPSHOT_TIMEOUT_MS) {
            return Vec::new();
        }
        self.waiting = Some(now);
        vec![LabEffect::Freeze]
    }

    /// Notes the arrival of a snapshot; false if no request is pending.
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
            // The history belongs to one run.
            self.history.clear();
            self.measured = None;
            self.frozen = None;
        }
        // A request without an answer is dropped, so that it is repeated.
        self.waiting = self.waiting.filter(|since| clock.now - since < SNAPSHOT_TIMEOUT_MS);
        let Some(since) = self.frozen else {
            return if clock.ready { self.freeze() } else { Vec::new() };
        };
        let grown = (clock.epoch - self.measured.as_ref().map_or(clock.epoch, |measured| measured.epoch)).abs();
        if self.follow && clock.ready && clock.now - since >= FOLLOW_MS && grown >= FOLLOW_EPOCHS {
            return self.freeze();
        }
        Vec::new()
    }

    /// Notes a request; returns the index of the estimator in the scatter.
    pub(super) fn ask(&mut self, request: u32, ids: &[&'static str]) -> usize {
        self.request = request;
        self.ids = ids.to_vec();
        self.refusal = None;
        if self.shown.is_none_or(|shown| !ids.contains(&shown)) {
            // A biased estimator shows a deviation from the diagonal.
            self.shown = ids.iter().find(|id| **id == "st-sigmoid").or_else(|| ids.first()).copied();
        }
        self.shown_index().unwrap_or(0)
    }

    fn shown_index(&self) -> Option<usize> {
        self.ids.iter().position(|id| Some(*id) == self.shown)
    }

    pub(super) fn show(&mut self, id: &'static str) -> Vec<LabEffect> {
        self.shown = Some(id);
        let index = self.shown_index().filter(|_| self.request > 0);
        index.map(|index| LabEffect::Send(crate::protocol::LabCommand::Scatter(index))).into_iter().collect()
    }

    pub(super) fn sort_by(&mut self, column: Column) {
        self.sort = match self.sort {
            Some((now, down)) if now == column && column != Column::Name => Some((column, !down)),
            _ if column == Column::Name => None,
            // The best first: ascending bias, noise and cost, descending cosines and shares.
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
        if self.history.last().is_none_or(|point| point.step != new.step) {
            self.history.push(HistoryPoint { step: new.step, rows: Vec::new() });
            if self.history.len() > MOST_HISTORY_POINTS {
                self.history.remove(0);
            }
        }
        let Some(point) = self.history.last_mut() else { return };
        for row in new.rows.iter().filter(|row| row.metrics.relative_bias.is_some()) {
            match point.rows.iter_mut().find(|(id, _)| *id == row.estimator) {
                Some((_, metrics)) => *metrics = row.metrics.clone(),
                None => point.rows.push((row.estimator.clone(), row.metrics.clone())),
            }
        }
    }

    pub(super) fn refused(&mut self, request: u32, message: &str) {
        if request == self.request {
            self.refusal = Some(message.to_owned());
        }
    }

    /// The rows in the order of display.
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
