//! The page's connection to the worker: starts it, sends commands, receives events, detects its failure.
//!
//! A message to the worker is a JSON string, or an array of a JSON string and its attachments (`File`s, an
//! `ArrayBuffer`). A message from it is a JSON string ([`Event`]) or an `ArrayBuffer` whose first byte is its kind: a
//! [`Frame`] or a checkpoint. This module detects a failure; [`state`](super::state) decides what follows.

mod checkpoints;
mod post;
pub mod watchdog;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

use self::checkpoints::Checkpoints;
pub use self::post::Parcel;
use self::watchdog::{TICK_MS, Watchdog};
use super::dom;
use super::state::Why;
use crate::protocol::{Event, Frame, Problem};

/// The worker's script, as Trunk names it for the binary `trainer`.
const SCRIPT: &str = "trainer_loader.js";

/// What the bridge reports to the app.
pub enum News {
    /// An event of the worker.
    Event(Event),
    /// A frame, for the canvases.
    Frame(Box<Frame>),
    /// A frozen network, for the laboratory's worker.
    Snapshot(ArrayBuffer),
    /// The worker failed.
    Failed(Why),
}

type Hear = Rc<dyn Fn(News)>;

/// The connection to the worker.
#[derive(Clone)]
pub struct Bridge(Rc<Inner>);

struct Inner {
    hear: Hear,
    line: RefCell<Option<Line>>,
    checkpoints: RefCell<Checkpoints>,
    watchdog: RefCell<Watchdog>,
    /// Number of the current worker. Messages of an earlier worker are ignored.
    generation: Cell<u32>,
    waiting: RefCell<Vec<Parcel>>,
    ready: Cell<bool>,
}

/// A worker and its event handlers.
struct Line {
    worker: Worker,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(ErrorEvent)>,
}

impl Drop for Line {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

impl Bridge {
    /// Starts the first worker. `hear` is called from the browser's event loop, never from within a call of this
    /// module.
    pub fn new(hear: impl Fn(News) + 'static) -> Self {
        let bridge = Self(Rc::new(Inner {
            hear: Rc::new(hear),
            line: RefCell::new(None),
            checkpoints: RefCell::default(),
            watchdog: RefCell::new(Watchdog::new()),
            generation: Cell::new(0),
            waiting: RefCell::default(),
            ready: Cell::new(false),
        }));
        bridge.respawn();
        bridge.watch();
        bridge
    }

    /// Sends a command. Commands before the worker's first event are queued.
    pub fn send(&self, parcel: Parcel) {
        if self.0.ready.get() {
            self.post(&parcel);
        } else {
            self.0.waiting.borrow_mut().push(parcel);
        }
    }

    /// Starts another worker and clears the queue.
    pub fn respawn(&self) {
        self.hang_up();
        let generation = self.0.generation.get();
        match self.dial(generation) {
            Ok(line) => *self.0.line.borrow_mut() = Some(line),
            Err(error) => {
                let hear = self.0.hear.clone();
                let why = Why::Load(dom::error_text(&error));
                dom::soon(move || hear(News::Failed(why)));
            }
        }
    }

    /// Ends the worker.
    pub fn hang_up(&self) {
        self.0.generation.set(self.0.generation.get() + 1);
        self.0.line.borrow_mut().take();
        self.0.ready.set(false);
        self.0.waiting.borrow_mut().clear();
        *self.0.watchdog.borrow_mut() = Watchdog::new();
    }

    /// Run and step of the newest checkpoint.
    pub fn newest_checkpoint(&self) -> Option<(u32, u64)> {
        self.0.checkpoints.borrow().newest()
    }

    /// Sends the newest checkpoint to the worker.
    pub fn restore(&self, run: u32, paused: bool) {
        let bytes = self.0.checkpoints.borrow().bytes_of(run);
        if let Some(bytes) = bytes {
            self.send(Parcel::restore(run, paused, bytes));
        }
    }

    /// Drops all checkpoints.
    pub fn forget_checkpoints(&self) {
        *self.0.checkpoints.borrow_mut() = Checkpoints::default();
    }

    /// The page was hidden or shown.
    pub fn visibility_changed(&self) {
        self.0.watchdog.borrow_mut().restart_count();
    }

    /// The worker is of this build: sends the queued commands.
    pub fn open(&self) {
        self.0.ready.set(true);
        let waiting = self.0.waiting.take();
        for parcel in &waiting {
            self.post(parcel);
        }
    }

    fn post(&self, parcel: &Parcel) {
        if let Some(line) = self.0.line.borrow().as_ref()
            && let Err(error) = parcel.post(&line.worker)
        {
            let hear = self.0.hear.clone();
            let message = dom::error_text(&error);
            dom::soon(move || hear(News::Event(Event::Problem(Problem::Data { message }))));
        }
    }

    fn dial(&self, generation: u32) -> Result<Line, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        let worker = Worker::new_with_options(&dom::beside_the_page(SCRIPT), &options)?;
        let weak = Rc::downgrade(&self.0);
        let on_message = Closure::new(move |event: MessageEvent| {
            if let Some(inner) = weak.upgrade().filter(|inner| inner.generation.get() == generation) {
                inner.message(&event.data());
            }
        });
        let weak = Rc::downgrade(&self.0);
        let on_error = Closure::new(move |event: ErrorEvent| {
            event.prevent_default();
            if let Some(inner) = weak.upgrade().filter(|inner| inner.generation.get() == generation) {
                // A script of the wrong type gives an event without a message.
                let message = js_sys::Reflect::get(&event, &"message".into()).ok();
                inner.fail(Why::Load(message.and_then(|text| text.as_string()).unwrap_or_default()));
            }
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Line { worker, _on_message: on_message, _on_error: on_error })
    }

    fn watch(&self) {
        let weak = Rc::downgrade(&self.0);
        dom::every_forever(TICK_MS, move || {
            let Some(inner) = weak.upgrade() else { return };
            if inner.line.borrow().is_none() {
                return;
            }
            let dead = inner.watchdog.borrow_mut().tick(dom::now(), dom::visible());
            if dead {
                let spoke = inner.watchdog.borrow().has_spoken();
                inner.fail(if spoke { Why::Silent } else { Why::NeverSpoke });
            }
        });
    }
}

impl Inner {
    fn message(&self, data: &JsValue) {
        self.watchdog.borrow_mut().word(dom::now());
        if let Some(text) = data.as_string() {
            match serde_json::from_str(&text) {
                Ok(Event::Problem(Problem::Fatal { message })) => self.fail(Why::Broke(message)),
                Ok(event) => (self.hear)(News::Event(event)),
                Err(error) => self.fail(Why::Broke(error.to_string())),
            }
        } else if let Some(buffer) = data.dyn_ref::<ArrayBuffer>() {
            self.binary(buffer);
        }
    }

    fn binary(&self, buffer: &ArrayBuffer) {
        let bytes = Uint8Array::new(buffer);
        if bytes.length() == 0 {
            return;
        }
        match bytes.get_index(0) {
            Frame::TAG => match Frame::decode(&bytes.to_vec()) {
                Ok(frame) => (self.hear)(News::Frame(Box::new(frame))),
                Err(error) => self.fail(Why::Broke(error.to_string())),
            },
            gatelab_engine::lab::snapshot::TAG => (self.hear)(News::Snapshot(buffer.clone())),
            checkpoints::TAG => self.checkpoints.borrow_mut().keep(buffer),
            _ => {}
        }
    }

    fn fail(&self, why: Why) {
        // One failure per worker: the app replaces it.
        self.generation.set(self.generation.get() + 1);
        let line = self.line.borrow_mut().take();
        // This may run inside one of the worker's own handlers, so they are dropped after it has returned.
        dom::soon(move || drop(line));
        (self.hear)(News::Failed(why));
    }
}
