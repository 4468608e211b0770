//! One gate on a loss of one's own: what its rules make of it, and how it learns.

use super::{Toy, Train, Wish};
use crate::protocol::LabCommand;
use gatelab_engine::lab::{Guess, Method, Row, ToySpec, ToyView, TrainingPoint};

/// Steps of learning.
pub const STEPS: u64 = 2000;
/// The whole curve of learning is drawn in this time, ms: slow enough to see where it goes.
const DRAWN_IN_MS: f64 = 5000.0;

/// A run on the toy.
#[derive(Clone, Debug, PartialEq)]
pub struct Trained {
    /// With which estimator.
    pub estimator: &'static str,
    /// The toy it began at.
    pub toy: Toy,
    /// Its curve, evenly spaced.
    pub points: Vec<TrainingPoint>,
    /// Firing probability of each gate at the end of the curve.
    pub p: Vec<f64>,
    /// Whether it has come to its end.
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

/// One gate.
#[allow(clippy::struct_excessive_bools, reason = "each tells of another matter")]
#[derive(Clone, Debug, PartialEq)]
pub struct Gate {
    /// The gate and its loss.
    pub toy: Toy,
    /// What the worker says of it, for the toy beside it.
    pub view: Option<(Toy, ToyView)>,
    /// Whether the draws have come to their end.
    pub done: bool,
    /// Whose guess is explained.
    pub explained: Option<&'static str>,
    /// A refusal, in words.
    pub refusal: Option<String>,
    /// Estimator, method, rate and draws a step of learning.
    pub estimator: &'static str,
    /// How the logits move.
    pub method: Method,
    /// Learning rate.
    pub rate: f64,
    /// Draws a step.
    pub batch: usize,
    /// The run on it.
    pub trained: Option<Trained>,
    /// Whether the curve of learning is being drawn.
    pub playing: bool,
    /// Whether the gate has changed since the last request.
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
        // A curve whose end will never come is none.
        self.trained = self.trained.take().filter(|trained| trained.done);
    }

    /// Whether a request is still to be answered. One is under way at a time: while somebody drags, each answer is followed
    /// by the question of that moment, however long answers take.
    pub(super) fn waits(&self) -> bool {
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

    /// Takes an answer; true if it is the first to its request.
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

    pub(super) fn wish(&mut self, wish: Wish) {
        self.toy.set(wish);
        self.forget_training();
    }

    /// A curve that began on another toy would only confuse.
    fn forget_training(&mut self) {
        self.trained = None;
        self.playing = false;
    }

    /// What is known exactly of an estimator on the gate as it is now.
    pub fn guess(&self, id: &str) -> Option<&Guess> {
        let (toy, view) = self.view.as_ref()?;
        view.guesses.iter().find(|guess| guess.estimator == id).filter(|_| *toy == self.toy)
    }

    /// The guess as it was known last: while somebody drags, pictures need something to show.
    pub fn latest_guess(&self, id: &str) -> Option<&Guess> {
        self.view.as_ref()?.1.guesses.iter().find(|guess| guess.estimator == id)
    }

    /// What draws say of an estimator on the gate as it is now.
    pub fn row(&self, id: &str) -> Option<&Row> {
        let (toy, view) = self.view.as_ref()?;
        view.rows.iter().find(|row| row.estimator == id).filter(|_| *toy == self.toy)
    }

    /// Takes a wish about learning; true if it begins.
    pub(super) fn train(&mut self, wish: Train) -> bool {
        match wish {
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

    /// Draws on, for so many milliseconds, as far as the curve is there.
    pub(super) fn reveal(&mut self, ms: f64) {
        let Some(trained) = self.trained.as_mut().filter(|_| self.playing) else { return };
        let there = trained.points.last().map_or(0.0, |last| last.step as f64);
        trained.drawn = (trained.drawn + ms / DRAWN_IN_MS * STEPS as f64).min(there);
        if trained.is_drawn() {
            self.playing = false;
        }
    }
}
