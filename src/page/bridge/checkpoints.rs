//! The two newest checkpoints, kept as the browser's own buffers: they go back to a worker, never into this page's memory.

use std::collections::VecDeque;

use js_sys::{ArrayBuffer, DataView};

/// First byte of a checkpoint.
pub(super) const TAG: u8 = b'C';

/// Tag, three bytes of nothing, run (u32), step (u64), little-endian.
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
    /// Takes one in; too short ones are dropped.
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
