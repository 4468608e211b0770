//! State and worker of the laboratory. The worker is a second instance of the trainer's script, so that measurements do not
//! slow the run down. It starts when the laboratory becomes visible and terminates when it is hidden.

use std::cell::{Ref, RefCell};
use std::rc::{Rc, Weak};

use js_sys::ArrayBuffer;
use yew::Callback;

use super::state::{DIGITS, Lab, LabEffect, LabMsg};
use crate::page::bridge::{Bridge, News, Parcel};
use crate::page::dom;
use crate::page::messages::notices;
use crate::protocol::{BUILD, Command, Event, PROTOCOL_VERSION};

/// Shared handle. Two handles are equal if they refer to one laboratory.
#[derive(Clone)]
pub struct LabHandle(Rc<Inner>);

struct Inner {
    lab: RefCell<Lab>,
    bridge: RefCell<Option<Bridge>>,
    /// Bytes of the newest snapshot; sent again when the ticked estimators change.
    snapshot: RefCell<Option<ArrayBuffer>>,
    /// Requests a snapshot with this number of digits from the run's worker.
    freeze: Callback<usize>,
    /// Called after each change of the state.
    listener: RefCell<Option<Callback<()>>>,
}

impl PartialEq for LabHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl LabHandle {
    /// A laboratory without a worker; `freeze` requests snapshots.
    pub fn new(freeze: Callback<usize>) -> Self {
        Self(Rc::new(Inner {
            lab: RefCell::default(),
            bridge: RefCell::default(),
            snapshot: RefCell::default(),
            freeze,
            listener: RefCell::default(),
        }))
    }

    /// The laboratory is visible: starts the worker. `changed` is called after each change of the state.
    pub fn open(&self, changed: Callback<()>) {
        self.0.listener.replace(Some(changed));
        self.0.connect();
        self.act(LabMsg::Opened);
    }

    /// The laboratory is hidden: terminates the worker.
    pub fn close(&self) {
        self.0.listener.take();
        if let Some(bridge) = self.0.bridge.borrow().as_ref() {
            bridge.hang_up();
        }
        self.0.snapshot.take();
        self.act(LabMsg::Closed);
    }

    /// A snapshot arrived.
    pub fn snapshot(&self, bytes: ArrayBuffer) {
        self.0.snapshot.replace(Some(bytes));
        self.act(LabMsg::Snapshot(dom::now()));
    }

    /// Updates the state with a message and performs the effects.
    pub fn act(&self, msg: LabMsg) {
        self.0.act(msg);
    }

    /// The state, borrowed for rendering.
    pub fn read(&self) -> Ref<'_, Lab> {
        self.0.lab.borrow()
    }
}

impl Inner {
    fn act(self: &Rc<Self>, msg: LabMsg) {
        let effects = self.lab.borrow_mut().update(msg);
        for effect in effects {
            self.perform(effect);
        }
        let listener = self.listener.borrow().clone();
        if let Some(listener) = listener {
            listener.emit(());
        }
    }

    fn perform(self: &Rc<Self>, effect: LabEffect) {
        let send = |parcel: Parcel| {
            if let Some(bridge) = self.bridge.borrow().as_ref() {
                bridge.send(parcel);
            }
        };
        match effect {
            LabEffect::Freeze => self.freeze.emit(DIGITS),
            LabEffect::Send(command) => send(Parcel::plain(&Command::Lab(command))),
            LabEffect::Examine(command) => {
                if let Some(bytes) = self.snapshot.borrow().clone() {
                    send(Parcel::snapshot(command, bytes));
                }
            }
            LabEffect::Respawn => self.connect(),
        }
    }

    /// Starts a worker, or replaces the present one.
    fn connect(self: &Rc<Self>) {
        if let Some(bridge) = self.bridge.borrow().as_ref() {
            bridge.respawn();
            return;
        }
        let weak: Weak<Self> = Rc::downgrade(self);
        let bridge = Bridge::new(move |news| {
            if let Some(inner) = weak.upgrade() {
                inner.receive(news);
            }
        });
        self.bridge.replace(Some(bridge));
    }

    fn receive(self: &Rc<Self>, news: News) {
        match news {
            News::Event(Event::Ready { protocol, build }) => {
                // A worker of another build is reported by the run's connection.
                if let Some(bridge) = self.bridge.borrow().as_ref()
                    && protocol == PROTOCOL_VERSION
                    && build == BUILD
                {
                    bridge.open();
                }
            }
            News::Event(Event::Lab(event)) => self.act(LabMsg::Event(event)),
            News::Failed(why) => self.act(LabMsg::Failed(notices::why(&why))),
            News::Event(_) | News::Frame(_) | News::Snapshot(_) => {}
        }
    }
}
