//! The arrays of one pass through the network, allocated once per batch size. Each array has one meaning; letters as in the
//! legend of [`super`].

use gatelab_kernels::{BlockMask, Input, Matrix, Real};

use super::shape::Shape;
use crate::estimator::GateDraw;

/// Everything between input and parameter gradient.
#[derive(Clone, Debug)]
pub struct Pass<R> {
    /// Sizes it was made for.
    pub shape: Shape,
    /// x [B × D], 0..=1.
    pub input: Input<R>,
    /// Correct classes, B.
    pub labels: Vec<u8>,
    /// q = tanh(x·W1 + b1) [B × M].
    pub hidden: Matrix<R>,
    /// a = q·W2 + b2 [B × G].
    pub logits: Matrix<R>,
    /// g, and what it was drawn with.
    pub draw: GateDraw<R>,
    /// Which gates are not exactly 0.
    pub active: BlockMask,
    /// What the experts computed.
    pub experts: ExpertOutputs<R>,
    /// What the output layer computed.
    pub head: HeadOutputs<R>,
    /// ∂L/∂s and ∂L/∂h, per example.
    pub loss_grads: LossGrads<R>,
    /// ∂L/∂a [B × G], per example, sparsity penalty included.
    pub logit_grad: Matrix<R>,
    /// Gradients of the minibatch mean that the parameter gradients are products of.
    pub deltas: Deltas<R>,
    /// The output layer at other gates than those drawn.
    pub counterfactual: Counterfactual<R>,
    /// What the sparsity control acts on, and its derivative with respect to the logit, both [B × G].
    pub activation: (Matrix<R>, Matrix<R>),
    /// Transpose of ∂L/∂q [M × B]; scratch.
    pub(super) transposed: Matrix<R>,
}

/// Outputs of the experts.
#[derive(Clone, Debug)]
pub struct ExpertOutputs<R> {
    /// z [B × H], after the experts' activation; 0 where not computed.
    pub z: Matrix<R>,
    /// Which experts were computed [B × G].
    pub computed: Matrix<bool>,
    /// h = g ⊙ z [B × H].
    pub gated: Matrix<R>,
    /// Experts to compute beside those that are; scratch.
    pub(super) missing: BlockMask,
}

/// Outputs of the output layer.
#[derive(Clone, Debug)]
pub struct HeadOutputs<R> {
    /// ln P(class) = s − ln Σ e^s [B × K], s = h·W3 + b3.
    pub log_probs: Matrix<R>,
    /// L = −ln P(label), nats, B.
    pub losses: Vec<R>,
}

/// For which units ∂L/∂h has been computed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// None yet; ∂L/∂s neither.
    #[default]
    Nothing,
    /// Units of active gates.
    Active,
    /// All units.
    All,
}

/// Gradients of each example's loss.
#[derive(Clone, Debug)]
pub struct LossGrads<R> {
    /// ∂L/∂s = softmax − one-hot [B × K].
    pub scores: Matrix<R>,
    /// ∂L/∂h [B × H]; left over from before where it has not been computed.
    pub gated: Matrix<R>,
    /// What of both has been computed.
    pub extent: Extent,
}

/// Gradients of the minibatch mean with respect to each layer's pre-activation: the right factors of all weight gradients.
#[derive(Clone, Debug)]
pub struct Deltas<R> {
    /// With respect to s [B × K].
    pub scores: Matrix<R>,
    /// With respect to x·W0 + b0 [B × H], for the units of active gates. Others are 0 where the weight gradient is one dense product,
    /// and left over from before where it reads active gates only.
    pub experts: Matrix<R>,
    /// With respect to a [B × G].
    pub logits: Matrix<R>,
    /// With respect to x·W1 + b1 [B × M].
    pub hidden: Matrix<R>,
}

/// The output layer at gate values that an estimator asks about. Empty until the first such question.
#[derive(Clone, Debug, Default)]
pub struct Counterfactual<R> {
    /// Which of those gates are not exactly 0.
    pub(super) active: BlockMask,
    /// h = g ⊙ z [B × H].
    pub(super) gated: Matrix<R>,
    /// ln P(class) [B × K].
    pub(super) log_probs: Matrix<R>,
    /// ∂L/∂s [B × K].
    pub(super) score_grad: Matrix<R>,
    /// ∂L/∂h [B × H].
    pub(super) gated_grad: Matrix<R>,
    /// What flipping single gates does to the loss.
    pub(super) flips: super::gate_flips::Scratch<R>,
}

impl<R: Real> Pass<R> {
    /// Arrays for `batch` examples.
    pub fn new(shape: Shape, batch: usize) -> Self {
        let zeros = |columns: usize| Matrix::zeros((batch, columns));
        let (m, g, h, k) = (shape.gater_hidden, shape.gates, shape.units(), shape.classes);
        Self {
            shape,
            input: Input::new(batch, shape.inputs),
            labels: vec![0; batch],
            hidden: zeros(m),
            logits: zeros(g),
            draw: GateDraw::new(batch, g),
            active: BlockMask::default(),
            experts: ExpertOutputs {
                z: zeros(h),
                computed: Matrix::from_elem((batch, g), false),
                gated: zeros(h),
                missing: BlockMask::default(),
            },
            head: HeadOutputs { log_probs: zeros(k), losses: vec![R::zero(); batch] },
            loss_grads: LossGrads { scores: zeros(k), gated: zeros(h), extent: Extent::Nothing },
            logit_grad: zeros(g),
            deltas: Deltas { scores: zeros(k), experts: zeros(h), logits: zeros(g), hidden: zeros(m) },
            counterfactual: Counterfactual::default(),
            activation: (zeros(g), zeros(g)),
            transposed: Matrix::zeros((m, batch)),
        }
    }

    /// B.
    pub fn batch(&self) -> usize {
        self.labels.len()
    }

    /// Share of active (example, gate) pairs, 0..=1.
    pub fn gate_rate(&self) -> f64 {
        self.active.len() as f64 / (self.batch() * self.shape.gates).max(1) as f64
    }

    /// Mean loss of the minibatch, nats.
    pub fn mean_loss(&self) -> f64 {
        self.head.losses.iter().map(|loss| loss.as_f64()).sum::<f64>() / self.batch().max(1) as f64
    }
}
