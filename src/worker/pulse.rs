//! Scheduling. Between slices the worker posts itself a message: unlike a timer it has no delay, and messages from the
//! page that arrived before it are handled first.

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::MessageChannel;

use super::clock::scope;
use super::{lab, session};

/// Interval of the heartbeat to the page, ms.
const BEAT: i32 = 250;

thread_local! {
    static CHANNEL: RefCell<Option<MessageChannel>> = const { RefCell::new(None) };
    static PENDING: Cell<bool> = const { Cell::new(false) };
}

/// Sets up the message channel and the heartbeat.
pub(super) fn start() {
    let Ok(channel) = MessageChannel::new() else { return };
    let turn = Closure::<dyn Fn()>::new(|| {
        PENDING.set(false);
        session::turn();
        lab::turn();
    });
    channel.port1().set_onmessage(Some(turn.as_ref().unchecked_ref()));
    turn.forget();
    CHANNEL.set(Some(channel));
    let beat = Closure::<dyn Fn()>::new(session::beat);
    let _ = scope().set_interval_with_callback_and_timeout_and_arguments_0(beat.as_ref().unchecked_ref(), BEAT);
    beat.forget();
}

/// Requests a turn after the queued messages; several requests give one turn.
pub(super) fn soon() {
    if PENDING.replace(true) {
        return;
    }
    CHANNEL.with_borrow(|channel| {
        if let Some(channel) = channel {
            let _ = channel.port2().post_message(&wasm_bindgen::JsValue::NULL);
        }
    });
}

/// Calls `f` after `ms` milliseconds.
pub(super) fn later(ms: f64, f: impl FnOnce() + 'static) {
    let callback = Closure::once_into_js(f);
    let _ = scope().set_timeout_with_callback_and_timeout_and_arguments_0(callback.unchecked_ref(), ms.ceil() as i32);
}
