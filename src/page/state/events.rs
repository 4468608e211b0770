//! The worker's events.

use super::{Effect, Knobs, LiveOp, NotFinite, Page, Spoken};
use crate::protocol::{BUILD, Event, PROTOCOL_VERSION, Problem, RunState};
use gatelab_engine::data::ClassNames;
use gatelab_engine::schema::{Action, Change, DataChoice, RunConfig};
use gatelab_engine::training::settings::Settings;

impl Page {
    pub(super) fn event(&mut self, event: Event) -> Vec<Effect> {
        match event {
            Event::Ready { protocol, build } => {
                if protocol != PROTOCOL_VERSION || build != BUILD {
                    return vec![Effect::OtherBuild];
                }
                self.health.up = true;
                self.health.gave_up = None;
                vec![Effect::Interactive]
            }
            Event::Data(event) => {
                let untouched = self.config.changes.is_empty() && self.wants_run;
                let before = self.data.classes().clone();
                let at_once = self.data.event(event, self.config.data, untouched);
                let mut effects = self.name_classes(&before);
                if at_once {
                    effects.extend(self.learn_wanted());
                }
                effects
            }
            Event::Started { run, step, config, settings } if run == self.run => self.started(step, config, settings),
            Event::Changed { run, change, settings } if run >= self.run => self.changed(run, change, settings),
            Event::State { run, state, step, digest } if run == self.run => self.state_changed(state, step, digest),
            Event::Problem(problem) => self.problem(problem),
            Event::Backend { sets, in_use } => self.backend_measured(sets, in_use),
            // The laboratory's worker has its own connection.
            Event::Started { .. }
            | Event::Changed { .. }
            | Event::State { .. }
            | Event::Beat { .. }
            | Event::Lab(_) => Vec::new(),
        }
    }

    /// Passes on the names of the classes if they are others than `before`.
    fn name_classes(&self, before: &ClassNames) -> Vec<Effect> {
        let classes = self.data.classes();
        (classes != before).then(|| Effect::Live(LiveOp::Classes(classes.clone()))).into_iter().collect()
    }

    fn started(&mut self, step: u64, config: RunConfig, settings: Settings) -> Vec<Effect> {
        self.knobs = Knobs::of(&config, step);
        self.knobs.confirm(&Action::Estimator(settings.estimator.clone()));
        self.config = config;
        self.step = step;
        self.not_finite = None;
        let before = self.data.classes().clone();
        self.data.learning(self.config.data);
        let mut effects = self.name_classes(&before);
        if self.run <= self.begun {
            effects.push(Effect::Live(LiveOp::Truncate(self.run, step)));
        }
        self.begun = self.begun.max(self.run);
        effects.push(Effect::Live(LiveOp::Begin(self.run, self.config.clone(), settings, step)));
        effects.extend([Effect::WriteLink, Effect::Root]);
        if step == 0 {
            self.backend.begin();
            effects.push(Effect::Speak(Spoken::Began(self.config.seed)));
        }
        effects
    }

    fn changed(&mut self, run: u32, change: Change, settings: Settings) -> Vec<Effect> {
        self.knobs.confirm(&change.action);
        self.digest = None;
        // A replayed change is already in the configuration.
        if !self.config.changes.contains(&change) {
            // Of several values at one step, as from a held arrow key, only the last has an effect.
            self.config.changes.retain(|other| !supersedes(&change, other));
            let place = self.config.changes.partition_point(|other| other.step <= change.step);
            self.config.changes.insert(place, change.clone());
        }
        let mut effects = vec![Effect::WriteLink];
        if let Action::Estimator(id) = &change.action {
            effects.push(Effect::Speak(Spoken::Switched(id.clone(), change.step)));
        }
        if run == self.run {
            effects.push(Effect::Live(LiveOp::Change(run, change, settings)));
        } else {
            effects.push(Effect::Live(LiveOp::Branch(self.run, run, change, settings)));
            self.run = run;
            self.begun = self.begun.max(run);
            self.next_run = self.next_run.max(run + 1);
        }
        effects.push(Effect::Root);
        effects
    }

    fn state_changed(&mut self, state: RunState, step: u64, digest: Option<String>) -> Vec<Effect> {
        let before = std::mem::replace(&mut self.state, state);
        self.step = step;
        self.digest = digest.filter(|_| state != RunState::Running);
        let mut effects = vec![Effect::Root];
        match state {
            RunState::Running => {
                self.wants_run = true;
                self.not_finite = None;
                if before == RunState::Paused {
                    effects.push(Effect::Speak(Spoken::Running));
                }
            }
            RunState::Paused => {
                self.wants_run = false;
                if before == RunState::Running {
                    effects.push(Effect::Speak(Spoken::Paused(step)));
                }
            }
            RunState::Stopped | RunState::Failed => self.wants_run = false,
            RunState::Loading => {}
        }
        effects
    }

    fn problem(&mut self, problem: Problem) -> Vec<Effect> {
        match problem {
            Problem::NoSiteData { message } => {
                self.data.missing = Some(message);
                Vec::new()
            }
            Problem::Data { message } => self.data_problem(message),
            Problem::Config { message } => {
                self.knobs.forget_wishes();
                vec![self.warn(message)]
            }
            Problem::NotFinite { tensor, step, can_undo, learning_rate } => {
                self.not_finite = Some(NotFinite { tensor, step, can_undo, learning_rate });
                self.wants_run = false;
                vec![Effect::Speak(Spoken::NotFinite(step)), Effect::Root]
            }
            Problem::Checkpoint { message } => {
                let notice = self.warn(message);
                vec![Effect::ForgetCheckpoints, Effect::Send(self.start()), notice]
            }
            // The bridge reports it as a failure, with the time and the newest checkpoint.
            Problem::Fatal { .. } => Vec::new(),
        }
    }

    fn data_problem(&mut self, message: String) -> Vec<Effect> {
        let asked = std::mem::replace(&mut self.data.fetching, false);
        self.data.progress = None;
        let own_missing = self.data.wanted == DataChoice::Own && !self.data.has(DataChoice::Own);
        if own_missing && !asked {
            // A link to a run with the user's own files: the banner already offers to choose them.
            return Vec::new();
        }
        if own_missing {
            self.data.wanted = self.config.data;
        }
        vec![self.warn(message)]
    }
}

/// Whether `later` replaces `earlier`: the same setting at the same step.
fn supersedes(later: &Change, earlier: &Change) -> bool {
    match (setting(&later.action), setting(&earlier.action)) {
        (Some(one), Some(other)) => one == other && later.step == earlier.step,
        _ => false,
    }
}

fn setting(action: &Action) -> Option<&str> {
    match action {
        Action::Estimator(_) | Action::ResetMomentum => None,
        Action::Set(name, _) | Action::Reset(name) => Some(name),
    }
}
