//! The live region for screen readers: announces events, at most once in 10 seconds.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::page::dom::{self, Timer};

const PAUSE_MS: f64 = 10_000.0;
/// At most this many announcements are kept; older ones would be outdated when read out.
const MOST: usize = 3;

#[derive(Default)]
pub(super) struct Speech {
    waiting: Rc<RefCell<Vec<String>>>,
    last: Rc<Cell<Option<f64>>>,
    timer: Option<Timer>,
}

impl Speech {
    /// Announces the text now, or together with the other queued texts.
    pub(super) fn say(&mut self, text: String) {
        if text.is_empty() {
            return;
        }
        {
            let mut waiting = self.waiting.borrow_mut();
            waiting.push(text);
            if waiting.len() > MOST {
                waiting.remove(0);
            }
        }
        let wait = self.last.get().map_or(0.0, |last| (last + PAUSE_MS - dom::now()).max(0.0));
        let (waiting, last) = (self.waiting.clone(), self.last.clone());
        self.timer = Some(Timer::once(wait as i32, move || {
            let text = waiting.take().join(". ");
            last.set(Some(dom::now()));
            if let Some(region) = dom::document().and_then(|document| document.get_element_by_id("announcer")) {
                region.set_text_content(Some(&text));
            }
        }));
    }
}
