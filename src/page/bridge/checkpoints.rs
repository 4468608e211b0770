//! The two newest checkpoints, kept as JavaScript buffers. They are only sent back to a worker, so they are never
//! copied into WebAssembly memory.

use std::collections::VecDeque;

use js_sys::{ArrayBuffer, DataView};

/// First byte of a checkpoint.
pub(super) const TAG: u8 = b'C';

/// Length of the header: tag, three zero bytes, run (u32), step (u64), little-endian.
const HEADER: usize = 16;
const KEPT: usize = 2;

#[derive(Clone)]
struct Checkpoint {
    run: u32,
    step: u64,
    bytes: ArrayBuffer,
}

/// A ring of two, oldest first.
#[derive(Clone, Default)]
pub(super) struct Checkpoints(VecDeque<Checkpoint>);

impl Checkpoints {
    /// Adds a checkpoint; one shorter than its header is dropped.
    pub(super) fn keep(&mut self, bytes: &ArrayBuffer) {
        let length = bytes.byte_length() as usize;
        if length < HEADER {
            return;
        }
        let view = DataView::new(bytes, 0, length);
        let run = view.get_uint32_endian(4, true);
        let step = u64::from(view.get_uint32_endian(8, true)) | (u64::from(view.get_uint32_endian(12, true)) << 32);
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(Checkpoint { run, step, bytes: bytes.clone() });
    }

    /// Run and step of the newest.
    pub(super) fn newest(&self) -> Option<(u32, u64)> {
        self.0.back().map(|checkpoint| (checkpoint.run, checkpoint.step))
    }

    /// The newest of a run.
    pub(super) fn bytes_of(&self, run: u32) -> Option<ArrayBuffer> {
        self.0.iter().rev().find(|checkpoint| checkpoint.run == run).map(|checkpoint| checkpoint.bytes.clone())
    }
}
