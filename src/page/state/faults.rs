//! A worker that failed: replace it, and go on from where it was; give up when that doesn't help.

use super::{Effect, NoticeText, Page, Tone};
use crate::protocol::{Command, RunState};

/// Why a worker is of no use any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its script could not be loaded or threw; the browser's words, if any.
    Load(String),
    /// It never spoke.
    NeverSpoke,
    /// It fell silent.
    Silent,
    /// It said that it broke.
    Broke(String),
}

/// The worker's health.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// It has spoken and is of this build.
    pub up: bool,
    /// The page has given up, for this reason.
    pub gave_up: Option<Why>,
    /// Times of the last failures, ms.
    failures: Vec<f64>,
}

/// Failures this close together (ms) have one cause that another attempt won't cure.
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
            // That it went on twice before is no news any more.
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
            // A worker that never came up had no run to lose: nothing to tell but the failure itself, if it lasts.
            if !never_ran {
                effects.push(self.note(Tone::Quiet, NoticeText::BeganAgain(why)));
            }
        }
        effects.extend(self.standing_orders());
        effects.push(Effect::Root);
        effects
    }

    /// What every new worker has to be told besides its run.
    pub(super) fn standing_orders(&self) -> Vec<Effect> {
        let orders =
            [Command::Watch(self.watch.clone()), Command::Speed(self.speed), Command::Backend { choose: None }];
        orders.map(Effect::Send).into()
    }

    /// From the configuration: a checkpoint may have been what broke three workers.
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
