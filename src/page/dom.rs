//! Browser calls that several modules use. Each is a line or two and never throws.

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Document, Element, Event, EventTarget, Storage, Window};

/// The window.
pub fn window() -> Option<Window> {
    web_sys::window()
}

/// The document.
pub fn document() -> Option<Document> {
    window()?.document()
}

/// `<html>`, whose attributes describe the page's state.
pub fn root() -> Option<Element> {
    document()?.document_element()
}

/// Milliseconds since the page was opened.
pub fn now() -> f64 {
    window().and_then(|window| window.performance()).map_or(0.0, |performance| performance.now())
}

/// A mark on the browser's timeline.
pub fn mark(name: &str) {
    if let Some(performance) = window().and_then(|window| window.performance()) {
        let _ = performance.mark(name);
    }
}

/// Whether the page is visible.
pub fn visible() -> bool {
    document().is_none_or(|document| !document.hidden())
}

/// The address of a file beside the page, whatever path the page is served under.
pub fn beside_the_page(file: &str) -> String {
    document()
        .and_then(|document| document.base_uri().ok().flatten())
        .and_then(|base| web_sys::Url::new_with_base(file, &base).ok())
        .map_or_else(|| file.to_owned(), |url| url.href())
}

/// The content of a `<meta name=…>`.
pub fn meta(name: &str) -> Option<String> {
    let element = document()?.query_selector(&format!("meta[name=\"{name}\"]")).ok()??;
    element.get_attribute("content").filter(|content| !content.is_empty())
}

/// The text of an exception.
pub fn error_text(error: &JsValue) -> String {
    error
        .dyn_ref::<js_sys::Error>()
        .map(|error| String::from(error.message()))
        .or_else(|| error.as_string())
        .unwrap_or_default()
}

/// Calls back once the present call has returned.
pub fn soon(callback: impl FnOnce() + 'static) {
    let callback = Closure::once_into_js(callback);
    if let Some(window) = window() {
        let _ = window.set_timeout_with_callback(callback.unchecked_ref());
    }
}

/// Calls back at a fixed interval (ms) as long as the page lives.
pub fn every_forever(ms: i32, callback: impl FnMut() + 'static) {
    let callback = Closure::<dyn FnMut()>::new(callback).into_js_value();
    if let Some(window) = window() {
        let _ = window.set_interval_with_callback_and_timeout_and_arguments_0(callback.unchecked_ref(), ms);
    }
}

/// Calls back before the next display frame.
pub fn before_paint(callback: impl FnOnce() + 'static) {
    let callback = Closure::once_into_js(callback);
    if let Some(window) = window() {
        let _ = window.request_animation_frame(callback.unchecked_ref());
    }
}

/// A scheduled call; dropping it cancels the call.
pub struct Timer {
    id: i32,
    _callback: Closure<dyn FnMut()>,
}

impl Timer {
    /// Once, after `ms`.
    pub fn once(ms: i32, callback: impl FnMut() + 'static) -> Self {
        let callback = Closure::<dyn FnMut()>::new(callback);
        let id = window()
            .and_then(|window| {
                window.set_timeout_with_callback_and_timeout_and_arguments_0(callback.as_ref().unchecked_ref(), ms).ok()
            })
            .unwrap_or(0);
        Self { id, _callback: callback }
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        if let Some(window) = window() {
            window.clear_timeout_with_handle(self.id);
        }
    }
}

/// A listener, removed on drop.
pub struct Listener {
    target: EventTarget,
    name: &'static str,
    callback: Closure<dyn FnMut(Event)>,
}

impl Listener {
    /// Listens to `target`.
    pub fn new(target: &EventTarget, name: &'static str, callback: impl FnMut(Event) + 'static) -> Self {
        let callback = Closure::<dyn FnMut(Event)>::new(callback);
        let _ = target.add_event_listener_with_callback(name, callback.as_ref().unchecked_ref());
        Self { target: target.clone(), name, callback }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.name, self.callback.as_ref().unchecked_ref());
    }
}

/// Storage between visits. It may be missing, full or forbidden (then the getter throws), so nothing may depend on it.
pub mod memory {
    use super::{Storage, window};

    fn lasting() -> Option<Storage> {
        window()?.local_storage().ok().flatten()
    }

    fn of_this_tab() -> Option<Storage> {
        window()?.session_storage().ok().flatten()
    }

    /// The value stored under this name.
    pub fn recall(name: &str) -> Option<String> {
        lasting()?.get_item(name).ok().flatten()
    }

    /// Stores a value, if storage works.
    pub fn keep(name: &str, value: &str) {
        if let Some(storage) = lasting() {
            let _ = storage.set_item(name, value);
        }
    }

    /// Removes a value, if storage works.
    pub fn forget(name: &str) {
        if let Some(storage) = lasting() {
            let _ = storage.remove_item(name);
        }
    }

    /// Whether this tab has done something before; marks it as done. Without storage the result is `true`, so that the
    /// action cannot repeat endlessly.
    pub fn done_before(name: &str) -> bool {
        let Some(storage) = of_this_tab() else { return true };
        let before = storage.get_item(name).ok().flatten().is_some();
        before || storage.set_item(name, "1").is_err()
    }

    /// Removes the mark: this tab may do it again.
    pub fn not_done(name: &str) {
        if let Some(storage) = of_this_tab() {
            let _ = storage.remove_item(name);
        }
    }
}
