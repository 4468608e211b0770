//! The pass through a network that the laboratory measures: gater → draw → experts → head → estimator, on one fixed minibatch.
//! All of the laboratory's uses of the network's forward functions stand in this file.

use super::softmax::SoftmaxHead;
use crate::estimator::Estimator;
use crate::network::{
    ExpertsRun, GaterLoss, NonFiniteLoss, Parameters, Pass, PassKernels, forward_from_gates, gater, sample_gradient,
};
use gatelab_kernels::{Matrix, Rng};

/// Parameters, one minibatch, and the arrays and counters of a pass. Shapes as in the legend of [`crate::network`].
pub struct NetworkPass {
    parameters: Parameters<f32>,
    pass: Pass<f32>,
    loss: GaterLoss,
    kernels: PassKernels<f32>,
}

impl NetworkPass {
    /// From a network and a pass of its shape whose input and labels are loaded; `loss` is the loss that estimators see.
    pub fn new(parameters: Parameters<f32>, pass: Pass<f32>, loss: GaterLoss) -> Self {
        Self { parameters, pass, loss, kernels: PassKernels::default() }
    }

    /// The arrays of the pass.
    pub fn pass(&self) -> &Pass<f32> {
        &self.pass
    }

    /// Computes the logits `a` [B × G] from the input.
    pub fn gater(&mut self) {
        gater::forward(&self.parameters, &mut self.pass, &mut self.kernels.forward);
    }

    /// The forward pass with every gate open, from the input to the class probabilities.
    pub fn dense(&mut self) {
        self.gater();
        self.pass.draw.gates.fill(1.0);
        forward_from_gates(&self.parameters, &mut self.pass, &mut self.kernels.forward, ExpertsRun::All);
    }

    /// One draw of `estimator`'s gradient at the present logits: writes `∂L/∂a` of each example to `gradient` [B × G]; NaN if the
    /// network's loss is not finite.
    pub fn estimate(&mut self, estimator: &mut dyn Estimator<f32>, rng: &mut Rng, gradient: &mut Matrix<f32>) {
        match sample_gradient(&self.parameters, &mut self.pass, estimator, rng, self.loss, &mut self.kernels) {
            Ok(()) => gradient.assign(&self.pass.logit_grad),
            Err(NonFiniteLoss) => gradient.fill(f32::NAN),
        }
    }

    /// Each example's loss as a function of its gate values, which needs the outputs of every expert. Runs the gater first, so
    /// the logits are present afterwards.
    pub fn heads(&mut self) -> Vec<SoftmaxHead> {
        self.gater();
        forward_from_gates(&self.parameters, &mut self.pass, &mut self.kernels.forward, ExpertsRun::All);
        let (shape, head) = (self.pass.shape, self.parameters.head.weight.panel(0));
        let bias: Vec<f64> = self.parameters.head.bias.iter().map(|&c| f64::from(c)).collect();
        let reward = !self.loss.is_differentiable();
        let examples = self.pass.experts.z.rows().zip(&self.pass.labels);
        let of_example = |(z, &label): (&[f32], &u8)| {
            let mut score_deltas = vec![0.0; shape.gates * shape.classes];
            for (u, &z) in z.iter().enumerate() {
                let gate = u / shape.units_per_gate;
                let to = &mut score_deltas[gate * shape.classes..(gate + 1) * shape.classes];
                to.iter_mut().zip(head.row(u)).for_each(|(delta, &w)| *delta += f64::from(z) * f64::from(w));
            }
            SoftmaxHead::new(score_deltas, bias.clone(), usize::from(label), reward)
        };
        examples.map(of_example).collect()
    }

    /// Multiply-adds since the last call, all examples together.
    pub fn take_macs(&mut self) -> u64 {
        let (forward, backward) = self.kernels.take_macs();
        forward + backward
    }
}
