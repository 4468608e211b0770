//! A turn of the loop: train for a slice, evaluate when due, send what the page watches.

use super::{Run, Session};
use crate::protocol::{Evaluation, Event, Problem, RunState};
use crate::worker::{clock, outbox, pulse};
use gatelab_engine::data::Split;
use gatelab_engine::training::{Evaluator, TrainError};

/// Milliseconds of computing between checks for messages.
const SLICE: f64 = 8.0;
/// Milliseconds between frames, at least.
const FRAME: f64 = 16.0;
/// Milliseconds until data that is still arriving is read again.
const DATA_RETRY: f64 = 50.0;

impl Session {
    pub(super) fn turn(&mut self) {
        let now = clock::now();
        let mut again = self.run.as_ref().is_some_and(|run| self.store.grow_strokes(run.data));
        if self.state == Some(RunState::Running) {
            if now >= self.not_before {
                self.slice(now);
                self.snapshots.when_due(self.run.as_mut(), &self.store);
            }
            again |= self.state == Some(RunState::Running);
        } else {
            again |= self.evaluate_a_piece(now);
        }
        if clock::now() - self.camera.last_frame() >= FRAME
            && (self.camera.has_news() || self.camera.wants_a_look(&self.watch))
        {
            self.send_frame();
        }
        if again {
            let wait = self.not_before - clock::now();
            if wait > 0.0 {
                pulse::later(wait, pulse::soon);
            } else {
                pulse::soon();
            }
        }
    }

    /// Steps until the slice is over or something else comes first. The clock is read once a step: where one ends the next
    /// begins.
    fn slice(&mut self, began: f64) {
        let mut now = began;
        while now - began < SLICE {
            // Parameters must not change during an evaluation: it goes before the next step.
            if self.evaluate_a_piece(now) {
                now = clock::now();
                continue;
            }
            match self.one_step(now) {
                Some(ended) => now = ended,
                None => return,
            }
            if let Some(speed) = self.speed {
                let pause = 1000.0 / speed.max(0.01);
                self.not_before = (self.not_before + pause).max(now);
                return;
            }
        }
    }

    /// One training step, and when it had ended; `None` if the run can't go on now.
    fn one_step(&mut self, began: f64) -> Option<f64> {
        let run = self.run.as_mut()?;
        let step = run.trainer.step_count();
        if run.pause_at == Some(step) {
            run.pause_at = None;
            self.pause(RunState::Paused);
            return None;
        }
        if began >= run.until {
            self.pause(RunState::Stopped);
            return None;
        }
        let Some(data) = self.store.get(run.data) else {
            // A run that went on from a checkpoint: its data is being fetched or read again.
            self.not_before = began + DATA_RETRY;
            return None;
        };
        match data.check_digest(run.expected_data) {
            Ok(true) => run.expected_data = None,
            Ok(false) => {
                self.not_before = began + DATA_RETRY;
                return None;
            }
            Err(error) => {
                self.fail(&error.into());
                return None;
            }
        }
        let due: Vec<_> =
            run.trainer.changes_ahead().iter().take_while(|change| change.step <= step).cloned().collect();
        match run.trainer.step(data) {
            Ok(report) => {
                let ended = clock::now();
                for change in due {
                    let settings = run.trainer.settings().clone();
                    outbox::event(&Event::Changed { run: run.number, change, settings });
                }
                self.camera.step(&mut run.trainer, data, &self.watch, &report, ended - began);
                Some(ended)
            }
            Err(TrainError::Waiting { .. }) => {
                self.not_before = began + DATA_RETRY;
                None
            }
            Err(error) => {
                self.fail(&error);
                None
            }
        }
    }

    /// Exactly one step, then paused.
    pub(super) fn single_step(&mut self) {
        let Some(run) = &mut self.run else { return };
        // Neither a pause at this step nor the time limit of the run may suppress it.
        run.pause_at = None;
        run.until = f64::INFINITY;
        self.state = Some(RunState::Paused);
        // An evaluation under way measures the parameters before this step.
        while self.run.as_ref().is_some_and(|run| run.evaluation.is_some()) && self.evaluate_a_piece(clock::now()) {}
        self.one_step(clock::now());
        if self.state == Some(RunState::Paused) {
            self.send_frame();
            self.enter(RunState::Paused);
        }
    }

    /// Measures a piece of an evaluation that is due or under way; false if there is none.
    fn evaluate_a_piece(&mut self, began: f64) -> bool {
        let Some(run) = &mut self.run else { return false };
        let Some(data) = self.store.get(run.data) else { return false };
        let step = run.trainer.step_count();
        if run.evaluation.is_none() {
            if run.evaluated_at == step || !run.schedule.is_due(step) || data.valid.is_empty() {
                return false;
            }
            run.evaluated_at = step;
            run.evaluation_ms = 0.0;
            let most = run.trainer.settings().valid_examples;
            run.evaluation = Evaluator::new(&run.trainer, data, Split::Valid, most).ok();
        }
        let Run { trainer, evaluation, .. } = run;
        let Some(Ok(piece)) = evaluation.as_mut().map(|evaluator| evaluator.advance(trainer, data)) else {
            *evaluation = None;
            return false;
        };
        run.evaluation_ms += clock::now() - began;
        if let Some(measured) = piece {
            *evaluation = None;
            run.schedule.record_cost(run.evaluation_ms / self.camera.step_ms());
            self.camera.evaluated(Evaluation::of(step, &measured), measured.work);
        }
        true
    }

    /// Stops at an error of training; parameters are those before the step.
    fn fail(&mut self, error: &TrainError) {
        let can_undo = self.snapshots.can_undo();
        if let Some(run) = &mut self.run {
            run.evaluation = None;
            let learning_rate = run.trainer.settings().learning_rate;
            outbox::problem(match error {
                TrainError::NotFinite { tensor, step } => {
                    Problem::NotFinite { tensor: (*tensor).to_owned(), step: *step, can_undo, learning_rate }
                }
                other => Problem::Config { message: other.to_string() },
            });
        }
        self.send_frame();
        self.enter(RunState::Failed);
    }

    pub(super) fn send_frame(&mut self) {
        let Some(run) = &mut self.run else { return };
        let Some(data) = self.store.get(run.data) else { return };
        // The first frame of a run goes out even if the page is hidden: it holds the probe digits.
        if !self.watch.visible && run.announced {
            return;
        }
        run.announced = true;
        let frame = self.camera.shoot(run.number, &mut run.trainer, data, &self.watch);
        outbox::frame(&frame);
    }
}
