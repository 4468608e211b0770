//! The root element's attributes and the marks on the browser's timeline, for tests and embedding pages.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::dom;
use super::state::Page;
use crate::protocol::{Frame, RunState};

/// `data-step`, `data-epoch`, `data-state`, `data-estimator`, `data-dataset`, `data-param-digest`.
#[derive(Clone, Default)]
pub struct Root(Rc<Inner>);

#[derive(Default)]
struct Inner {
    due: Cell<bool>,
    pending: RefCell<Option<(u64, f64)>>,
    run: Cell<u32>,
    trained: Cell<bool>,
    interactive: Cell<bool>,
}

impl Root {
    /// A frame arrived: its step is shown with the next display frame.
    pub fn frame(&self, frame: &Frame) {
        if frame.run != self.0.run.get() {
            return;
        }
        if frame.step >= 1 && !self.0.trained.replace(true) {
            dom::mark("first-train-step");
        }
        self.0.pending.replace(Some((frame.step, frame.epoch)));
        if !self.0.due.replace(true) {
            let inner = self.0.clone();
            dom::before_paint(move || {
                inner.due.set(false);
                if let Some((step, epoch)) = inner.pending.take() {
                    set("data-step", &step.to_string());
                    set("data-epoch", &format!("{epoch:.3}"));
                }
            });
        }
    }

    /// The state changed.
    pub fn state(&self, page: &Page) {
        self.0.run.set(page.run);
        if page.state != RunState::Running {
            // The step of a paused run is exact; a queued frame may be older.
            self.0.pending.take();
            set("data-step", &page.step.to_string());
        }
        set("data-state", state_name(page.state));
        set("data-estimator", page.knobs.confirmed_estimator());
        set("data-dataset", page.config.data.id());
        if let Some(root) = dom::root() {
            let _ = match &page.digest {
                Some(digest) => root.set_attribute("data-param-digest", digest),
                None => root.remove_attribute("data-param-digest"),
            };
        }
    }

    /// The controls are shown and the worker has answered.
    pub fn interactive(&self) {
        if !self.0.interactive.replace(true) {
            dom::mark("app-interactive");
        }
    }
}

const fn state_name(state: RunState) -> &'static str {
    match state {
        RunState::Loading => "loading",
        RunState::Running => "running",
        RunState::Paused => "paused",
        RunState::Stopped => "stopped",
        RunState::Failed => "failed",
    }
}

fn set(name: &str, value: &str) {
    if let Some(root) = dom::root() {
        let _ = root.set_attribute(name, value);
    }
}
