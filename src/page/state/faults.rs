//! A failed worker is replaced, and the run continues from its newest checkpoint. After repeated failures the page
//! gives up.

use super::{Effect, NoticeText, Page, Tone};
use crate::protocol::{Command, RunState};

/// Why a worker failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its script could not be loaded or threw; the browser's words, if any.
    Load(String),
    /// It sent no first event.
    NeverSpoke,
    /// It stopped sending events.
    Silent,
    /// It reported a fatal error.
    Broke(String),
}

/// The worker's health.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// It has sent its first event and is of this build.
    pub up: bool,
    /// The page has stopped trying, for this reason.
    pub gave_up: Option<Why>,
    /// Times of the last failures, ms.
    failures: Vec<f64>,
}

/// Failures within this time (ms) count as repeated.
const WINDOW_MS: f64 = 60_000.0;
const MOST_FAILURES: usize = 3;

impl Page {
    pub(super) fn worker_failed(&mut self, why: Why, now: f64, checkpoint: Option<(u32, u64)>) -> Vec<Effect> {
        self.health.up = false;
        self.health.failures.retain(|time| now - time < WINDOW_MS);
        self.health.failures.push(now);
        self.digest = None;
        if self.health.failures.len() >= MOST_FAILURES {
            self.health.gave_up = Some(why);
            // The notices about earlier restarts are outdated.
            self.notices.retain(|notice| notice.tone == Tone::Warning);
            self.state = RunState::Failed;
            return vec![Effect::GiveUp, Effect::Root];
        }
        self.state = RunState::Loading;
        let mut effects = vec![Effect::Respawn];
        let never_ran = matches!(why, Why::NeverSpoke | Why::Load(_));
        if let Some((run, step)) = checkpoint.filter(|(run, _)| *run == self.run) {
            effects.push(Effect::Restore { run, paused: !self.wants_run });
            effects.push(self.note(Tone::Quiet, NoticeText::WentOn(why, step)));
        } else {
            effects.push(Effect::Send(self.start()));
            // A worker that never started had no run to lose, so only a lasting failure is shown.
            if !never_ran {
                effects.push(self.note(Tone::Quiet, NoticeText::BeganAgain(why)));
            }
        }
        effects.extend(self.standing_orders());
        effects.push(Effect::Root);
        effects
    }

    /// The commands that every new worker gets besides its run.
    pub(super) fn standing_orders(&self) -> Vec<Effect> {
        let orders =
            [Command::Watch(self.watch.clone()), Command::Speed(self.speed), Command::Backend { choose: None }];
        orders.map(Effect::Send).into()
    }

    /// Starts from the configuration: the checkpoint may have caused the failures.
    pub(super) fn start_again(&mut self) -> Vec<Effect> {
        self.health = Health::default();
        self.notices.clear();
        self.state = RunState::Loading;
        self.wants_run = true;
        let mut effects = vec![Effect::ForgetCheckpoints, Effect::Respawn, Effect::Send(self.start())];
        effects.extend(self.standing_orders());
        effects.push(Effect::Root);
        effects
    }
}
