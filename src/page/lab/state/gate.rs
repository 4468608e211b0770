//! State of the panel of one gate: the toy, its measurements, and its training.

use super::{Toy, ToyEdit, Train};
use crate::protocol::LabCommand;
use gatelab_engine::lab::{GateAnalysis, Method, Row, ToySpec, ToyView, TrainingPoint};

/// Steps of a training.
pub const STEPS: u64 = 2000;
/// Time in which a whole training curve is drawn, ms.
const DRAWN_IN_MS: f64 = 5000.0;

/// A training of the toy.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// Id of its estimator.
    pub estimator: &'static str,
    /// The toy at its start.
    pub toy: Toy,
    /// Its curve at evenly spaced steps.
    pub points: Vec<TrainingPoint>,
    /// Firing probability of each gate at the last point.
    pub p: Vec<f64>,
    /// Whether it has done all steps.
    pub done: bool,
    /// Steps that have been drawn.
    pub drawn: f64,
    request: u32,
}

impl Trained {
    /// The last point that has been drawn.
    pub fn now(&self) -> Option<&TrainingPoint> {
        self.points.iter().rev().find(|point| point.step as f64 <= self.drawn)
    }

    /// Whether all of it has been drawn.
    pub fn is_drawn(&self) -> bool {
        self.done && self.points.last().is_some_and(|last| self.drawn >= last.step as f64)
    }
}

/// State of the panel.
#[allow(clippy::struct_excessive_bools, reason = "independent switches")]
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// The gate and its loss.
    pub toy: Toy,
    /// The newest measurements, and the toy they belong to.
    pub view: Option<(Toy, ToyView)>,
    /// Whether the measurement is complete.
    pub done: bool,
    /// Id of the estimator that is explained.
    pub explained: Option<&'static str>,
    /// Why the last request was refused.
    pub refusal: Option<String>,
    /// Id of the estimator for training.
    pub estimator: &'static str,
    /// How the logits are updated.
    pub method: Method,
    /// Learning rate.
    pub rate: f64,
    /// Draws per step.
    pub batch: usize,
    /// The newest training.
    pub trained: Option<Trained>,
    /// Whether the training curve is being drawn.
    pub playing: bool,
    /// Whether the toy has changed since the last request.
    pub(super) again: bool,
    request: u32,
    asked: Toy,
    answered: bool,
}

impl Default for Gate {
    fn default() -> Self {
        Self {
            toy: Toy::default(),
            view: None,
            done: false,
            explained: None,
            refusal: None,
            estimator: "st-sigmoid",
            method: Method::Sgd,
            rate: 1.0,
            batch: 64,
            trained: None,
            playing: false,
            again: false,
            request: 0,
            asked: Toy::default(),
            answered: true,
        }
    }
}

impl Gate {
    pub(super) fn close(&mut self) {
        self.answered = true;
        self.again = false;
        self.playing = false;
        self.request = 0;
        // The worker that would have completed the curve is gone.
        self.trained = self.trained.take().filter(|trained| trained.done);
    }

    /// Whether a request is pending. Only one is pending at a time: while a handle is dragged, each answer is followed by a
    /// request for the newest toy, however long answers take.
    pub(super) fn is_waiting(&self) -> bool {
        !self.answered
    }

    pub(super) fn ask(&mut self, request: u32, estimators: &[&'static str]) -> ToySpec {
        self.request = request;
        self.answered = false;
        self.again = false;
        self.done = false;
        self.asked = self.toy;
        self.refusal = None;
        self.toy.spec(estimators, u64::from(request))
    }

    /// Notes an answer; true if it is the first one to the pending request.
    pub(super) fn measured(&mut self, request: u32, view: ToyView, done: bool) -> bool {
        if request != self.request {
            return false;
        }
        self.view = Some((self.asked, view));
        self.done = done;
        !std::mem::replace(&mut self.answered, true)
    }

    pub(super) fn refused(&mut self, request: u32, message: &str) -> bool {
        if self.trained.as_ref().is_some_and(|trained| trained.request == request) {
            self.trained = None;
            self.playing = false;
            self.refusal = Some(message.to_owned());
        }
        if request != self.request {
            return false;
        }
        self.refusal = Some(message.to_owned());
        !std::mem::replace(&mut self.answered, true)
    }

    pub(super) fn edit(&mut self, edit: ToyEdit) {
        self.toy.set(edit);
        self.forget_training();
    }

    /// Removes the curve, which belongs to another toy.
    fn forget_training(&mut self) {
        self.trained = None;
        self.playing = false;
    }

    /// The analysis of an estimator on the present toy.
    pub fn guess(&self, id: &str) -> Option<&GateAnalysis> {
        let (toy, view) = self.view.as_ref()?;
        view.analyses.iter().find(|guess| guess.estimator == id).filter(|_| *toy == self.toy)
    }

    /// The newest analysis of an estimator, possibly of an earlier toy; shown while a handle is dragged.
    pub fn latest_guess(&self, id: &str) -> Option<&GateAnalysis> {
        self.view.as_ref()?.1.analyses.iter().find(|guess| guess.estimator == id)
    }

    /// The measurements of an estimator on the present toy.
    pub fn row(&self, id: &str) -> Option<&Row> {
        let (toy, view) = self.view.as_ref()?;
        view.rows.iter().find(|row| row.estimator == id).filter(|_| *toy == self.toy)
    }

    /// Changes the training; true if a new one starts.
    pub(super) fn train(&mut self, edit: Train) -> bool {
        match edit {
            Train::With(id) => self.estimator = id,
            Train::Adam(on) => self.method = if on { Method::Adam } else { Method::Sgd },
            Train::Rate(rate) => self.rate = rate,
            Train::Batch(batch) => self.batch = batch,
            Train::Toggle => {
                let over = self.trained.as_ref().is_none_or(Trained::is_drawn);
                self.playing = over || !self.playing;
                return over;
            }
            Train::Reset => {}
        }
        self.forget_training();
        false
    }

    pub(super) fn begin(&mut self, request: u32) -> LabCommand {
        let spec = self.toy.spec(&[self.estimator], u64::from(request));
        self.refusal = None;
        self.trained = Some(Trained {
            estimator: self.estimator,
            toy: self.toy,
            points: Vec::new(),
            p: Vec::new(),
            done: false,
            drawn: 0.0,
            request,
        });
        LabCommand::TrainToy { request, spec, method: self.method, rate: self.rate, batch: self.batch, steps: STEPS }
    }

    pub(super) fn trained(&mut self, request: u32, points: Vec<TrainingPoint>, p: Vec<f64>, done: bool) {
        if let Some(trained) = self.trained.as_mut().filter(|trained| trained.request == request) {
            trained.points = points;
            trained.p = p;
            trained.done = done;
        }
    }

    /// Extends the drawn part of the curve by `ms` milliseconds, as far as its points have arrived.
    pub(super) fn reveal(&mut self, ms: f64) {
        let Some(trained) = self.trained.as_mut().filter(|_| self.playing) else { return };
        let there = trained.points.last().map_or(0.0, |last| last.step as f64);
        trained.drawn = (trained.drawn + ms / DRAWN_IN_MS * STEPS as f64).min(there);
        if trained.is_drawn() {
            self.playing = false;
        }
    }
}
