//! Weights and biases: of the network, of its gradient, of the optimiser's velocity, all of one type.

use super::shape::Shape;
use gatelab_kernels::{Digest, PackedMatrix, Purpose, RandomSource, Real, Rng};

/// An affine map: `weight` [in × out], `bias` `[out]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Linear<R> {
    /// [in × out].
    pub weight: PackedMatrix<R>,
    /// `[out]`.
    pub bias: Vec<R>,
}

/// Columns of a panel of the gater's second layer, whose inputs are all different from zero.
const WIDE: usize = 128;

impl<R: Real> Linear<R> {
    fn zeros(inputs: usize, outputs: usize) -> Self {
        Self { weight: PackedMatrix::zeros(inputs, outputs), bias: vec![R::zero(); outputs] }
    }

    /// Uniform in ±range, biases 0.
    fn uniform(&mut self, noise: &mut Rng, range: f64) {
        // Row by row, whatever the order in memory.
        let (rows, columns) = (self.weight.rows(), self.weight.columns());
        let mut values = vec![R::zero(); columns];
        for row in 0..rows {
            noise.uniform(&mut values);
            for (column, &u) in values.iter().enumerate() {
                self.weight[(row, column)] = (u + u - R::one()) * R::from_f64(range);
            }
        }
    }
}

/// All parameters of the network.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters<R> {
    /// W0, b0: D → H.
    pub experts: Linear<R>,
    /// W1, b1: D → M.
    pub gater_hidden: Linear<R>,
    /// W2, b2: M → G.
    pub gater_logits: Linear<R>,
    /// W3, b3: H → K.
    pub head: Linear<R>,
}

/// Names of the tensors, in the order of [`Parameters::tensors`].
pub const TENSORS: [&str; 8] = [
    "expert weights",
    "expert biases",
    "gater's hidden weights",
    "gater's hidden biases",
    "logit weights",
    "logit biases",
    "output weights",
    "output biases",
];

/// Identities of the tensors in files, in the same order.
pub const TENSOR_IDS: [&str; 8] = [
    "experts.weight",
    "experts.bias",
    "gater.hidden.weight",
    "gater.hidden.bias",
    "gater.logits.weight",
    "gater.logits.bias",
    "head.weight",
    "head.bias",
];

/// One tensor, flat.
pub struct Tensor<'a, R> {
    /// For messages.
    pub name: &'static str,
    /// Values, in the order of memory.
    pub values: &'a mut [R],
}

impl<R: Real> Parameters<R> {
    /// All zero.
    pub fn zeros(shape: &Shape) -> Self {
        let (d, m, g, h, k) = (shape.inputs, shape.gater_hidden, shape.gates, shape.units(), shape.classes);
        Self {
            experts: Linear::zeros(d, h),
            gater_hidden: Linear::zeros(d, m),
            gater_logits: Linear { weight: PackedMatrix::with_width(m, g, WIDE), ..Linear::zeros(0, g) },
            head: Linear::zeros(h, k),
        }
    }

    /// Initial values, the same for all estimators raced from one seed: Glorot's uniform ranges, four times as wide before a
    /// sigmoid, ±0.05 for the softmax; biases 0, but for the gates', which are `gate_bias`.
    pub fn init(shape: &Shape, seed: u64, gate_bias: f64) -> Self {
        let (d, m, g, h) = (shape.inputs, shape.gater_hidden, shape.gates, shape.units());
        let glorot = |inputs: usize, outputs: usize| (6.0 / (inputs + outputs) as f64).sqrt();
        let mut parameters = Self::zeros(shape);
        // One stream a layer: sizes of one leave the numbers of another alone.
        parameters.experts.uniform(&mut Rng::new(seed, Purpose::Init, 0), glorot(d, h));
        parameters.gater_hidden.uniform(&mut Rng::new(seed, Purpose::Init, 1), glorot(d, m));
        parameters.gater_logits.uniform(&mut Rng::new(seed, Purpose::Init, 2), 4.0 * glorot(m, g));
        parameters.head.uniform(&mut Rng::new(seed, Purpose::Init, 3), 0.05);
        parameters.gater_logits.bias.fill(R::from_f64(gate_bias));
        parameters
    }

    /// Every tensor, flat, in the order of [`TENSORS`].
    pub fn tensors(&mut self) -> Vec<Tensor<'_, R>> {
        let mut tensors = Vec::with_capacity(TENSORS.len());
        for layer in self.layers_mut() {
            for values in [layer.weight.values_mut(), &mut layer.bias[..]] {
                tensors.push(Tensor { name: TENSORS[tensors.len()], values });
            }
        }
        tensors
    }

    /// Every number: tensors in the order of [`TENSORS`], each in the order of memory.
    pub fn numbers(&self) -> impl Iterator<Item = &R> {
        self.layers().into_iter().flat_map(|layer| layer.weight.values().iter().chain(&layer.bias))
    }

    /// The layers, in the order of [`TENSORS`].
    pub fn layers(&self) -> [&Linear<R>; 4] {
        [&self.experts, &self.gater_hidden, &self.gater_logits, &self.head]
    }

    /// The layers, in the order of [`TENSORS`].
    pub fn layers_mut(&mut self) -> [&mut Linear<R>; 4] {
        [&mut self.experts, &mut self.gater_hidden, &mut self.gater_logits, &mut self.head]
    }

    /// Fingerprint of every bit: of all tensors in the order of [`TENSORS`], each in row-major order, whatever the order in memory.
    pub fn digest(&self) -> Digest {
        let mut digest = Digest::default();
        for layer in self.layers() {
            layer.weight.row_parts().for_each(|part| digest.numbers(part));
            digest.numbers(&layer.bias);
        }
        digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::ExpertActivation;

    #[test]
    fn initial_values_are_those_of_the_seed_and_in_range() {
        let expert = ExpertActivation::Linear;
        let shape = Shape { inputs: 784, gater_hidden: 40, gates: 200, units_per_gate: 1, classes: 10, expert };
        let parameters = Parameters::<f32>::init(&shape, 7, -2.0);
        assert_eq!(parameters, Parameters::init(&shape, 7, -2.0));
        assert_ne!(parameters.digest().value(), Parameters::<f32>::init(&shape, 8, -2.0).digest().value());
        let largest = parameters.experts.weight.values().iter().fold(0.0_f32, |m, w| m.max(w.abs()));
        let range = (6.0_f32 / 984.0).sqrt();
        assert!(largest <= range && largest > 0.99 * range);
        assert_eq!(parameters.numbers().count(), shape.parameters());
    }

    #[test]
    fn tensors_cover_everything_once() {
        let expert = ExpertActivation::Linear;
        let shape = Shape { inputs: 5, gater_hidden: 3, gates: 4, units_per_gate: 2, classes: 10, expert };
        let mut parameters = Parameters::<f64>::init(&shape, 1, 0.0);
        let names: Vec<_> = parameters.tensors().iter().map(|t| t.name).collect();
        assert_eq!(names, TENSORS);
        assert_eq!(parameters.tensors().iter().map(|t| t.values.len()).sum::<usize>(), shape.parameters());
    }
}
