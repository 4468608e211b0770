//! What an estimator may ask about the loss. Each question costs what it costs, and is counted.

use gatelab_kernels::Matrix;
use gatelab_kernels::Real;

/// Answers about the loss of the gates that were drawn, `g` [B × G], and of others. `L` is each example's loss in nats (or
/// whatever else the gater is told), sparsity penalty not included.
pub trait GateContext<R: Real> {
    /// `L` at the drawn gates; `out` has length B.
    fn losses(&mut self, out: &mut [R]);

    /// `L` at other gate values `gates` [B × G]; `out` has length B. Experts that were closed so far and are open here run.
    fn losses_at(&mut self, gates: &Matrix<R>, out: &mut [R]);

    /// `L(b_i = 1) − L(b_i = 0)` for every gate, the others as drawn [B × G]. Every expert runs; then each gate costs one
    /// softmax. The drawn gates must be hard, 0 or 1.
    fn flips(&mut self, out: &mut Matrix<R>);

    /// `L(b_k = 1) − L(b_k = 0)` for one gate `k = gate[b]` of each example; `out` has length B. Only those experts run. The
    /// drawn gates must be hard, 0 or 1.
    fn flip(&mut self, gate: &[usize], out: &mut [R]);

    /// `∂L/∂g` where the gate is open, 0 elsewhere [B × G]. Experts of closed gates don't run.
    fn slopes_of_active(&mut self, out: &mut Matrix<R>);

    /// `∂L/∂g` at the drawn gates where `wanted` is true, 0 elsewhere [B × G]. Experts wanted but closed run forward for it.
    fn slopes_of(&mut self, wanted: &Matrix<bool>, out: &mut Matrix<R>);

    /// `∂L/∂g` at the drawn gates, everywhere [B × G]. Every expert runs.
    fn slopes_of_all(&mut self, out: &mut Matrix<R>);

    /// `L` and `∂L/∂g` at other gate values [B × G], everywhere. Every expert runs.
    fn slopes_at(&mut self, gates: &Matrix<R>, losses: &mut [R], out: &mut Matrix<R>);

    /// Takes note of multiply-adds that the estimator does by itself, in something of its own that has the size of a network.
    fn spent(&mut self, _multiply_adds: usize) {}

    /// Number of units H of all experts, in blocks of equal size, one block per gate.
    fn units(&self) -> usize;

    /// For every unit the sum of its outputs `z` over the examples whose gate is open (`sums`, length H), and the number of
    /// those examples (`counts`, length G).
    fn outputs_of_active(&mut self, sums: &mut [R], counts: &mut [R]);

    /// As [`GateContext::slopes_of_all`], but with `outputs` (length H) in place of the outputs of closed experts, which
    /// therefore don't run.
    fn slopes_with(&mut self, outputs: &[R], out: &mut Matrix<R>);
}
