//! The arrays of one pass through the network, allocated once per batch size.

use ndarray::Array2;

use super::flips::Flips;
use super::shape::Shape;
use crate::estimator::GateDraw;
use gatelab_kernels::{Input, OpenGates, Real};

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
    pub open: OpenGates,
    /// g ⊙ z there, then what comes back [B × H].
    pub gated: Array2<R>,
    /// Log-probabilities, then their gradient [B × K].
    pub scores: Array2<R>,
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
    pub hidden: Array2<R>,
    /// a [B × G].
    pub logits: Array2<R>,
    /// g and what it was drawn with.
    pub draw: GateDraw<R>,
    /// Which gates are open.
    pub open: OpenGates,
    /// z [B × H], after the experts' activation; 0 where not computed.
    pub expert: Array2<R>,
    /// Which experts ran [B × G]: where `expert` holds something.
    pub ran: Array2<bool>,
    /// h = g ⊙ z [B × H].
    pub gated: Array2<R>,
    /// Class scores, then log-probabilities [B × K].
    pub scores: Array2<R>,
    /// L, B.
    pub losses: Vec<R>,
    /// ∂L/∂s [B × K], per example.
    pub score_gradient: Array2<R>,
    /// ∂L/∂h [B × H], per example; 0 where not computed.
    pub gated_gradient: Array2<R>,
    /// How much of `score_gradient` and `gated_gradient` is there.
    pub gradient_at: GradientAt,
    /// The output layer at other gates than those drawn.
    pub elsewhere: Elsewhere<R>,
    /// ∂L/∂a [B × G], per example, penalty included.
    pub logit_gradient: Array2<R>,
    /// ∂L/∂q [B × M].
    pub hidden_gradient: Array2<R>,
    /// Room for its transpose [M × B].
    pub turned: Array2<R>,
    /// Activation of the sparsity control and its slope, both [B × G].
    pub activation: (Array2<R>, Array2<R>),
}

impl<R: Real> Pass<R> {
    /// Arrays for `batch` examples.
    pub fn new(shape: Shape, batch: usize) -> Self {
        let zeros = |columns: usize| Array2::zeros((batch, columns));
        let (g, h) = (shape.gates, shape.units());
        Self {
            shape,
            input: Input::new(batch, shape.inputs),
            labels: vec![0; batch],
            hidden: zeros(shape.gater_hidden),
            logits: zeros(g),
            draw: GateDraw::new(batch, g),
            open: OpenGates::default(),
            expert: zeros(h),
            ran: Array2::from_elem((batch, g), false),
            gated: zeros(h),
            scores: zeros(shape.classes),
            losses: vec![R::zero(); batch],
            score_gradient: zeros(shape.classes),
            gated_gradient: zeros(h),
            gradient_at: GradientAt::Nowhere,
            elsewhere: Elsewhere::default(),
            logit_gradient: zeros(g),
            hidden_gradient: zeros(shape.gater_hidden),
            turned: Array2::zeros((shape.gater_hidden, batch)),
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
