//! Bytes from the network, the cache and files: up to a cap, with progress, decompressed if they are gzip.

use js_sys::{Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ReadableStream, ReadableStreamDefaultReader, Response};

use crate::worker::clock::scope;
use gatelab_engine::data::is_gzip;

#[wasm_bindgen]
extern "C" {
    /// The browser's decompressor, a pair of streams; `web-sys` has no binding of it yet.
    #[wasm_bindgen(extends = web_sys::ReadableWritablePair)]
    type DecompressionStream;
    #[wasm_bindgen(constructor, catch)]
    fn new(format: &str) -> Result<DecompressionStream, JsValue>;
}

/// A transfer without a byte for this long has failed, ms.
const SILENCE: i32 = 15_000;

/// The message of a JavaScript error.
pub(super) fn words(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok().and_then(|m| m.as_string());
    message.or_else(|| error.as_string()).unwrap_or_else(|| "an unknown error".into())
}

/// Completes after `ms` milliseconds.
pub(super) async fn sleep(ms: i32) {
    // Fails only where there are no timers at all.
    let _ = JsFuture::from(timer(ms)).await;
}

fn timer(ms: i32) -> Promise {
    Promise::new(&mut |resolve, _| {
        let _ = scope().set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, ms);
    })
}

/// The value of a promise of the network, which is never `undefined`; an error after [`SILENCE`].
async fn in_time(promise: &Promise) -> Result<JsValue, String> {
    let first = Promise::race(&Array::of2(promise, &timer(SILENCE)));
    let value = JsFuture::from(first).await.map_err(|e| words(&e))?;
    if value.is_undefined() { Err(format!("no data for {} seconds", SILENCE / 1000)) } else { Ok(value) }
}

/// The response to a GET of `url`; an error if its status is not a success.
pub(super) async fn get(url: &str) -> Result<Response, String> {
    let response: Response = in_time(&scope().fetch_with_str(url)).await?.unchecked_into();
    if response.ok() { Ok(response) } else { Err(format!("the server answered {}", response.status())) }
}

/// All bytes of a stream; more than `cap` is an error, raised before they are stored. Allocates `expected` bytes at once, so
/// that a file of many megabytes is not copied as it grows. Calls `progress` with the count so far.
pub(super) async fn read_all(
    stream: &ReadableStream,
    expected: usize,
    cap: usize,
    mut progress: impl FnMut(usize),
) -> Result<Vec<u8>, String> {
    let reader: ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut bytes = Vec::with_capacity(expected.min(cap));
    loop {
        let piece = in_time(&reader.read()).await.inspect_err(|_| drop(reader.cancel()))?;
        if Reflect::get(&piece, &"done".into()).is_ok_and(|done| done.is_truthy()) {
            return Ok(bytes);
        }
        let value = Reflect::get(&piece, &"value".into()).map_err(|e| words(&e))?;
        let value: Uint8Array = value.unchecked_into();
        if bytes.len() + value.length() as usize > cap {
            let _ = reader.cancel();
            return Err(format!("more than the {cap} bytes that such a file may have"));
        }
        let from = bytes.len();
        bytes.resize(from + value.length() as usize, 0);
        value.copy_to(&mut bytes[from..]);
        progress(bytes.len());
    }
}

/// All bytes of a response's body, of which `expected` are likely.
pub(super) async fn body(
    response: &Response,
    expected: usize,
    cap: usize,
    progress: impl FnMut(usize),
) -> Result<Vec<u8>, String> {
    match response.body() {
        Some(stream) => read_all(&stream, expected, cap, progress).await,
        None => Ok(Vec::new()),
    }
}

/// Decompresses gzip; other bytes are returned unchanged. Servers and virus scanners may compress or decompress a file on the
/// way, so its bytes decide, not its name.
pub(super) async fn inflate(bytes: Vec<u8>, cap: usize) -> Result<Vec<u8>, String> {
    if !is_gzip(&bytes) {
        return Ok(bytes);
    }
    let say = |e: JsValue| words(&e);
    // The last four bytes of gzip are the decompressed size.
    let size = bytes.last_chunk().map_or(0, |size| u32::from_le_bytes(*size) as usize);
    let parts = Array::of1(&Uint8Array::from(&bytes[..]));
    drop(bytes);
    let blob = Blob::new_with_u8_array_sequence(&parts).map_err(say)?;
    let pair = DecompressionStream::new("gzip").map_err(say)?;
    let stream = blob.stream().pipe_through(&pair);
    read_all(&stream, size, cap, |_| ()).await.map_err(|e| format!("damaged or too large gzip ({e})"))
}
