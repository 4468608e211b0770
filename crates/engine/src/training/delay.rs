//! A reward that comes late: the gradient of the gates' logits waits some steps, and is then taken back through the gater on
//! the minibatch it belongs to, under the parameters of that later time.

use gatelab_kernels::Matrix;
use std::collections::VecDeque;

use crate::data::{DataError, Examples};
use crate::network::{Pass, Shape};
use gatelab_kernels::Real;

/// What one step left for later.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Late<R> {
    /// The minibatch: training examples, B of them.
    pub(super) indices: Vec<u32>,
    /// Per-example `∂L/∂a` [B × G], sparsity penalty not included.
    pub(super) gradient: Matrix<R>,
}

/// The gradients that wait, oldest first; empty unless the gater is told a delayed reward.
#[derive(Debug)]
pub(super) struct Delayed<R: Real> {
    pub(super) queue: VecDeque<Late<R>>,
    /// Of the step being done: joins the queue when the step has succeeded.
    present: Option<Late<R>>,
    /// For the gater alone, one for each gradient that is due at once; made when first needed.
    passes: Vec<Pass<R>>,
}

impl<R: Real> Default for Delayed<R> {
    fn default() -> Self {
        Self { queue: VecDeque::new(), present: None, passes: Vec::new() }
    }
}

impl<R: Real> Delayed<R> {
    /// Keeps the present minibatch's gradient for later and leaves zeros in its place.
    pub(super) fn hold_back(&mut self, indices: &[u32], gradient: &mut Matrix<R>) {
        self.present = Some(Late { indices: indices.to_vec(), gradient: gradient.clone() });
        gradient.fill(R::zero());
    }

    /// How many of the oldest gradients are due in the step being done: more than one after the delay was shortened.
    pub(super) fn due(&self, delay: usize) -> usize {
        (self.queue.len() + usize::from(self.present.is_some())).saturating_sub(delay).min(self.queue.len())
    }

    /// Puts the waiting gradients that are due, and their minibatches, into passes whose gater can be run, forward and back.
    pub(super) fn load(&mut self, due: usize, shape: Shape, train: &Examples) -> Result<&mut [Pass<R>], DataError> {
        for (at, late) in self.queue.iter().take(due).enumerate() {
            if self.passes.get(at).is_some_and(|pass| pass.batch() != late.indices.len()) {
                self.passes.truncate(at);
            }
            if self.passes.len() == at {
                self.passes.push(Pass::new(shape, late.indices.len()));
            }
            let pass = &mut self.passes[at];
            train.load(&late.indices, &mut pass.input, &mut pass.labels)?;
            pass.logit_gradient.assign(&late.gradient);
        }
        Ok(&mut self.passes[..due])
    }

    /// The passes that were loaded last.
    pub(super) fn loaded(&self, due: usize) -> &[Pass<R>] {
        &self.passes[..due]
    }

    /// After a step that succeeded: what was due is gone, what is new waits.
    pub(super) fn settle(&mut self, delay: usize) {
        let due = self.due(delay);
        self.queue.drain(..due);
        self.queue.extend(self.present.take());
    }

    /// Drops everything that waits.
    pub(super) fn forget(&mut self) {
        self.queue.clear();
        self.present = None;
    }
}
