//! A command with its attachments.

use js_sys::{Array, ArrayBuffer};
use wasm_bindgen::JsValue;
use web_sys::{File, Worker};

use crate::protocol::{Command, LabCommand};

/// A command and its attachments.
#[derive(Clone)]
pub struct Parcel {
    json: String,
    attached: Vec<JsValue>,
}

impl Parcel {
    /// A command without attachments.
    pub fn plain(command: &Command) -> Self {
        // Only maps with keys that aren't strings fail to become JSON; commands have none.
        Self { json: serde_json::to_string(command).unwrap_or_default(), attached: Vec::new() }
    }

    /// Files to open.
    pub fn files(files: Vec<File>) -> Self {
        Self { attached: files.into_iter().map(JsValue::from).collect(), ..Self::plain(&Command::OpenFiles) }
    }

    /// A checkpoint to restore. It is copied, not transferred, because the next worker may need it again.
    pub(super) fn restore(run: u32, paused: bool, bytes: ArrayBuffer) -> Self {
        Self { attached: vec![bytes.into()], ..Self::plain(&Command::Restore { run, paused }) }
    }

    /// A frozen network for the laboratory's worker.
    pub fn snapshot(command: LabCommand, bytes: ArrayBuffer) -> Self {
        Self { attached: vec![bytes.into()], ..Self::plain(&Command::Lab(command)) }
    }

    pub(super) fn post(&self, worker: &Worker) -> Result<(), JsValue> {
        let json = JsValue::from_str(&self.json);
        if self.attached.is_empty() {
            return worker.post_message(&json);
        }
        let message = Array::of1(&json);
        for attachment in &self.attached {
            message.push(attachment);
        }
        worker.post_message(&message)
    }
}
