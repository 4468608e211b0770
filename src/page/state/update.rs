//! The user's actions.

use super::{Effect, Knobs, Msg, OnSwitch, Page};
use crate::protocol::link::parse;
use crate::protocol::{Command, RunState};
use gatelab_engine::estimator::registry;
use gatelab_engine::schema::{Action, DataChoice, Preset, RunConfig, Value};
use gatelab_engine::training::settings::Settings;

impl Page {
    /// Applies a message; returns the effects.
    pub fn update(&mut self, msg: Msg) -> Vec<Effect> {
        match msg {
            Msg::Boot => {
                let mut effects = vec![Effect::Send(self.start())];
                effects.extend(self.standing_orders());
                effects.push(Effect::Root);
                effects
            }
            Msg::Event(event) => self.event(event),
            Msg::WorkerFailed(why, now, checkpoint) => self.worker_failed(why, now, checkpoint),
            Msg::Toggle => self.toggle(),
            Msg::Step => self.step_once(),
            Msg::Replay => self.new_run(self.config.clone(), self.pause_at, true),
            Msg::NewSeed(seed) => self.new_run(RunConfig { seed, ..self.in_force() }, None, true),
            Msg::Speed(speed) => {
                self.speed = speed;
                vec![Effect::Send(Command::Speed(speed))]
            }
            Msg::Choose(id) => self.choose(id),
            Msg::OnSwitch(mode) => {
                self.on_switch = mode;
                Vec::new()
            }
            Msg::Set(name, value) => self.change(Action::Set(name, value)),
            Msg::Reset(name) => self.change(Action::Reset(name)),
            Msg::SetUp(preset, values) => self.set_up(preset, values),
            Msg::Data(choice) => self.data(choice),
            Msg::Download(base) => {
                self.data.wanted = DataChoice::Mnist;
                self.data.fetching = true;
                vec![Effect::Send(Command::Download { base })]
            }
            Msg::FilesSent => {
                self.data.wanted = DataChoice::Own;
                self.data.fetching = true;
                Vec::new()
            }
            Msg::Rescue(rescue) => {
                self.wants_run = true;
                vec![Effect::Send(Command::Rescue(rescue))]
            }
            Msg::Link(text) => self.open(&text),
            Msg::StartAgain => self.start_again(),
            Msg::Dismiss(id) => {
                self.notices.retain(|notice| notice.id != id);
                Vec::new()
            }
            Msg::Watch(watch) => self.look_at(watch),
            Msg::Mode(mode) => {
                self.mode = mode;
                vec![Effect::WriteLink]
            }
            Msg::Relax(relaxed) => self.relax(relaxed),
            Msg::Freeze(digits) => vec![Effect::Send(Command::Freeze { digits })],
        }
    }

    /// The command that starts the current run.
    pub(super) fn start(&self) -> Command {
        Command::Start { run: self.run, config: self.config.clone(), paused: !self.wants_run, pause_at: self.pause_at }
    }

    /// The current run's settings as those of a run that starts with them; uses the digits that the user requested.
    fn in_force(&self) -> RunConfig {
        RunConfig {
            estimator: self.knobs.estimator().to_owned(),
            overrides: self.knobs.overrides(),
            data: self.data.wanted,
            changes: Vec::new(),
            ..self.config.clone()
        }
    }

    /// Replaces the run by another one, unless its configuration is invalid.
    pub(super) fn new_run(&mut self, config: RunConfig, pause_at: Option<u64>, running: bool) -> Vec<Effect> {
        if let Err(error) = Settings::of(&config) {
            return vec![self.warn(error.to_string())];
        }
        self.run = self.next_run;
        self.next_run += 1;
        self.knobs = Knobs::of(&config, 0);
        self.data.wanted = config.data;
        self.config = config;
        self.pause_at = pause_at;
        self.state = RunState::Loading;
        self.step = 0;
        self.digest = None;
        self.not_finite = None;
        self.wants_run = running;
        let mut effects = vec![Effect::Send(self.start()), Effect::WriteLink, Effect::Root];
        if !self.health.up && self.health.gave_up.is_some() {
            // A new run after repeated failures is also a new attempt.
            effects = self.start_again();
            effects.push(Effect::WriteLink);
        }
        effects
    }

    fn toggle(&mut self) -> Vec<Effect> {
        if self.health.gave_up.is_some() {
            return self.start_again();
        }
        self.wants_run = !(self.wants_run && matches!(self.state, RunState::Running | RunState::Loading));
        vec![Effect::Send(if self.wants_run { Command::Run } else { Command::Pause })]
    }

    fn step_once(&mut self) -> Vec<Effect> {
        self.wants_run = false;
        vec![Effect::Send(Command::Step)]
    }

    fn choose(&mut self, id: String) -> Vec<Effect> {
        if id == self.knobs.estimator() {
            return Vec::new();
        }
        if let Some(record) = registry::record(&id).filter(|record| self.withholds(record)) {
            return vec![self.note(super::Tone::Warning, super::NoticeText::NeedsSlope(record.name))];
        }
        match self.on_switch {
            OnSwitch::Keep => self.change(Action::Estimator(id)),
            OnSwitch::Fork => {
                let action = Action::Estimator(id);
                self.knobs.wish(&action);
                let run = self.next_run;
                self.next_run += 1;
                vec![Effect::Send(Command::Fork { run, action })]
            }
            OnSwitch::Restart => {
                let config = RunConfig { estimator: id, ..self.in_force() };
                self.new_run(config, None, self.wants_run)
            }
        }
    }

    fn change(&mut self, action: Action) -> Vec<Effect> {
        self.knobs.wish(&action);
        vec![Effect::Send(Command::Change(action))]
    }

    fn set_up(&mut self, preset: Preset, values: Vec<(String, Option<Value>)>) -> Vec<Effect> {
        let mut config = RunConfig { preset, ..self.in_force() };
        for (name, value) in values {
            match value {
                Some(value) => drop(config.overrides.insert(name, value)),
                None => drop(config.overrides.remove(&name)),
            }
        }
        self.new_run(config, None, true)
    }

    fn data(&mut self, choice: DataChoice) -> Vec<Effect> {
        let config = RunConfig { data: choice, ..self.in_force() };
        self.new_run(config, None, true)
    }

    /// The digits that the user requested have arrived: starts a run with them.
    pub(super) fn learn_wanted(&mut self) -> Vec<Effect> {
        let config = self.in_force();
        self.new_run(config, None, true)
    }

    fn open(&mut self, text: &str) -> Vec<Effect> {
        let (link, problems) = parse(text);
        if problems.is_empty() && link == self.link() {
            return Vec::new();
        }
        self.mode = link.mode;
        if problems.is_empty() && link == self.link() {
            // The run continues; only the view changes.
            return Vec::new();
        }
        let mut effects = self.new_run(link.config, link.pause_at, true);
        if !problems.is_empty() {
            effects.push(self.note(super::Tone::Warning, super::NoticeText::Link(problems)));
        }
        effects
    }

    fn look_at(&mut self, watch: crate::protocol::Watch) -> Vec<Effect> {
        if self.watch == watch {
            return Vec::new();
        }
        self.watch = watch;
        vec![Effect::Send(Command::Watch(self.watch.clone()))]
    }
}
