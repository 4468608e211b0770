//! The page's state and its reducer: one pure function from (state, message) to (state, effects).
//!
//! Nothing here touches the browser. [`Page::update`] returns the [`Effect`]s of each [`Msg`], which the app executes,
//! so that every rule (what a switch does, what follows a failure) is tested natively.

mod backend;
mod data;
mod effect;
mod events;
mod faults;
mod knobs;
mod update;

#[cfg(test)]
mod tests;

pub use backend::Backend;
pub use data::DataStatus;
pub use effect::{Effect, LiveOp};
pub use faults::{Health, Why};
pub use knobs::Knobs;

use crate::protocol::link::{LinkProblem, Mode};
use crate::protocol::{Event, Rescue, RunState, Watch};
use gatelab_engine::estimator::{Needs, Record, registry};
use gatelab_engine::schema::{DataChoice, Preset, RunConfig, Value};
use gatelab_engine::training::settings::lookup;

/// The setting for the gater loss: cross-entropy, reward, or delayed reward. Links have it under this name.
pub use gatelab_engine::schema::GATER_LOSS;
/// Its value with a gradient, which works with every estimator.
pub const CROSS_ENTROPY: &str = "cross-entropy";

/// What a switch of the estimator does to the run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnSwitch {
    /// The run continues with its weights.
    #[default]
    Keep,
    /// The run continues as a branch; the old curve stays.
    Fork,
    /// A new run from the same seed.
    Restart,
}

/// A message for the user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Number, for dismissing it.
    pub id: u32,
    /// Urgency.
    pub tone: Tone,
    /// Content.
    pub text: NoticeText,
}

/// The urgency of a notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Information.
    Quiet,
    /// A refusal or failure.
    Warning,
}

/// The content of a notice; its text is in `messages`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeText {
    /// A message of the worker, as text.
    Plain(String),
    /// Parts of a link that could not be used.
    Link(Vec<LinkProblem>),
    /// The worker was replaced, and the run continues from this step.
    WentOn(Why, u64),
    /// The worker was replaced, and the run restarted.
    BeganAgain(Why),
    /// This estimator, by name, cannot learn from a reward.
    NeedsSlope(&'static str),
}

/// A stop at a number that is not finite.
#[derive(Clone, Debug, PartialEq)]
pub struct NotFinite {
    /// Which tensor.
    pub tensor: String,
    /// Steps done before.
    pub step: u64,
    /// Whether there is a change to undo.
    pub can_undo: bool,
    /// The learning rate that was in force.
    pub learning_rate: f64,
}

/// An announcement for screen readers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spoken {
    /// Running.
    Running,
    /// Paused at a step.
    Paused(u64),
    /// The estimator, by id, from a step on.
    Switched(String, u64),
    /// A run from a seed began.
    Began(u64),
    /// A number was not finite.
    NotFinite(u64),
    /// The newest notice.
    Notice(u32),
}

/// A message to the reducer.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "messages are few and moved once")]
pub enum Msg {
    /// The page is mounted.
    Boot,
    /// An event of the worker.
    Event(Event),
    /// The worker failed at this time (ms); the newest checkpoint there is, as (run, step).
    WorkerFailed(Why, f64, Option<(u32, u64)>),
    /// Pause if running, else run.
    Toggle,
    /// One step.
    Step,
    /// Replay the run, with its changes at their steps.
    Replay,
    /// A new run with the settings in force.
    NewSeed(u64),
    /// Most steps a second; `None` has no limit.
    Speed(Option<f64>),
    /// Another estimator.
    Choose(String),
    /// What a switch does.
    OnSwitch(OnSwitch),
    /// A live setting takes a value.
    Set(String, Value),
    /// A live setting returns to its default.
    Reset(String),
    /// A new run with this network and these structural settings.
    SetUp(Preset, Vec<(String, Option<Value>)>),
    /// A new run with other digits.
    Data(DataChoice),
    /// Download MNIST from a mirror.
    Download(Option<String>),
    /// Files were sent to the worker.
    FilesSent,
    /// The decision after a number that is not finite.
    Rescue(Rescue),
    /// The link was edited.
    Link(String),
    /// Try again after repeated failures.
    StartAgain,
    /// Dismiss a notice.
    Dismiss(u32),
    /// The panels need other data.
    Watch(Watch),
    /// Another view of the page.
    Mode(Mode),
    /// Relaxed kernels are allowed, or not.
    Relax(bool),
    /// The laboratory requests a snapshot of the run with this many digits.
    Freeze(usize),
}

/// The state of the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Number of the current run.
    pub run: u32,
    /// Number of the next one.
    pub next_run: u32,
    /// The current run, its changes included.
    pub config: RunConfig,
    /// The step at which it pauses.
    pub pause_at: Option<u64>,
    /// The view shown.
    pub mode: Mode,
    /// Whether it is loading, running, paused, stopped or failed.
    pub state: RunState,
    /// Steps done at the last event; frames are newer.
    pub step: u64,
    /// Digest of the parameters while the run is paused.
    pub digest: Option<String>,
    /// The settings, as requested and as confirmed.
    pub knobs: Knobs,
    /// Most steps a second.
    pub speed: Option<f64>,
    /// What a switch of the estimator does.
    pub on_switch: OnSwitch,
    /// The digits.
    pub data: DataStatus,
    /// The worker.
    pub health: Health,
    /// The worker's kernels.
    pub backend: Backend,
    /// A stop that requires a decision.
    pub not_finite: Option<NotFinite>,
    /// The notices.
    pub notices: Vec<Notice>,
    /// The data that the panels need.
    pub watch: Watch,
    /// Whether the user wants it to run (`state` is whether it does).
    pub wants_run: bool,
    next_notice: u32,
    /// Highest run number in the store of live numbers.
    begun: u32,
}

impl Page {
    /// The initial state for a link.
    pub fn new(link: crate::protocol::link::Link, problems: Vec<LinkProblem>) -> Self {
        let knobs = Knobs::of(&link.config, 0);
        let mut page = Self {
            run: 1,
            next_run: 2,
            data: DataStatus::wanting(link.config.data),
            config: link.config,
            pause_at: link.pause_at,
            mode: link.mode,
            state: RunState::Loading,
            step: 0,
            digest: None,
            knobs,
            speed: None,
            on_switch: OnSwitch::default(),
            health: Health::default(),
            backend: Backend::default(),
            not_finite: None,
            notices: Vec::new(),
            watch: Watch { visible: true, ..Watch::default() },
            wants_run: true,
            next_notice: 1,
            begun: 0,
        };
        if !problems.is_empty() {
            page.note(Tone::Warning, NoticeText::Link(problems));
        }
        page
    }

    /// The record of the estimator that is chosen.
    pub fn record(&self) -> Option<&'static Record> {
        registry::record(self.knobs.estimator()).or_else(|| registry::RECORDS.first().copied())
    }

    /// Whether an estimator cannot be chosen now: it needs the gradient of the loss, and the gater loss is a reward.
    pub fn withholds(&self, record: &Record) -> bool {
        record.id != self.knobs.estimator() && self.learns_from_reward() && !self.can_learn_from_reward(record.id)
    }

    /// Whether an estimator, with its knobs as they are, needs values of the loss only, so that the loss may be a reward.
    pub fn can_learn_from_reward(&self, id: &str) -> bool {
        registry::needs(id, &self.knobs.overrides()).is_some_and(Needs::only_losses)
    }

    /// Whether the gater learns from a reward, which has no gradient.
    pub fn learns_from_reward(&self) -> bool {
        // Without the setting there is no value.
        let there = self.record().is_some_and(|record| lookup::find(GATER_LOSS, record).is_some());
        there && matches!(self.knobs.value(GATER_LOSS), Some(Value::Choice(loss)) if loss != CROSS_ENTROPY)
    }

    /// The link of the current run. It names the requested digits, not the ones used as a fallback.
    pub fn link(&self) -> crate::protocol::link::Link {
        let mut config = self.config.clone();
        config.data = self.data.wanted;
        crate::protocol::link::Link { config, pause_at: self.pause_at, mode: self.mode }
    }

    fn note(&mut self, tone: Tone, text: NoticeText) -> Effect {
        /// At most this many; more would push the page's contents off the screen.
        const MOST: usize = 3;
        self.notices.retain(|notice| notice.text != text);
        let id = self.next_notice;
        self.next_notice += 1;
        self.notices.push(Notice { id, tone, text });
        if self.notices.len() > MOST {
            self.notices.remove(0);
        }
        Effect::Speak(Spoken::Notice(id))
    }

    fn warn(&mut self, message: String) -> Effect {
        self.note(Tone::Warning, NoticeText::Plain(message))
    }
}
