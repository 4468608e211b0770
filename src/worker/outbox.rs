//! Messages to the page: events as JSON text, frames and checkpoints as transferred buffers.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsValue;

use super::clock::scope;
use crate::protocol::{DataEvent, Event, Frame, Problem};

/// Tells the page something.
pub(super) fn event(event: &Event) {
    if let Ok(json) = serde_json::to_string(event) {
        // The page is gone if this fails, and the worker with it in a moment.
        let _ = scope().post_message(&JsValue::from_str(&json));
    }
}

/// Tells the page of a problem.
pub(super) fn problem(problem: Problem) {
    event(&Event::Problem(problem));
}

/// Tells the page that data could not be had.
pub(super) fn data_problem(message: impl Into<String>) {
    problem(Problem::Data { message: message.into() });
}

/// Tells the page about data.
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

/// Sends bytes, handing the buffer over: WebAssembly memory itself can't be transferred, so one copy is made.
pub(super) fn binary(bytes: &[u8]) {
    let buffer = Uint8Array::from(bytes).buffer();
    let _ = scope().post_message_with_transfer(&buffer, &Array::of1(&buffer));
}
