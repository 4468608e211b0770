//! Snapshots of the run: for the page, should this worker die, and for going back after a number that is not finite.

use super::{Run, Session};
use crate::protocol::{Problem, Rescue, RunState, SavedRun};
use crate::worker::data::{Store, load_site};
use crate::worker::{clock, outbox};
use gatelab_engine::data::Dataset;
use gatelab_engine::schema::{Action, DataChoice, Value};
use gatelab_engine::training::checkpoint;

/// Milliseconds between snapshots, at least, and the share of the time that they may take.
const INTERVAL: f64 = 2000.0;
const SHARE: f64 = 0.005;
/// Changes closer than this many steps are one gesture, such as dragging a slider: undo goes before all of them.
const GESTURE: u64 = 60;
/// A snapshot at a loss above this is no place to go back to, nats.
const SANE_LOSS: f32 = 50.0;

/// What can be gone back to.
#[derive(Default)]
pub(super) struct Snapshots {
    /// When the next one is due.
    next: f64,
    steady: Option<Vec<u8>>,
    undo: Option<Vec<u8>>,
    changed_at: Option<u64>,
}

impl Snapshots {
    pub(super) fn can_undo(&self) -> bool {
        self.undo.is_some()
    }

    /// Keeps the state before a change.
    pub(super) fn before_change(&mut self, run: &mut Run) {
        let step = run.trainer.step_count();
        let gesture = self.changed_at.is_some_and(|at| step.saturating_sub(at) < GESTURE);
        self.changed_at = Some(step);
        if !gesture {
            self.undo = checkpoint::write(&run.trainer, None).ok();
        }
    }

    /// Every few seconds: a snapshot for the page, and to go back to.
    pub(super) fn when_due(&mut self, run: Option<&mut Run>, store: &Store) {
        let Some(run) = run else { return };
        let now = clock::now();
        if now < self.next {
            return;
        }
        self.next = now + INTERVAL;
        let sane = run.trainer.pass().head.losses.iter().all(|loss| *loss < SANE_LOSS);
        if !sane {
            return;
        }
        let data = store.get(run.data).and_then(Dataset::content_digest);
        // Megabytes every few seconds: the memory of the last one is free before the next is made.
        self.steady = None;
        if let Ok(bytes) = checkpoint::write(&run.trainer, data) {
            outbox::binary(&SavedRun { run: run.number, step: run.trainer.step_count() }.wrap(&bytes));
            self.steady = Some(bytes);
        }
        self.next = self.next.max(now + (clock::now() - now) / SHARE);
    }
}

impl Session {
    /// Goes on from bytes that an earlier worker sent.
    pub(super) fn restore(&mut self, bytes: &[u8], number: u32, paused: bool) {
        match checkpoint::read(SavedRun::unwrap(bytes)) {
            Ok(restored) => {
                let choice = restored.trainer.config().data;
                if choice == DataChoice::Mnist {
                    load_site(&mut self.store);
                }
                self.waiting = None;
                self.install(restored.trainer, number, choice, None);
                if let Some(run) = &mut self.run {
                    run.expected_data = restored.data;
                }
                self.enter(if paused { RunState::Paused } else { RunState::Running });
            }
            Err(error) => outbox::problem(Problem::Checkpoint { message: error.to_string() }),
        }
    }

    /// The way on after a stop at a number that is not finite.
    pub(super) fn rescue(&mut self, rescue: Rescue) {
        let Some(run) = &mut self.run else { return };
        let (number, data) = (run.number, run.data);
        let rate = run.trainer.settings().learning_rate;
        let bytes = match rescue {
            Rescue::Undo => self.snapshots.undo.take(),
            Rescue::LowerRate => self.snapshots.steady.clone().or_else(|| self.snapshots.undo.clone()),
        };
        let mut since = Vec::new();
        if let Some(restored) = bytes.and_then(|bytes| checkpoint::read(&bytes).ok()) {
            let before = &restored.trainer.config().changes;
            since.extend(run.trainer.config().changes.iter().filter(|change| !before.contains(change)).cloned());
            self.install(restored.trainer, number, data, None);
        }
        if rescue == Rescue::LowerRate {
            // The snapshot may be older than what was chosen since.
            for change in since {
                self.change(change.action, None);
            }
            // Recorded like every other change, so that the run replays from its link.
            self.change(Action::ResetMomentum, None);
            self.change(Action::Set("lr".into(), Value::Number((rate / 10.0).max(1e-6))), None);
        }
        self.snapshots.changed_at = None;
        self.enter(RunState::Running);
    }
}
