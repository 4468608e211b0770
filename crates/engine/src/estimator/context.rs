//! What an estimator may ask about the loss. Every method does the work it needs and counts its multiply-adds.

use gatelab_kernels::{Matrix, Real};

/// Losses and gate gradients of a minibatch at the gates that were drawn, `g` [B × G], and at others. `L` is each example's
/// loss in nats, or the negative reward that takes its place; the sparsity penalty is not included.
pub trait GateContext<R: Real> {
    /// `L` at the drawn gates; `out` has length B.
    fn losses(&mut self, out: &mut [R]);

    /// `L` at other gate values `gates` [B × G]; `out` has length B. Runs the experts that are closed in the draw and open
    /// here.
    fn losses_at(&mut self, gates: &Matrix<R>, out: &mut [R]);

    /// `L(b_i = 1) − L(b_i = 0)` for every gate, the others as drawn [B × G]. Every expert runs; then each gate costs one
    /// softmax. The drawn gates must be hard, 0 or 1.
    fn flips(&mut self, out: &mut Matrix<R>);

    /// `L(b_k = 1) − L(b_k = 0)` for one gate `k = gate[b]` of each example; `out` has length B. Only those experts run. The
    /// drawn gates must be hard, 0 or 1.
    fn flip(&mut self, gate: &[usize], out: &mut [R]);

    /// Gate gradients `∂L/∂g` where the gate is open, 0 elsewhere [B × G]. Experts of closed gates don't run.
    fn gate_grads_of_active(&mut self, out: &mut Matrix<R>);

    /// `∂L/∂g` at the drawn gates where `wanted` is true, 0 elsewhere [B × G]. Runs the experts that are wanted but closed.
    fn gate_grads_of(&mut self, wanted: &Matrix<bool>, out: &mut Matrix<R>);

    /// `∂L/∂g` at the drawn gates, for all gates [B × G]. Every expert runs.
    fn gate_grads_of_all(&mut self, out: &mut Matrix<R>);

    /// `L` (length B) and `∂L/∂g` [B × G] at other gate values `gates` [B × G], for all gates. Every expert runs.
    fn gate_grads_at(&mut self, gates: &Matrix<R>, losses: &mut [R], out: &mut Matrix<R>);

    /// Counts multiply-adds that the estimator does itself, in a model of its own.
    fn count_macs(&mut self, _multiply_adds: usize) {}

    /// Number of units H of all experts, in blocks of equal size, one block per gate.
    fn units(&self) -> usize;

    /// For every unit the sum of its outputs `z` over the examples whose gate is open (`sums`, length H), and the number of
    /// those examples (`counts`, length G).
    fn outputs_of_active(&mut self, sums: &mut [R], counts: &mut [R]);

    /// As [`GateContext::gate_grads_of_all`], with `outputs` (length H) in place of the outputs of closed experts, which don't
    /// run.
    fn gate_grads_with(&mut self, outputs: &[R], out: &mut Matrix<R>);
}
