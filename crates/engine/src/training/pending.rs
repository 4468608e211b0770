//! Rewards that arrive late: the gradient of the gates' logits is kept for some steps, and then goes backward through the gater on
//! the minibatch it belongs to, under the parameters of that later step.

use std::collections::VecDeque;

use gatelab_kernels::{Matrix, Real};

use crate::data::{DataError, Examples};
use crate::network::{Pass, Shape};

/// A gradient whose reward has not arrived.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct PendingReward<R> {
    /// The minibatch: training examples, B of them.
    pub(super) indices: Vec<u32>,
    /// Per-example `∂L/∂a` [B × G], sparsity penalty not included.
    pub(super) gradient: Matrix<R>,
}

/// Pending gradients, oldest first; empty unless the gater's loss is a delayed reward.
#[derive(Debug)]
pub(super) struct PendingRewards<R: Real> {
    pub(super) queue: VecDeque<PendingReward<R>>,
    /// Of the step being computed: joins the queue when the step is committed.
    present: Option<PendingReward<R>>,
    /// One left over, whose memory is used again.
    spare: Option<PendingReward<R>>,
    /// For the gater alone, one for each gradient that is due at once; made when first needed.
    passes: Vec<Pass<R>>,
}

impl<R: Real> Default for PendingRewards<R> {
    fn default() -> Self {
        Self { queue: VecDeque::new(), present: None, spare: None, passes: Vec::new() }
    }
}

impl<R: Real> PendingRewards<R> {
    /// Keeps the present minibatch's gradient for later and leaves zeros in its place.
    pub(super) fn hold_back(&mut self, indices: &[u32], gradient: &mut Matrix<R>) {
        let mut present = self.spare.take().unwrap_or_default();
        present.indices.clear();
        present.indices.extend_from_slice(indices);
        present.gradient.resize(gradient.dim(), R::zero());
        present.gradient.assign(gradient);
        self.present = Some(present);
        gradient.fill(R::zero());
    }

    /// How many of the oldest gradients are due in the step being computed: more than one after the delay was shortened.
    pub(super) fn due(&self, delay: usize) -> usize {
        (self.queue.len() + usize::from(self.present.is_some())).saturating_sub(delay).min(self.queue.len())
    }

    /// Loads the gradients that are due, and their minibatches, into passes for the gater.
    pub(super) fn load(&mut self, due: usize, shape: Shape, train: &Examples) -> Result<&mut [Pass<R>], DataError> {
        for (at, pending) in self.queue.iter().take(due).enumerate() {
            if self.passes.get(at).is_some_and(|pass| pass.batch() != pending.indices.len()) {
                self.passes.truncate(at);
            }
            if self.passes.len() == at {
                self.passes.push(Pass::new(shape, pending.indices.len()));
            }
            let pass = &mut self.passes[at];
            train.load(&pending.indices, &mut pass.input, &mut pass.labels)?;
            pass.logit_grad.assign(&pending.gradient);
        }
        Ok(&mut self.passes[..due])
    }

    /// The passes that were loaded last.
    pub(super) fn loaded(&self, due: usize) -> &[Pass<R>] {
        &self.passes[..due]
    }

    /// Commits a step: what was due is dropped, what is new joins the queue.
    pub(super) fn commit(&mut self, delay: usize) {
        let due = self.due(delay);
        if let Some(oldest) = self.queue.drain(..due).next_back() {
            self.spare = Some(oldest);
        }
        self.queue.extend(self.present.take());
    }

    /// Undoes a step that is not committed.
    pub(super) fn roll_back(&mut self) {
        self.spare = self.present.take().or(self.spare.take());
    }

    /// Drops all pending gradients.
    pub(super) fn clear(&mut self) {
        self.queue.clear();
        self.roll_back();
    }
}
