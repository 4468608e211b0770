//! The run in this worker: one method per command, and a turn of the loop.

mod rescue;
mod running;

use std::cell::RefCell;

use js_sys::Array;

use super::data::Store;
use super::frames::Camera;
use super::{backend, clock, data, lab, outbox, pulse};
use crate::protocol::{Command, Event, Fault, Problem, RunState, Watch};
use gatelab_engine::schema::{Action, DataChoice, RunConfig};
use gatelab_engine::training::{Evaluator, Schedule, Trainer};

use rescue::Snapshots;

/// A run stops by itself after half an hour, ms, so that a forgotten page does not compute for ever; Run goes on. By time, since
/// a hundred epochs are a minute here and an hour there.
const BUDGET: f64 = 30.0 * 60.0 * 1000.0;
/// How long real data may take to arrive before stroke digits stand in, ms.
const PATIENCE: f64 = 1500.0;

thread_local! {
    static SESSION: RefCell<Session> = RefCell::new(Session::default());
}

/// A run, with the data it learns.
struct Run {
    number: u32,
    trainer: Trainer<f32>,
    /// Which of the store's data sets it learns.
    data: DataChoice,
    /// Digest of the data that a checkpoint was made with, until the data that is here has been compared with it.
    expected_data: Option<u64>,
    evaluation: Option<Evaluator<f32>>,
    evaluated_at: u64,
    /// Milliseconds that the evaluation under way has taken so far.
    evaluation_ms: f64,
    schedule: Schedule,
    pause_at: Option<u64>,
    /// When it stops by itself, ms.
    until: f64,
    announced: bool,
}

/// Everything the worker holds.
#[derive(Default)]
pub(super) struct Session {
    pub(super) store: Store,
    run: Option<Run>,
    state: Option<RunState>,
    /// What was asked for, while its data is on the way.
    waiting: Option<Waiting>,
    camera: Camera,
    watch: Watch,
    speed: Option<f64>,
    snapshots: Snapshots,
    /// Not to step before this time, ms; for slow motion.
    not_before: f64,
    attempts: u32,
}

/// A start that waits for its data.
#[derive(Clone)]
struct Waiting {
    number: u32,
    config: RunConfig,
    paused: bool,
    pause_at: Option<u64>,
}

/// Calls `f` with the session. Commands and turns come one after another, so it is never borrowed twice.
pub(super) fn with<T>(f: impl FnOnce(&mut Session) -> T) -> T {
    SESSION.with_borrow_mut(f)
}

/// Carries out a command.
pub(super) fn obey(command: Command, attachments: &Array) {
    match command {
        Command::Download { base } => data::download(base),
        Command::OpenFiles => data::open_files(attachments),
        Command::Fault(fault) => break_down(fault),
        Command::Backend { choose } => backend::choose(choose.as_deref()),
        Command::Lab(command) => lab::obey(command, attachments),
        Command::Restore { run, paused } => {
            let bytes = js_sys::Uint8Array::new(&attachments.get(0)).to_vec();
            with(|session| session.restore(&bytes, run, paused));
        }
        other => with(|session| session.obey(other)),
    }
    pulse::soon();
}

/// One turn of the loop.
pub(super) fn turn() {
    with(Session::turn);
}

/// A sign of life.
pub(super) fn beat() {
    let step = with(|session| session.run.as_ref().map_or(0, |run| run.trainer.step_count()));
    let pages = wasm_bindgen::memory();
    let memory = js_sys::Reflect::get(&pages, &"buffer".into())
        .ok()
        .and_then(|buffer| js_sys::Reflect::get(&buffer, &"byteLength".into()).ok())
        .and_then(|bytes| bytes.as_f64())
        .unwrap_or(0.0);
    outbox::event(&Event::Beat { step, memory: memory as u64 });
}

impl Session {
    fn obey(&mut self, command: Command) {
        match command {
            Command::Start { run, config, paused, pause_at } => {
                self.start(Waiting { number: run, config, paused, pause_at });
            }
            Command::Run => self.resume(),
            Command::Pause => self.pause(RunState::Paused),
            Command::Step => self.single_step(),
            Command::Speed(speed) => {
                self.speed = speed;
                self.not_before = 0.0;
            }
            Command::Change(action) => self.change(action, None),
            Command::Fork { run, action } => self.change(action, Some(run)),
            Command::Watch(watch) => self.look(watch),
            Command::Rescue(rescue) => self.rescue(rescue),
            Command::Freeze { digits } => self.freeze(digits),
            // Handled before a session is borrowed.
            Command::Download { .. }
            | Command::OpenFiles
            | Command::Fault(_)
            | Command::Backend { .. }
            | Command::Restore { .. }
            | Command::Lab(_) => {}
        }
    }

    /// Starts a run, or waits until its data is there.
    fn start(&mut self, wanted: Waiting) {
        if let Err(error) = Trainer::<f32>::new(wanted.config.clone()) {
            outbox::problem(Problem::Config { message: error.to_string() });
            return;
        }
        self.run = None;
        self.attempts += 1;
        let choice = wanted.config.data;
        self.waiting = Some(wanted);
        if self.store.can_start(choice) {
            self.begin(choice);
            return;
        }
        self.enter(RunState::Loading);
        match choice {
            DataChoice::Mnist => {
                data::load_site(&mut self.store);
                let attempt = self.attempts;
                pulse::later(PATIENCE, move || with(|session| session.lose_patience(attempt)));
            }
            DataChoice::Own => {
                outbox::data_problem("this run learns from files of your own: choose them to start it");
                self.fall_back(choice);
            }
            DataChoice::Strokes => self.begin(choice),
        }
    }

    fn lose_patience(&mut self, attempt: u32) {
        if self.attempts == attempt && self.waiting.is_some() {
            self.fall_back(DataChoice::Mnist);
        }
    }

    /// Stroke digits stand in for data that isn't there.
    pub(super) fn fall_back(&mut self, wanted: DataChoice) {
        if self.waiting.is_some() {
            outbox::data(crate::protocol::DataEvent::FallBack { wanted, using: DataChoice::Strokes });
            self.begin(DataChoice::Strokes);
            // Nobody else wakes the loop: this may come from a failed download, not from a command.
            pulse::soon();
        }
    }

    /// New data has arrived: a start that waited for it can go on.
    pub(super) fn data_arrived(&mut self, choice: DataChoice) {
        let wanted = self.waiting.as_ref().is_some_and(|waiting| waiting.config.data == choice);
        if wanted && self.store.can_start(choice) {
            self.begin(choice);
        }
        pulse::soon();
    }

    /// Begins the run that was waited for on this data.
    fn begin(&mut self, data: DataChoice) {
        let Some(waiting) = self.waiting.take() else { return };
        let config = RunConfig { data, ..waiting.config };
        match Trainer::new(config) {
            Ok(trainer) => {
                self.snapshots = Snapshots::default();
                self.install(trainer, waiting.number, data, waiting.pause_at);
                self.enter(if waiting.paused { RunState::Paused } else { RunState::Running });
            }
            Err(error) => outbox::problem(Problem::Config { message: error.to_string() }),
        }
    }

    /// Makes a trainer the current run and tells the page.
    fn install(&mut self, trainer: Trainer<f32>, number: u32, data: DataChoice, pause_at: Option<u64>) {
        self.store.prepare(data);
        self.camera.reset();
        outbox::event(&Event::Started {
            run: number,
            step: trainer.step_count(),
            config: trainer.config().clone(),
            settings: trainer.settings().clone(),
        });
        let evaluated_at = trainer.step_count();
        self.run = Some(Run {
            number,
            trainer,
            data,
            expected_data: None,
            evaluation: None,
            evaluated_at,
            evaluation_ms: 0.0,
            schedule: Schedule::default(),
            pause_at,
            until: clock::now() + BUDGET,
            announced: false,
        });
        self.not_before = 0.0;
    }

    fn resume(&mut self) {
        if let Some(run) = &mut self.run {
            run.until = clock::now() + BUDGET;
            self.enter(RunState::Running);
        } else if let Some(waiting) = &mut self.waiting {
            waiting.paused = false;
        }
    }

    fn pause(&mut self, state: RunState) {
        if self.run.is_some() {
            self.send_frame();
            self.enter(state);
        } else if let Some(waiting) = &mut self.waiting {
            waiting.paused = true;
        }
    }

    /// Changes the state and tells the page, with the digest of the parameters whenever they hold still.
    fn enter(&mut self, state: RunState) {
        self.state = Some(state);
        let still = state != RunState::Running && state != RunState::Loading;
        let run = self.run.as_ref();
        if let Some(run) = run.filter(|_| !still) {
            self.camera.begin(run.trainer.step_count());
        }
        outbox::event(&Event::State {
            run: run.map_or_else(|| self.waiting.as_ref().map_or(0, |w| w.number), |run| run.number),
            state,
            step: run.map_or(0, |run| run.trainer.step_count()),
            digest: run.filter(|_| still).map(|run| run.trainer.parameters().digest().hex()),
        });
    }

    /// A change from the next step on; under a new number it is a branch.
    fn change(&mut self, action: Action, branch: Option<u32>) {
        let Some(run) = &mut self.run else { return };
        self.snapshots.before_change(run);
        match run.trainer.change(action) {
            Ok(change) => {
                run.number = branch.unwrap_or(run.number);
                outbox::event(&Event::Changed { run: run.number, change, settings: run.trainer.settings().clone() });
                self.camera.look_again();
            }
            Err(error) => outbox::problem(Problem::Config { message: error.to_string() }),
        }
    }

    /// A frozen copy of the run for the laboratory's worker.
    fn freeze(&mut self, digits: usize) {
        let Some(run) = &mut self.run else { return };
        let Some(data) = self.store.get(run.data) else { return };
        match gatelab_engine::lab::snapshot::write(&mut run.trainer, data, digits) {
            Ok(bytes) => outbox::binary(&bytes),
            Err(error) => outbox::problem(Problem::Checkpoint { message: error.to_string() }),
        }
    }

    fn look(&mut self, watch: Watch) {
        self.camera.look_again();
        self.watch = watch;
    }
}

/// Breaks the worker as asked; tests look at what the page does then.
#[expect(clippy::panic, clippy::empty_loop, reason = "breaking is what is asked for")]
fn break_down(fault: Fault) {
    match fault {
        Fault::Spin => loop {},
        Fault::Close => clock::scope().close(),
        Fault::Panic => panic!("a panic on purpose"),
        Fault::Nan => with(|session| {
            if let Some(run) = &mut session.run {
                run.trainer.parameters_mut().experts.weight[(400, 0)] = f32::NAN;
            }
        }),
    }
}
