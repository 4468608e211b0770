//! Sizes of the network, and the work they mean.

use serde::{Deserialize, Serialize};

use crate::schema::ExpertActivation;

/// Sizes of the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape {
    /// D.
    pub inputs: usize,
    /// M.
    pub gater_hidden: usize,
    /// G.
    pub gates: usize,
    /// U.
    pub units_per_gate: usize,
    /// K.
    pub classes: usize,
    /// What expert units compute.
    pub expert: ExpertActivation,
}

impl Shape {
    /// H = G·U.
    pub fn units(&self) -> usize {
        self.gates * self.units_per_gate
    }

    /// Number of weights and biases.
    pub fn parameters(&self) -> usize {
        let (d, m, g, h, k) = (self.inputs, self.gater_hidden, self.gates, self.units(), self.classes);
        (d + 1) * h + (d + 1) * m + (m + 1) * g + (h + 1) * k
    }

    /// Multiply-adds of the forward pass of `batch` examples with every gate open, if `active` of their `batch · D` inputs are
    /// multiplied with.
    pub fn dense_forward(&self, batch: u64, active: u64) -> u64 {
        let [m, g, h, k] = self.sizes();
        active * (h + m) + batch * (m * g + h * k)
    }

    /// Multiply-adds of the backward pass with every gate open: weight gradients of all layers, what comes back through head and
    /// gater, and the slopes at the gates.
    pub fn dense_backward(&self, batch: u64, active: u64) -> u64 {
        let [m, g, h, k] = self.sizes();
        active * (h + m) + batch * (2 * m * g + 2 * h * k + h)
    }

    /// M, G, H, K.
    fn sizes(&self) -> [u64; 4] {
        [self.gater_hidden, self.gates, self.units(), self.classes].map(|n| n as u64)
    }
}
