//! A run's curves, name and changes.

use std::collections::VecDeque;

use crate::page::messages::pictures as say;
use crate::protocol::Evaluation;
use gatelab_engine::estimator::registry;
use gatelab_engine::schema::{Action, Change, RunConfig};
use gatelab_engine::training::history::{Bucket, Curve};
use gatelab_engine::training::settings::Settings;
use gatelab_engine::training::settings::lookup;

/// The page's number for a run.
pub type RunId = u32;

/// Evaluations kept for the table.
const TABLE_ROWS: usize = 100;
/// Half-life of the smoothed counters, in steps.
const HALF_LIFE: f64 = 50.0;

/// The kind of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarkKind {
    /// Another estimator.
    Switch,
    /// Another value of a setting.
    Knob,
}

/// A change during the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    /// Steps done before the change took effect.
    pub step: u64,
    /// What kind of change.
    pub kind: MarkKind,
    /// In words.
    pub label: String,
}

/// A range of steps with one estimator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// Steps done when it began.
    pub from: u64,
    /// The estimator's id.
    pub estimator: String,
}

/// An exponential moving average; weights halve every [`HALF_LIFE`] steps.
#[derive(Clone, Copy, Debug, Default)]
struct Follower {
    value: f64,
    weight: f64,
}

impl Follower {
    fn push(&mut self, bucket: &Bucket) {
        let keep = (-(bucket.count as f64) / HALF_LIFE).exp2();
        self.value = self.value * keep + bucket.mean() * (1.0 - keep);
        self.weight = self.weight * keep + (1.0 - keep);
    }

    fn read(&self) -> Option<f64> {
        (self.weight > 0.0).then(|| self.value / self.weight)
    }
}

/// One run.
#[derive(Clone, Debug)]
pub struct Run {
    /// The page's number for it.
    pub id: RunId,
    /// Seed.
    pub seed: u64,
    /// Index of its dash pattern; freed when the run is removed.
    pub slot: usize,
    /// Whether its curves are shown.
    pub visible: bool,
    /// Estimators, by rising step; never empty.
    pub spans: Vec<Span>,
    /// The changes during the run.
    pub marks: Vec<Mark>,
    /// Target firing rate in force.
    pub target: f64,
    /// Gates of its network.
    pub gates: usize,
    /// Step at which the run (or its branch) began.
    pub origin: u64,
    /// Training loss.
    pub loss: Curve,
    /// Share of open gates in training.
    pub rate: Curve,
    /// Validation error, per cent.
    pub error: Curve,
    /// The latest evaluations, newest last.
    pub evaluations: VecDeque<Evaluation>,
    loss_now: Follower,
    rate_now: Follower,
}

impl Run {
    /// A run that begins.
    pub fn new(id: RunId, config: &RunConfig, settings: &Settings, step: u64, slot: usize) -> Self {
        let mut run = Self::bare(id, config.seed, slot, step, settings);
        run.derive_history(config, step);
        run
    }

    fn bare(id: RunId, seed: u64, slot: usize, origin: u64, settings: &Settings) -> Self {
        Self {
            id,
            seed,
            slot,
            visible: true,
            spans: vec![Span { from: origin, estimator: settings.estimator.clone() }],
            marks: Vec::new(),
            target: settings.target,
            gates: settings.shape.gates,
            origin,
            loss: Curve::default(),
            rate: Curve::default(),
            error: Curve::default(),
            evaluations: VecDeque::new(),
            loss_now: Follower::default(),
            rate_now: Follower::default(),
        }
    }

    /// A branch of another run, from a change on.
    pub fn branch(&self, id: RunId, change: &Change, settings: &Settings, slot: usize) -> Self {
        let mut run = Self::bare(id, self.seed, slot, change.step, settings);
        let before = self.spans.last().map_or_else(|| settings.estimator.clone(), |span| span.estimator.clone());
        if let Some(mark) = mark_of(change, &before) {
            run.marks.push(mark);
        }
        (run.loss_now, run.rate_now) = (self.loss_now, self.rate_now);
        run
    }

    /// Derives spans and marks from the configuration's changes up to `step`.
    pub fn derive_history(&mut self, config: &RunConfig, step: u64) {
        let at_origin = config.changes.iter().filter(|change| change.step < self.origin);
        let first = at_origin
            .filter_map(|change| match &change.action {
                Action::Estimator(id) => Some(id),
                _ => None,
            })
            .next_back()
            .unwrap_or(&config.estimator);
        self.spans = vec![Span { from: self.origin, estimator: first.clone() }];
        self.marks.clear();
        let (origin, changes) = (self.origin, config.changes.iter());
        for change in changes.filter(|change| change.step >= origin && change.step <= step) {
            self.apply(change);
        }
    }

    /// A change took effect. A repeated event for the same change is ignored.
    pub fn change(&mut self, change: &Change, settings: &Settings) {
        self.apply(change);
        self.target = settings.target;
    }

    fn apply(&mut self, change: &Change) {
        let mark = mark_of(change, self.estimator());
        let Some(mark) = mark else { return };
        if self.marks.contains(&mark) {
            return;
        }
        self.marks.push(mark);
        if let Action::Estimator(id) = &change.action {
            let origin = self.origin;
            self.spans.retain(|span| span.from < change.step || span.from == origin);
            match self.spans.last_mut() {
                Some(last) if last.from == change.step => last.estimator.clone_from(id),
                _ => self.spans.push(Span { from: change.step, estimator: id.clone() }),
            }
        }
    }

    /// The estimator in force now.
    pub fn estimator(&self) -> &str {
        self.spans.last().map_or("", |span| span.estimator.as_str())
    }

    /// The estimator in force for a step. A switch at `step` applies to the steps after it.
    pub fn span_at(&self, step: u64) -> (u64, &str) {
        let span = self.spans.iter().rev().find(|span| span.from < step).or(self.spans.first());
        span.map_or((0, ""), |span| (span.from, span.estimator.as_str()))
    }

    /// The run's label: estimators, and seed or first step.
    pub fn label(&self) -> String {
        let names: Vec<&str> = self.spans.iter().map(|span| short_name(&span.estimator)).collect();
        say::run_label(&names, self.seed, self.origin)
    }

    /// Adds steps: training losses (nats) and shares of open gates (0..=1).
    pub fn steps(&mut self, loss: &[Bucket], gate_rate: &[Bucket]) {
        for bucket in loss {
            self.loss.add(*bucket);
            self.loss_now.push(bucket);
        }
        for bucket in gate_rate {
            self.rate.add(bucket.scaled(100.0));
            self.rate_now.push(bucket);
        }
    }

    /// Adds an evaluation.
    pub fn evaluation(&mut self, evaluation: &Evaluation) {
        self.error.push(evaluation.step, evaluation.error * 100.0);
        if self.evaluations.len() == TABLE_ROWS {
            self.evaluations.pop_front();
        }
        self.evaluations.push_back(*evaluation);
    }

    /// Removes points after `step` and changes at `step` or later.
    pub fn truncate(&mut self, step: u64) {
        self.loss.truncate(step);
        self.rate.truncate(step);
        self.error.truncate(step);
        self.evaluations.retain(|evaluation| evaluation.step <= step);
        self.marks.retain(|mark| mark.step < step);
        let origin = self.origin;
        self.spans.retain(|span| span.from < step || span.from == origin);
        (self.loss_now, self.rate_now) = (Follower::default(), Follower::default());
    }

    /// Training loss, smoothed.
    pub fn loss_now(&self) -> Option<f64> {
        self.loss_now.read()
    }

    /// Share of open gates, 0..=1, smoothed.
    pub fn rate_now(&self) -> Option<f64> {
        self.rate_now.read()
    }

    /// Validation error at the last evaluation, 0..=1.
    pub fn error_now(&self) -> Option<f32> {
        self.evaluations.back().map(|evaluation| evaluation.error)
    }

    /// Whether there is anything to draw.
    pub fn is_worth_keeping(&self) -> bool {
        self.loss.points() >= 2
    }
}

/// An estimator's short name; its id if the registry has no such estimator.
pub fn short_name(id: &str) -> &str {
    registry::record(id).map_or(id, |record| record.short)
}

/// The mark of a change; `None` if the change has no effect.
fn mark_of(change: &Change, before: &str) -> Option<Mark> {
    let label_of = |name: &str| {
        lookup::all().find(|key| key.name == name).map_or_else(|| name.to_owned(), |key| key.label.to_owned())
    };
    let (kind, label) = match &change.action {
        Action::Estimator(id) if id == before => return None,
        Action::Estimator(id) => (MarkKind::Switch, say::switched(short_name(before), short_name(id))),
        Action::Set(name, value) => (MarkKind::Knob, say::knob_set(&label_of(name), &value.to_string())),
        Action::Reset(name) => (MarkKind::Knob, say::knob_reset(&label_of(name))),
        Action::ResetMomentum => (MarkKind::Knob, say::MOMENTUM_RESET.to_owned()),
    };
    Some(Mark { step: change.step, kind, label })
}
