//! When things are due. The loop posts itself a message between slices: unlike a timer's, its turn comes at once, but after
//! messages that the page sent in the meantime.

use std::cell::{Cell, RefCell};

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::MessageChannel;

use super::clock::scope;
use super::{lab, session};

/// At least this often the page hears something, ms.
const BEAT: i32 = 250;

thread_local! {
    static CHANNEL: RefCell<Option<MessageChannel>> = const { RefCell::new(None) };
    static PENDING: Cell<bool> = const { Cell::new(false) };
}

/// Sets up the loop's channel and the heartbeat.
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

/// Asks for a turn as soon as waiting messages have been heard; asking twice gives one.
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
