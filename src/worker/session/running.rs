//! A turn of the loop: train for a slice, evaluate when due, send what the page watches.

use super::{Run, Session};
use crate::data::Split;
use crate::protocol::{Evaluation, Event, Problem, RunState};
use crate::training::{Evaluator, TrainError};
use crate::worker::{clock, outbox, pulse};

/// Milliseconds of computing between looks at the inbox.
const SLICE: f64 = 8.0;
/// Milliseconds between frames, at least.
const FRAME: f64 = 16.0;
/// Milliseconds until data that is still arriving is asked for again.
const PATIENCE: f64 = 50.0;

/// Whether an evaluation is due at this step: often while much changes, then every 200 steps. By step and not by time, so
/// that two runs are measured at the same points.
fn evaluation_due(step: u64) -> bool {
    match step {
        0 => false,
        1..=500 => step.is_multiple_of(50) || matches!(step, 2 | 10 | 25),
        _ => step.is_multiple_of(200),
    }
}

impl Session {
    pub(super) fn turn(&mut self) {
        let now = clock::now();
        let mut again = self.run.as_ref().is_some_and(|run| self.store.grow_strokes(run.data));
        if self.state == Some(RunState::Running) {
            if now >= self.not_before {
                self.slice(now);
                self.snapshots.when_due(self.run.as_mut(), &self.store, now);
            }
            again |= self.state == Some(RunState::Running);
        } else {
            again |= self.evaluate_a_piece();
        }
        if now - self.camera.last_frame() >= FRAME && (self.camera.has_news() || self.camera.wants_a_look(&self.watch))
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

    /// Steps until the slice is over or something else comes first.
    fn slice(&mut self, began: f64) {
        while clock::now() - began < SLICE {
            // An evaluation measures parameters that hold still: it goes before the next step.
            if self.evaluate_a_piece() {
                continue;
            }
            if !self.one_step() {
                return;
            }
            if let Some(speed) = self.speed {
                let pause = 1000.0 / speed.max(0.01);
                self.not_before = (self.not_before + pause).max(clock::now());
                return;
            }
        }
    }

    /// One training step; false if the run can't go on now.
    fn one_step(&mut self) -> bool {
        let Some(run) = &mut self.run else { return false };
        if run.pause_at == Some(run.trainer.step_count()) {
            run.pause_at = None;
            self.pause(RunState::Paused);
            return false;
        }
        if run.trainer.epoch() >= run.budget {
            self.pause(RunState::Stopped);
            return false;
        }
        let Some(data) = self.store.get(run.data) else {
            // A run that went on from a checkpoint: its data is being fetched or read again.
            self.not_before = clock::now() + PATIENCE;
            return false;
        };
        let ahead = run.trainer.changes_ahead().to_vec();
        let before = clock::now();
        match run.trainer.step(data) {
            Ok(report) => {
                for change in ahead.into_iter().take_while(|change| change.step < report.step) {
                    let settings = run.trainer.settings().clone();
                    outbox::event(&Event::Changed { run: run.number, change, settings });
                }
                let milliseconds = clock::now() - before;
                self.camera.step(&mut run.trainer, data, &self.watch, &report, milliseconds);
                true
            }
            Err(TrainError::Waiting { .. }) => {
                self.not_before = clock::now() + PATIENCE;
                false
            }
            Err(error) => {
                self.fail(&error);
                false
            }
        }
    }

    /// Exactly one step, then paused.
    pub(super) fn single_step(&mut self) {
        let Some(run) = &mut self.run else { return };
        // Neither a pause due at this very step nor the budget may swallow it.
        run.pause_at = None;
        run.budget = f64::INFINITY;
        self.state = Some(RunState::Paused);
        self.one_step();
        if self.state == Some(RunState::Paused) {
            self.send_frame();
            self.enter(RunState::Paused);
        }
    }

    /// Measures a piece of an evaluation that is due or under way; false if there is none.
    fn evaluate_a_piece(&mut self) -> bool {
        let Some(run) = &mut self.run else { return false };
        let Some(data) = self.store.get(run.data) else { return false };
        let step = run.trainer.step_count();
        if run.evaluation.is_none() {
            if run.evaluated_at == step || !evaluation_due(step) || data.valid.is_empty() {
                return false;
            }
            run.evaluated_at = step;
            let most = run.trainer.settings().valid_examples;
            run.evaluation = Evaluator::new(&run.trainer, data, Split::Valid, most).ok();
        }
        let Run { trainer, evaluation, .. } = run;
        let Some(Ok(piece)) = evaluation.as_mut().map(|evaluator| evaluator.advance(trainer, data)) else {
            *evaluation = None;
            return false;
        };
        if let Some(measured) = piece {
            *evaluation = None;
            let result = Evaluation {
                step,
                error: measured.error() as f32,
                loss: measured.mean_loss() as f32,
                gate_rate: measured.gate_rate() as f32,
                threshold: measured.threshold as f32,
                examples: measured.examples as u32,
            };
            self.camera.evaluated(result, measured.work);
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
