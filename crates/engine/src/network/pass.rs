//! The arrays of one pass through the network, allocated once per batch size.

use super::flips::Flips;
use super::shape::Shape;
use crate::estimator::GateDraw;
use gatelab_kernels::Matrix;
use gatelab_kernels::{BlockMask, Input, Real};

/// Where `∂L/∂h` has been computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GradientAt {
    /// Nowhere yet.
    #[default]
    Nowhere,
    /// At units of open gates.
    Open,
    /// At every unit.
    All,
}

/// Room for the output layer at gate values that an estimator asks about; empty until the first such question.
#[derive(Clone, Debug, Default)]
pub struct Elsewhere<R> {
    /// Which gates are open there.
    pub open: BlockMask,
    /// g ⊙ z there, then what comes back [B × H].
    pub gated: Matrix<R>,
    /// Log-probabilities, then their gradient [B × K].
    pub scores: Matrix<R>,
    /// What flipping single gates does.
    pub flips: Flips<R>,
}

/// Everything between input and gradient; letters as in the legend of [`super`].
#[derive(Clone, Debug)]
pub struct Pass<R> {
    /// Sizes it was made for.
    pub shape: Shape,
    /// x [B × D], pixels 0..=1.
    pub input: Input<R>,
    /// Correct classes, B.
    pub labels: Vec<u8>,
    /// q [B × M].
    pub hidden: Matrix<R>,
    /// a [B × G].
    pub logits: Matrix<R>,
    /// g and what it was drawn with.
    pub draw: GateDraw<R>,
    /// Which gates are open.
    pub open: BlockMask,
    /// z [B × H], after the experts' activation; 0 where not computed.
    pub expert: Matrix<R>,
    /// Which experts ran [B × G]: where `expert` holds something.
    pub ran: Matrix<bool>,
    /// h = g ⊙ z [B × H].
    pub gated: Matrix<R>,
    /// Class scores, then log-probabilities [B × K].
    pub scores: Matrix<R>,
    /// L, B.
    pub losses: Vec<R>,
    /// ∂L/∂s [B × K], per example.
    pub score_gradient: Matrix<R>,
    /// ∂L/∂h [B × H], per example; 0 where not computed.
    pub gated_gradient: Matrix<R>,
    /// How much of `score_gradient` and `gated_gradient` is there.
    pub gradient_at: GradientAt,
    /// The output layer at other gates than those drawn.
    pub elsewhere: Elsewhere<R>,
    /// ∂L/∂a [B × G], per example, penalty included.
    pub logit_gradient: Matrix<R>,
    /// ∂L/∂q [B × M].
    pub hidden_gradient: Matrix<R>,
    /// Room for its transpose [M × B].
    pub turned: Matrix<R>,
    /// Activation of the sparsity control and its slope, both [B × G].
    pub activation: (Matrix<R>, Matrix<R>),
}

impl<R: Real> Pass<R> {
    /// Arrays for `batch` examples.
    pub fn new(shape: Shape, batch: usize) -> Self {
        let zeros = |columns: usize| Matrix::zeros((batch, columns));
        let (g, h) = (shape.gates, shape.units());
        Self {
            shape,
            input: Input::new(batch, shape.inputs),
            labels: vec![0; batch],
            hidden: zeros(shape.gater_hidden),
            logits: zeros(g),
            draw: GateDraw::new(batch, g),
            open: BlockMask::new(batch, shape.gates),
            expert: zeros(h),
            ran: Matrix::from_elem((batch, g), false),
            gated: zeros(h),
            scores: zeros(shape.classes),
            losses: vec![R::zero(); batch],
            score_gradient: zeros(shape.classes),
            gated_gradient: zeros(h),
            gradient_at: GradientAt::Nowhere,
            elsewhere: Elsewhere::default(),
            logit_gradient: zeros(g),
            hidden_gradient: zeros(shape.gater_hidden),
            turned: Matrix::zeros((shape.gater_hidden, batch)),
            activation: (zeros(g), zeros(g)),
        }
    }

    /// Whether gate `j` is open for example `b`.
    pub(super) fn draw_open(&self, b: usize, j: usize) -> bool {
        self.open.contains(b, j)
    }

    /// B.
    pub fn batch(&self) -> usize {
        self.labels.len()
    }

    /// Share of open (example, gate) pairs, 0..=1.
    pub fn gate_rate(&self) -> f64 {
        self.open.len() as f64 / (self.batch() * self.shape.gates).max(1) as f64
    }
}
