//! The page's address: its fragment (after `#`) always describes the run.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsValue;

use crate::page::dom::{self, Timer};
use crate::protocol::link::{Link, print};

/// Delay before a write. Browsers refuse more than about 100 writes in 30 seconds.
const QUIET_MS: i32 = 300;

/// Writes the address after a pause in the changes.
#[derive(Default)]
pub(super) struct Address {
    timer: Option<Timer>,
    written: Rc<RefCell<String>>,
}

impl Address {
    /// Schedules a write; a later call replaces an earlier one.
    pub(super) fn write_soon(&mut self, link: Link) {
        let written = self.written.clone();
        self.timer = Some(Timer::once(QUIET_MS, move || {
            let text = print(&link).text;
            if *written.borrow() == text {
                return;
            }
            if let Some(history) = dom::window().and_then(|window| window.history().ok())
                && history.replace_state_with_url(&JsValue::NULL, "", Some(&text)).is_ok()
            {
                written.replace(text);
            }
        }));
    }

    /// Whether this text was written by the page itself.
    pub(super) fn is_mine(&self, text: &str) -> bool {
        *self.written.borrow() == text
    }
}

/// The part behind the `#`, with it.
pub(super) fn read() -> String {
    dom::window().and_then(|window| window.location().hash().ok()).unwrap_or_default()
}
