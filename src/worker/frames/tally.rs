//! Work and speed over the last steps.

use std::collections::VecDeque;

use gatelab_engine::training::Work;

/// Work over the last steps.
#[derive(Clone, Copy, Default)]
pub(super) struct Tally {
    pub(super) work: Work,
    pub(super) examples: u64,
    steps: u64,
    milliseconds: f64,
}

impl Tally {
    /// Steps after which the sums are halved, so that the meter follows a switch of estimator within a second.
    const MEMORY: u64 = 100;

    pub(super) fn add(&mut self, work: Work, examples: u64, milliseconds: f64) {
        if self.steps > Self::MEMORY {
            let Work { forward, forward_dense, backward, backward_dense } = &mut self.work;
            for sum in [forward, forward_dense, backward, backward_dense, &mut self.examples, &mut self.steps] {
                *sum /= 2;
            }
            self.milliseconds /= 2.0;
        }
        self.work += work;
        self.examples += examples;
        self.steps += 1;
        self.milliseconds += milliseconds;
    }

    pub(super) fn per_example(&self, sum: u64) -> f64 {
        sum as f64 / self.examples.max(1) as f64
    }

    /// Milliseconds of computing per step.
    pub(super) fn step_ms(&self) -> f64 {
        self.milliseconds / self.steps.max(1) as f64
    }
}

/// Steps a second, over the last second.
#[derive(Default)]
pub(super) struct Pace {
    /// Times, ms, and steps done.
    marks: VecDeque<(f64, u64)>,
}

impl Pace {
    const MEMORY: f64 = 1000.0;

    pub(super) fn mark(&mut self, now: f64, step: u64) {
        self.marks.push_back((now, step));
        while self.marks.len() > 2 && self.marks.front().is_some_and(|(time, _)| now - time > Self::MEMORY) {
            self.marks.pop_front();
        }
    }

    pub(super) fn begin(&mut self, now: f64, step: u64) {
        self.marks.clear();
        self.mark(now, step);
    }

    pub(super) fn steps_per_second(&self) -> f64 {
        match (self.marks.front(), self.marks.back()) {
            (Some((from, first)), Some((to, last))) if to > from => {
                last.saturating_sub(*first) as f64 / (to - from) * 1000.0
            }
            _ => 0.0,
        }
    }
}
