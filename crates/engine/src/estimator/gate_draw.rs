//! What an estimator drew for a minibatch.

use gatelab_kernels::{Matrix, Real};

/// What was drawn for a minibatch. All arrays are [B × G].
#[derive(Clone, Debug, Default)]
pub struct GateDraw<R> {
    /// Gate values `g`; exactly 0 is a closed gate.
    pub gates: Matrix<R>,
    /// The random numbers the draw used, for estimators whose gradient needs them again.
    pub noise: Matrix<R>,
    /// `σ` of the (possibly noisy) logits; estimators without a probability leave it alone.
    pub probability: Matrix<R>,
}

impl<R: Real> GateDraw<R> {
    /// For `batch` examples and `gates` gates, all closed.
    pub fn new(batch: usize, gates: usize) -> Self {
        let zeros = || Matrix::zeros((batch, gates));
        Self { gates: zeros(), noise: zeros(), probability: zeros() }
    }
}
