//! What the page knows, and how it changes: one pure function from (state, message) to (state, effects).
//!
//! Nothing here touches the browser. [`Page::update`] answers each [`Msg`] with the [`Effect`]s that the app carries out, so
//! that every rule of behaviour (what a switch does, what happens after a failure) can be tested natively.

mod data;
mod effect;
mod events;
mod faults;
mod knobs;
mod backend;
mod update;

#[cfg(test)]
mod tests;

pub use data::DataStatus;
pub use effect::{Effect, LiveOp};
pub use faults::{Health, Why};
pub use knobs::Knobs;
pub use backend::Backend;

use crate::protocol::link::{LinkProblem, Room};
use crate::protocol::{Event, Rescue, RunState, Watch};
use gatelab_engine::estimator::{Record, registry};
use gatelab_engine::schema::{DataChoice, Preset, RunConfig, Value};
use gatelab_engine::training::settings::lookup;

/// The setting that says what the gater is told about each draw.
pub const GATER_LOSS: &str = "told";
/// The one of its values that has a slope, which every estimator can learn from.
pub const CROSS_ENTROPY: &str = "cross-entropy";

/// What choosing another estimator does to the weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnSwitch {
    /// The run goes on with its weights.
    #[default]
    Keep,
    /// The run goes on as a branch; the old curve stays as it is.
    Fork,
    /// A new run from the same seed.
    Restart,
}

/// A line that tells the user what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Identity, for dismissing it.
    pub id: u32,
    /// How loud.
    pub tone: Tone,
    /// What it says.
    pub text: NoticeText,
}

/// How loud a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// Something went on by itself.
    Quiet,
    /// Something was refused or failed.
    Warning,
}

/// What a notice says; the words stand in `messages`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoticeText {
    /// A message of the worker, already in words.
    Plain(String),
    /// Parts of a link that could not be used.
    Link(Vec<LinkProblem>),
    /// The worker was replaced, and the run went on from this step.
    WentOn(Why, u64),
    /// The worker was replaced, and the run began again.
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

/// What is said to those who listen instead of looking.
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
    /// The run met a number that isn't finite.
    NotFinite(u64),
    /// The newest notice.
    Notice(u32),
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "messages are few and moved once")]
pub enum Msg {
    /// The page is there; begin.
    Boot,
    /// The worker said something.
    Event(Event),
    /// The worker failed at this time (ms); the newest checkpoint there is, as (run, step).
    WorkerFailed(Why, f64, Option<(u32, u64)>),
    /// Pause if running, else go on.
    Toggle,
    /// One step.
    Step,
    /// The run again, its changes at their steps.
    Replay,
    /// Another run with what is in force now.
    NewSeed(u64),
    /// Most steps a second; `None` has no limit.
    Speed(Option<f64>),
    /// Another estimator.
    Choose(String),
    /// What choosing does.
    OnSwitch(OnSwitch),
    /// A live setting takes a value.
    Set(String, Value),
    /// A live setting goes back to its default.
    Reset(String),
    /// A new run with this network and these structural settings.
    SetUp(Preset, Vec<(String, Option<Value>)>),
    /// A new run with other digits.
    Data(DataChoice),
    /// Download MNIST from a mirror.
    Download(Option<String>),
    /// Files were handed to the worker.
    FilesSent,
    /// The way on after a number that isn't finite.
    Rescue(Rescue),
    /// The link was edited.
    Link(String),
    /// Another attempt after the page gave up.
    StartAgain,
    /// The user has read a notice.
    Dismiss(u32),
    /// The panels look at something else.
    Watch(Watch),
    /// Another room of the page.
    View(Room),
    /// Relaxed kernels are allowed, or not.
    Relax(bool),
    /// The laboratory wants the run frozen with so many digits.
    Freeze(usize),
}

/// What the page knows.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// Number of the current run.
    pub run: u32,
    /// Number of the next one.
    pub next_run: u32,
    /// The current run, its changes included.
    pub config: RunConfig,
    /// Where it stops by itself.
    pub pause_at: Option<u64>,
    /// Which room is shown.
    pub view: Room,
    /// What it does.
    pub state: RunState,
    /// Steps done when it was last said; frames are newer.
    pub step: u64,
    /// Digest of the parameters while the run rests.
    pub digest: Option<String>,
    /// The settings, as asked for and as confirmed.
    pub knobs: Knobs,
    /// Most steps a second.
    pub speed: Option<f64>,
    /// What choosing an estimator does.
    pub on_switch: OnSwitch,
    /// The digits.
    pub data: DataStatus,
    /// The worker.
    pub health: Health,
    /// What it computes with.
    pub backend: Backend,
    /// A stop to be decided on.
    pub not_finite: Option<NotFinite>,
    /// What the user should know.
    pub notices: Vec<Notice>,
    /// What the panels look at.
    pub watch: Watch,
    /// Whether the user wants it to run (as opposed to what it does just now).
    pub wants_run: bool,
    next_notice: u32,
    /// Highest run number that the pictures know.
    begun: u32,
}

impl Page {
    /// The page before anything happened, about to start what a link says.
    pub fn new(link: crate::protocol::link::Link, problems: Vec<LinkProblem>) -> Self {
        let knobs = Knobs::of(&link.config, 0);
        let mut page = Self {
            run: 1,
            next_run: 2,
            data: DataStatus::wanting(link.config.data),
            config: link.config,
            pause_at: link.pause_at,
            view: link.room,
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

    /// Whether an estimator cannot be chosen now: it needs the slope of the loss, and the gater is told a reward.
    pub fn withholds(&self, record: &Record) -> bool {
        record.id != self.knobs.estimator() && !record.needs.only_losses() && self.learns_from_reward()
    }

    /// Whether the gater is told a reward, which has no slope.
    pub fn learns_from_reward(&self) -> bool {
        // The setting may not exist, and then it has no value either.
        let there = self.record().is_some_and(|record| lookup::find(GATER_LOSS, record).is_some());
        there && matches!(self.knobs.value(GATER_LOSS), Some(Value::Choice(loss)) if loss != CROSS_ENTROPY)
    }

    /// The link of the current run. It names the digits that were asked for: a fallback is this visit's matter.
    pub fn link(&self) -> crate::protocol::link::Link {
        let mut config = self.config.clone();
        config.data = self.data.wanted;
        crate::protocol::link::Link { config, pause_at: self.pause_at, room: self.view }
    }

    fn note(&mut self, tone: Tone, text: NoticeText) -> Effect {
        /// More would push the page's contents off the screen.
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
