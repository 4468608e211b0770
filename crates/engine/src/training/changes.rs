//! The change log of a run: what was changed while it went on, so that its configuration replays it bit for bit.

use std::collections::{BTreeMap, VecDeque};

use gatelab_kernels::{DefaultBackend, Real};

use super::pending::PendingReward;
use super::settings::{ConfigError, Settings, lookup};
use super::trainer::{Trainer, make_estimator, penalty};
use crate::network::Parameters;
use crate::schema::{Action, Change, GATER_LOSS, Value};
use crate::sparsity::SparsityPenalty;

/// Most changes a configuration may carry.
pub(crate) const MOST_CHANGES: usize = 10_000;

impl<R: DefaultBackend> Trainer<R> {
    /// Changes that lie ahead, at the steps at which they were made when the run was first made.
    pub fn changes_ahead(&self) -> &[Change] {
        self.config.changes.get(self.next_change..).unwrap_or_default()
    }

    /// Changes something from the next step on. Changes that still lay ahead are dropped: this is another run now.
    pub fn change(&mut self, action: Action) -> Result<Change, ConfigError> {
        if self.next_change >= MOST_CHANGES {
            let message =
                format!("{MOST_CHANGES} changes are all that a run can replay; start a new run to go on changing it");
            return Err(ConfigError::Changes { message });
        }
        self.apply(&action)?;
        self.config.changes.truncate(self.next_change);
        let change = Change { step: self.step, action };
        // A slider being dragged makes many changes between two steps: the last one counts. What the gater is told decides
        // which changes are refused, so that nothing is taken out from before it.
        let changes = &mut self.config.changes;
        let barrier = |old: &Change| old.step != change.step || is_of(&old.action, GATER_LOSS);
        let from = changes.iter().rposition(barrier).map_or(0, |at| at + 1);
        let recent = changes.split_off(from);
        changes.extend(recent.into_iter().filter(|old| !same_target(&old.action, &change.action)));
        changes.push(change.clone());
        self.next_change = self.config.changes.len();
        Ok(change)
    }

    /// Applies the configuration's changes whose step has come. Returns what undoes them, `None` if none was due.
    pub(super) fn apply_due(&mut self) -> Result<Option<Undo<R>>, ConfigError> {
        let due = self.changes_ahead().iter().take_while(|change| change.step <= self.step).count();
        if due == 0 {
            return Ok(None);
        }
        let undo = self.before_changes();
        for _ in 0..due {
            let action = self.config.changes[self.next_change].action.clone();
            self.next_change += 1;
            if let Err(error) = self.apply(&action) {
                self.undo(undo);
                return Err(error);
            }
        }
        Ok(Some(undo))
    }

    /// A copy of all that changes act on.
    fn before_changes(&mut self) -> Undo<R> {
        Undo {
            next_change: self.next_change,
            settings: self.settings.clone(),
            overrides: self.overrides.clone(),
            estimator: self.estimator_state(),
            penalty: self.penalty.clone(),
            pending: self.pending.queue.clone(),
            velocity: self.optimizer.velocity.clone(),
        }
    }

    /// Puts everything back as it was before changes.
    pub(super) fn undo(&mut self, undo: Undo<R>) {
        let Undo { next_change, settings, overrides, estimator, penalty, pending, velocity } = undo;
        // These settings were in force, so their estimator exists.
        if let Ok(before) = make_estimator(&settings, self.config.seed) {
            self.estimator = before;
        }
        self.estimator.restore_state(&estimator);
        self.pending.queue = pending;
        self.optimizer.velocity = velocity;
        (self.next_change, self.settings, self.overrides, self.penalty) = (next_change, settings, overrides, penalty);
        self.estimator.advance(self.epoch());
    }

    /// Checks all changes of the configuration by resolving them in order, without touching the run.
    pub(super) fn check_changes(&mut self) -> Result<(), ConfigError> {
        let changes = &self.config.changes;
        if changes.len() > MOST_CHANGES {
            let message = format!("{} changes; at most {MOST_CHANGES} can be replayed", changes.len());
            return Err(ConfigError::Changes { message });
        }
        if !changes.is_sorted_by_key(|c| c.step) {
            return Err(ConfigError::Changes { message: "changes must be ordered by their step".into() });
        }
        let (mut estimator, mut overrides) = (self.config.estimator.clone(), self.overrides.clone());
        for change in changes {
            take_in(&change.action, &mut estimator, &mut overrides)?;
            Settings::resolve(self.config.preset, &estimator, &overrides)?;
        }
        Ok(())
    }

    /// Brings the run under an action's settings; nothing changes if it is refused.
    fn apply(&mut self, action: &Action) -> Result<(), ConfigError> {
        let (mut estimator, mut overrides) = (self.settings.estimator.clone(), self.overrides.clone());
        take_in(action, &mut estimator, &mut overrides)?;
        let settings = Settings::resolve(self.config.preset, &estimator, &overrides)?;
        if settings.estimator == self.settings.estimator {
            self.estimator.configure(&settings.knobs);
            // An adaptive λ has moved on since it was set: asking for the old value again takes it back there.
            if is_of(action, "lambda") {
                self.penalty.set_lambda(settings.lambda);
            }
            self.penalty.set_target(settings.target);
        } else {
            self.estimator = make_estimator(&settings, self.config.seed)?;
            self.penalty = penalty(&settings);
        }
        if is_of(action, GATER_LOSS) {
            self.pending.clear();
        }
        if *action == Action::ResetMomentum {
            self.optimizer.reset_momentum();
        }
        self.settings = settings;
        self.overrides = overrides;
        let epoch = self.epoch();
        self.estimator.advance(epoch);
        Ok(())
    }

    /// Number of changes that are in force; one that is due at this very step comes into force as the step begins.
    pub(super) fn changes_in_force(&self) -> usize {
        self.next_change
    }

    /// Positions a restored run, with its first `in_force` changes applied.
    pub(super) fn resume_at(&mut self, step: u64, in_force: usize) -> Result<(), ConfigError> {
        while self.next_change < in_force
            && let Some(change) = self.config.changes.get(self.next_change)
        {
            let action = change.action.clone();
            self.next_change += 1;
            self.apply(&action)?;
        }
        self.step = step;
        self.estimator.advance(self.epoch());
        Ok(())
    }
}

/// What changes act on, as it was before them.
pub(super) struct Undo<R: Real> {
    next_change: usize,
    settings: Settings,
    overrides: BTreeMap<String, Value>,
    estimator: Vec<R>,
    penalty: SparsityPenalty,
    pending: VecDeque<PendingReward<R>>,
    velocity: Parameters<R>,
}

/// Whether an action sets or resets this setting.
fn is_of(action: &Action, name: &str) -> bool {
    matches!(action, Action::Set(key, _) | Action::Reset(key) if key == name)
}

/// Whether `b` undoes all of `a`. A setting's last value is all that counts; an estimator that was left and taken again has
/// forgotten what it knew, so each switch stays.
fn same_target(a: &Action, b: &Action) -> bool {
    match (a, b) {
        (Action::Set(a, _) | Action::Reset(a), Action::Set(b, _) | Action::Reset(b)) => a == b,
        (Action::ResetMomentum, Action::ResetMomentum) => true,
        _ => false,
    }
}

/// Folds an action into an estimator id and overrides.
fn take_in(
    action: &Action,
    estimator: &mut String,
    overrides: &mut BTreeMap<String, Value>,
) -> Result<(), ConfigError> {
    let live = |name: &str| match lookup::all().find(|key| key.name == name) {
        Some(key) if !key.live => Err(ConfigError::NotLive { key: name.to_owned() }),
        Some(_) => Ok(()),
        None => Err(lookup::unknown(name)),
    };
    match action {
        Action::ResetMomentum => {}
        Action::Estimator(id) => estimator.clone_from(id),
        Action::Set(key, value) => {
            live(key)?;
            overrides.insert(key.clone(), value.clone());
        }
        Action::Reset(key) => {
            live(key)?;
            overrides.remove(key);
        }
    }
    Ok(())
}
