//! Messages to the page: events as JSON text, frames and checkpoints as transferred buffers.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;

use super::clock::scope;
use crate::protocol::{DataEvent, Event, Frame, Problem};

/// Sends an event.
pub(super) fn event(event: &Event) {
    if let Ok(json) = serde_json::to_string(event) {
        // Fails only when the page is closed, which also ends the worker.
        let _ = scope().post_message(&JsValue::from_str(&json));
    }
}

/// Sends a problem.
pub(super) fn problem(problem: Problem) {
    event(&Event::Problem(problem));
}

/// Reports that data are not available.
pub(super) fn data_problem(message: impl Into<String>) {
    problem(Problem::Data { message: message.into() });
}

/// Sends an event about data.
pub(super) fn data(news: DataEvent) {
    event(&Event::Data(news));
}

/// Sends a frame.
pub(super) fn frame(frame: &Frame) {
    match frame.encode() {
        Ok(bytes) => binary(&bytes),
        Err(error) => problem(Problem::Fatal { message: error.to_string() }),
    }
}

/// Sends bytes as a transferred buffer. WebAssembly memory itself cannot be transferred, so this copies once.
pub(super) fn binary(bytes: &[u8]) {
    let buffer = Uint8Array::from(bytes).buffer();
    let _ = scope().post_message_with_transfer(&buffer, &Array::of1(&buffer));
}
