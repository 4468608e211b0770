//! State and worker of the laboratory. The worker is a second one of the trainer's script: what is measured here never
//! disturbs the run. It is started when the laboratory comes on the screen and terminated when that leaves.

use std::cell::{Ref, RefCell};
use std::rc::{Rc, Weak};

use js_sys::ArrayBuffer;
use yew::Callback;

use super::state::{DIGITS, Lab, LabEffect, LabMsg};
use crate::page::bridge::{Bridge, News, Parcel};
use crate::page::dom;
use crate::page::messages::notices;
use crate::protocol::{BUILD, Command, Event, PROTOCOL_VERSION};

/// Shared handle; equal if it is the same laboratory.
#[derive(Clone)]
pub struct LabHandle(Rc<Inner>);

struct Inner {
    lab: RefCell<Lab>,
    bridge: RefCell<Option<Bridge>>,
    /// The newest frozen network, for when other estimators are ticked.
    specimen: RefCell<Option<ArrayBuffer>>,
    /// Asks the run's worker for a frozen copy with so many digits.
    freeze: Callback<usize>,
    /// Hears that something changed.
    listener: RefCell<Option<Callback<()>>>,
}

impl PartialEq for LabHandle {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl LabHandle {
    /// A laboratory without a worker yet.
    pub fn new(freeze: Callback<usize>) -> Self {
        Self(Rc::new(Inner {
            lab: RefCell::default(),
            bridge: RefCell::default(),
            specimen: RefCell::default(),
            freeze,
            listener: RefCell::default(),
        }))
    }

    /// The laboratory came on the screen; `changed` is called whenever it is to be shown anew.
    pub fn open(&self, changed: Callback<()>) {
        self.0.listener.replace(Some(changed));
        self.0.dial();
        self.act(LabMsg::Opened);
    }

    /// It left the screen.
    pub fn close(&self) {
        self.0.listener.take();
        if let Some(bridge) = self.0.bridge.borrow().as_ref() {
            bridge.hang_up();
        }
        self.0.specimen.take();
        self.act(LabMsg::Closed);
    }

    /// A frozen network arrived.
    pub fn specimen(&self, bytes: ArrayBuffer) {
        self.0.specimen.replace(Some(bytes));
        self.act(LabMsg::Specimen(dom::now()));
    }

    /// Takes a message in.
    pub fn act(&self, msg: LabMsg) {
        self.0.act(msg);
    }

    /// The state, for reading while showing it.
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
                if let Some(bytes) = self.specimen.borrow().clone() {
                    send(Parcel::specimen(command, bytes));
                }
            }
            LabEffect::Respawn => self.dial(),
        }
    }

    /// Starts a worker, the first or another.
    fn dial(self: &Rc<Self>) {
        if let Some(bridge) = self.bridge.borrow().as_ref() {
            bridge.respawn();
            return;
        }
        let weak: Weak<Self> = Rc::downgrade(self);
        let bridge = Bridge::new(move |news| {
            if let Some(inner) = weak.upgrade() {
                inner.hear(news);
            }
        });
        self.bridge.replace(Some(bridge));
    }

    fn hear(self: &Rc<Self>, news: News) {
        match news {
            News::Event(Event::Ready { protocol, build }) => {
                // A worker of another build concerns the whole page, and the run's worker will say so.
                if let Some(bridge) = self.bridge.borrow().as_ref()
                    && protocol == PROTOCOL_VERSION
                    && build == BUILD
                {
                    bridge.open();
                }
            }
            News::Event(Event::Lab(event)) => self.act(LabMsg::Event(event)),
            News::Failed(why) => self.act(LabMsg::Failed(notices::why(&why))),
            News::Event(_) | News::Frame(_) | News::Specimen(_) => {}
        }
    }
}
