//! Browser observers and listeners that are removed on drop.

use wasm_bindgen::prelude::*;
use web_sys::{Element, EventTarget, IntersectionObserver, IntersectionObserverEntry, ResizeObserver};

/// An event listener, removed when dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    target: EventTarget,
    event: &'static str,
    closure: Closure<dyn FnMut(web_sys::Event)>,
}

impl Listener {
    /// Listens to `event` of `target`.
    pub(crate) fn new(target: &EventTarget, event: &'static str, f: impl FnMut(web_sys::Event) + 'static) -> Self {
        let closure: Closure<dyn FnMut(web_sys::Event)> = Closure::new(f);
        // Listeners are only refused for invalid arguments.
        let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
        Self { target: target.clone(), event, closure }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.event, self.closure.as_ref().unchecked_ref());
    }
}

/// Calls back with an element's size whenever it changes.
pub struct SizeWatch {
    observer: Option<ResizeObserver>,
    _closure: Closure<dyn FnMut()>,
}

impl SizeWatch {
    /// Observes this element; also calls back once with its first size.
    pub fn new(element: &Element, changed: impl FnMut() + 'static) -> Self {
        let closure: Closure<dyn FnMut()> = Closure::new(changed);
        let observer = ResizeObserver::new(closure.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(element);
        }
        Self { observer, _closure: closure }
    }
}

impl Drop for SizeWatch {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}

/// Calls back when an element enters or leaves the view.
pub(super) struct ViewWatch {
    observer: Option<IntersectionObserver>,
    _closure: Closure<dyn FnMut(js_sys::Array)>,
}

impl ViewWatch {
    pub(super) fn new(element: &Element, mut seen: impl FnMut(bool) + 'static) -> Self {
        let closure: Closure<dyn FnMut(js_sys::Array)> = Closure::new(move |entries: js_sys::Array| {
            let latest = entries.iter().last().and_then(|entry| entry.dyn_into::<IntersectionObserverEntry>().ok());
            if let Some(entry) = latest {
                seen(entry.is_intersecting());
            }
        });
        let observer = IntersectionObserver::new(closure.as_ref().unchecked_ref()).ok();
        if let Some(observer) = &observer {
            observer.observe(element);
        }
        Self { observer, _closure: closure }
    }
}

impl Drop for ViewWatch {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}
