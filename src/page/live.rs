//! The newest numbers of the runs, for the panels that draw them.
//!
//! The bridge feeds frames in with [`LiveHandle::ingest`], which is cheap; panels draw from here at most once per display
//! frame. Nothing in here is Yew state: a run's thousands of points must not go through component updates.

mod numbers;
mod raster;
mod read;
mod runs;
mod store;

use std::cell::{Ref, RefCell};
use std::rc::Rc;

use yew::Callback;

pub use self::raster::RASTER_WIDTH;
pub use self::runs::{MarkKind, Run};
pub use self::store::{Live, Need, Part};
use crate::page::canvas::Ticker;
use crate::page::dom;
use crate::protocol::{Frame, RasterOf, Watch};
use gatelab_engine::data::ClassNames;
use gatelab_engine::schema::{Change, RunConfig};
use gatelab_engine::training::settings::Settings;

/// Shared handle on [`Live`]; equal if it is the same store, so it can be a component's property.
#[derive(Clone, Debug)]
pub struct LiveHandle(Rc<RefCell<Live>>);

impl PartialEq for LiveHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Default for LiveHandle {
    fn default() -> Self {
        Self::new()
    }
}

impl LiveHandle {
    /// An empty store.
    pub fn new() -> Self {
        let live = Self(Rc::new(RefCell::new(Live::default())));
        live.page_visible(dom::visible());
        live
    }

    /// Takes in what happened since the last frame.
    pub fn ingest(&self, frame: Frame) {
        self.0.borrow_mut().ingest(frame);
        self.wake();
    }

    /// A run begins: a new curve, or, for a run that is known already (restored from a checkpoint), the old one goes on
    /// from `step`.
    pub fn begin_run(&self, run: u32, config: &RunConfig, settings: &Settings, step: u64) {
        self.0.borrow_mut().begin_run(run, config, settings, step);
        self.changed();
    }

    /// A change took effect: a mark in curves and raster.
    pub fn change(&self, run: u32, change: &Change, settings: &Settings) {
        self.0.borrow_mut().change(run, change, settings);
        self.changed();
    }

    /// The run went on under another number: its old curve is kept as it is, the new one begins at the change.
    pub fn branch(&self, from: u32, run: u32, change: &Change, settings: &Settings) {
        self.0.borrow_mut().branch(from, run, change, settings);
        self.changed();
    }

    /// The data have classes of these names.
    pub fn name_classes(&self, classes: ClassNames) {
        self.0.borrow_mut().name_classes(classes);
        self.changed();
    }

    /// Forgets what a run did after `step`, and the changes made at it or later.
    pub fn truncate(&self, run: u32, step: u64) {
        self.0.borrow_mut().truncate(run, step);
        self.changed();
    }

    /// Calls back whenever what the panels need of the worker changes; one listener, the latest.
    pub fn on_watch(&self, listener: Callback<Watch>) {
        self.0.borrow_mut().listen(listener);
    }

    /// Pins a probe digit.
    pub fn pin(&self, probe: usize) {
        self.0.borrow_mut().pin_probe(probe);
        self.changed();
    }

    /// Pins a gate, or none.
    pub fn pin_gate(&self, gate: Option<usize>) {
        self.0.borrow_mut().pin_gate(gate);
        self.changed();
    }

    /// Rises with every change.
    pub fn version(&self) -> u64 {
        self.0.borrow().version()
    }

    /// Shows or hides a run's curves.
    pub fn show_run(&self, run: u32, visible: bool) {
        self.0.borrow_mut().show_run(run, visible);
        self.changed();
    }

    /// Forgets a run that is not the current one.
    pub fn remove_run(&self, run: u32) {
        self.0.borrow_mut().remove_run(run);
        self.changed();
    }

    /// Chooses what the spike raster shows.
    pub fn raster_of(&self, of: RasterOf) {
        self.0.borrow_mut().set_raster_of(of);
        self.changed();
    }

    /// A panel that needs something of the worker came into view or left it.
    pub fn need(&self, need: Need, wanted: bool) {
        self.0.borrow_mut().set_need(need, wanted);
        self.changed();
    }

    /// Tells whether the page itself is visible.
    pub fn page_visible(&self, visible: bool) {
        self.0.borrow_mut().set_visible(visible);
        self.changed();
    }

    /// The store, for reading while drawing. Not to be held across calls of this handle.
    pub fn read(&self) -> Ref<'_, Live> {
        self.0.borrow()
    }

    /// What drives the drawings of this store.
    pub fn ticker(&self) -> Ticker {
        self.0.borrow().ticker().clone()
    }

    fn wake(&self) {
        let ticker = self.ticker();
        ticker.wake();
    }

    /// After anything but a frame: drawings wake up, and the listener hears of a new watch. Called with no borrow held,
    /// since the listener may call back.
    fn changed(&self) {
        let news = self.0.borrow_mut().watch_news();
        if let Some((listener, watch)) = news {
            listener.emit(watch);
        }
        self.wake();
    }
}
