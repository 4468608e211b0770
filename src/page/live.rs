//! The newest numbers of the runs, for the panels that draw them.
//!
//! The bridge feeds frames in with [`LiveHandle::ingest`], which is cheap; panels draw from here at most once per
//! display frame. Nothing in here is Yew state: a run's thousands of points must not cause component updates.

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

    /// Adds a frame.
    pub fn ingest(&self, frame: Frame) {
        self.0.borrow_mut().ingest(frame);
        self.wake();
    }

    /// A run begins: adds a curve, or, for a known run (restored from a checkpoint), continues its curve from `step`.
    pub fn begin_run(&self, run: u32, config: &RunConfig, settings: &Settings, step: u64) {
        self.0.borrow_mut().begin_run(run, config, settings, step);
        self.changed();
    }

    /// A change took effect: a mark in curves and raster.
    pub fn change(&self, run: u32, change: &Change, settings: &Settings) {
        self.0.borrow_mut().change(run, change, settings);
        self.changed();
    }

    /// The run continues under another number: the old curve is kept, the new one begins at the change.
    pub fn branch(&self, from: u32, run: u32, change: &Change, settings: &Settings) {
        self.0.borrow_mut().branch(from, run, change, settings);
        self.changed();
    }

    /// Sets the names of the data's classes.
    pub fn name_classes(&self, classes: ClassNames) {
        self.0.borrow_mut().name_classes(classes);
        self.changed();
    }

    /// Removes a run's points after `step` and its changes at `step` or later.
    pub fn truncate(&self, run: u32, step: u64) {
        self.0.borrow_mut().truncate(run, step);
        self.changed();
    }

    /// Sets the listener for changes of the watch (what the panels need from the worker). There is one listener.
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

    /// A counter that increases with every change.
    pub fn version(&self) -> u64 {
        self.0.borrow().version()
    }

    /// Shows or hides a run's curves.
    pub fn show_run(&self, run: u32, visible: bool) {
        self.0.borrow_mut().show_run(run, visible);
        self.changed();
    }

    /// Removes a run that is not the current one.
    pub fn remove_run(&self, run: u32) {
        self.0.borrow_mut().remove_run(run);
        self.changed();
    }

    /// Chooses what the spike raster shows.
    pub fn raster_of(&self, of: RasterOf) {
        self.0.borrow_mut().set_raster_of(of);
        self.changed();
    }

    /// A panel that needs data from the worker entered or left the view.
    pub fn need(&self, need: Need, wanted: bool) {
        self.0.borrow_mut().set_need(need, wanted);
        self.changed();
    }

    /// Sets whether the page is visible.
    pub fn page_visible(&self, visible: bool) {
        self.0.borrow_mut().set_visible(visible);
        self.changed();
    }

    /// The store, for reading while drawing. Not to be held across calls of this handle.
    pub fn read(&self) -> Ref<'_, Live> {
        self.0.borrow()
    }

    /// The ticker that runs the drawings of this store.
    pub fn ticker(&self) -> Ticker {
        self.0.borrow().ticker().clone()
    }

    fn wake(&self) {
        let ticker = self.ticker();
        ticker.wake();
    }

    /// After a change other than a frame: requests a redraw and passes a new watch to the listener. No borrow is held,
    /// since the listener may call back.
    fn changed(&self) {
        let news = self.0.borrow_mut().watch_news();
        if let Some((listener, watch)) = news {
            listener.emit(watch);
        }
        self.wake();
    }
}
