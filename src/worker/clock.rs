//! The worker's global scope: time and the connection to the page.

use wasm_bindgen::JsCast;
use web_sys::{DedicatedWorkerGlobalScope, Performance};

thread_local! {
    // Looked up once: the clock is read after every step.
    static CLOCK: Option<Performance> = scope().performance();
}

/// The global scope of this worker.
pub(super) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

/// Milliseconds since the worker started; 0 where there is no clock.
pub(super) fn now() -> f64 {
    CLOCK.with(|clock| clock.as_ref().map_or(0.0, Performance::now))
}
