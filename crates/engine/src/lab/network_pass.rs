//! The pass through a network that the laboratory measures: gater → draw → experts → head → estimator, on one fixed minibatch.
//! All of the laboratory's uses of the network's forward functions stand in this file.

use super::softmax::SoftmaxHead;
use crate::estimator::Estimator;
use crate::network::{ExpertsRun, Parameters, Pass, PassContext, Told, experts_forward, gater_forward, head_forward};
use gatelab_kernels::{CountingKernels, Matrix, RandomSource};

/// Parameters, one minibatch, and the arrays and counters of a pass. Shapes as in the legend of [`crate::network`].
pub struct NetworkPass {
    parameters: Parameters<f32>,
    pass: Pass<f32>,
    told: Told,
    forward: CountingKernels<f32>,
    backward: CountingKernels<f32>,
}

impl NetworkPass {
    /// From a network and a pass of its shape whose input and labels are loaded; `told` is the loss that estimators see.
    pub fn new(parameters: Parameters<f32>, pass: Pass<f32>, told: Told) -> Self {
        let (forward, backward) = (CountingKernels::default(), CountingKernels::default());
        Self { parameters, pass, told, forward, backward }
    }

    /// The arrays of the pass.
    pub fn pass(&self) -> &Pass<f32> {
        &self.pass
    }

    /// Computes the logits `a` [B × G] from the input.
    pub fn gater(&mut self) {
        gater_forward(&self.parameters, &mut self.pass, &mut self.forward);
    }

    /// The forward pass with every gate open, from the input to the class probabilities.
    pub fn dense(&mut self) {
        self.gater();
        self.pass.draw.gates.fill(1.0);
        self.experts(ExpertsRun::All);
        head_forward(&self.parameters, &mut self.pass, &mut self.forward);
    }

    /// One draw of `estimator`'s gradient at the present logits: writes `∂L/∂a` of each example to `gradient` [B × G].
    pub fn estimate(
        &mut self,
        estimator: &mut dyn Estimator<f32>,
        rng: &mut dyn RandomSource<f32>,
        gradient: &mut Matrix<f32>,
    ) {
        let logits = std::mem::take(&mut self.pass.logits);
        let mut draw = std::mem::take(&mut self.pass.draw);
        estimator.draw(&logits, rng, &mut draw);
        self.pass.draw = draw;
        let every = estimator.needs().every_expert();
        self.experts(if every { ExpertsRun::All } else { ExpertsRun::Open });
        head_forward(&self.parameters, &mut self.pass, &mut self.forward);
        let draw = std::mem::take(&mut self.pass.draw);
        let Self { parameters, pass, forward, backward, told } = self;
        let mut context = PassContext { parameters, pass, forward, backward, told: *told };
        estimator.logit_gradient(&logits, &draw, &mut context, rng, gradient);
        self.pass.draw = draw;
        self.pass.logits = logits;
    }

    /// Each example's loss as a function of its gate values, which needs the outputs of every expert. Runs the gater first, so
    /// the logits are present afterwards.
    pub fn heads(&mut self) -> Vec<SoftmaxHead> {
        self.gater();
        self.experts(ExpertsRun::All);
        let (shape, head) = (self.pass.shape, self.parameters.head.weight.panel(0));
        let bias: Vec<f64> = self.parameters.head.bias.iter().map(|&c| f64::from(c)).collect();
        let reward = self.told != Told::CrossEntropy;
        let examples = self.pass.expert.rows().zip(&self.pass.labels);
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
        self.forward.take_macs() + self.backward.take_macs()
    }

    /// Experts at the present draw.
    fn experts(&mut self, run: ExpertsRun) {
        self.pass.open.refill(self.pass.draw.gates.view());
        experts_forward(&self.parameters, &mut self.pass, &mut self.forward, run);
    }
}
