//! Messages from the page: a JSON text, or an array of JSON text and attachments.

use js_sys::Array;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::MessageEvent;

use super::clock::scope;
use super::{outbox, session};
use crate::protocol::{Command, Problem};

/// Starts to listen.
pub(super) fn listen() {
    let handler = Closure::<dyn Fn(MessageEvent)>::new(|message: MessageEvent| receive(&message.data()));
    scope().set_onmessage(Some(handler.as_ref().unchecked_ref()));
    // Needed as long as the worker runs.
    handler.forget();
}

fn receive(message: &JsValue) {
    let (text, attachments) = match message.dyn_ref::<Array>() {
        Some(parts) => (parts.get(0), parts.slice(1, parts.length())),
        None => (message.clone(), Array::new()),
    };
    let command = text
        .as_string()
        .ok_or_else(|| "no text".to_owned())
        .and_then(|text| serde_json::from_str::<Command>(&text).map_err(|e| e.to_string()));
    match command {
        Ok(command) => session::obey(command, &attachments),
        Err(found) => outbox::problem(Problem::Config {
            message: format!("the trainer expected a command of this build and found {found}; reload the page"),
        }),
    }
}
