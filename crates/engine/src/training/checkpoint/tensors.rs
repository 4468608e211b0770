//! The tensors of a run, by name, row-major.

use std::borrow::Cow;

use gatelab_kernels::PackedMatrix;
use safetensors::{Dtype, View};

use crate::network::{Parameters, TENSOR_IDS};
use crate::training::trainer::Trainer;

/// What the names of the estimator's state begin with.
pub(super) const ESTIMATOR: &str = "estimator.";

/// One tensor of a file.
pub(super) struct Tensor<'a> {
    shape: Vec<usize>,
    values: Values<'a>,
}

/// Where a tensor's values are.
enum Values<'a> {
    Packed(&'a PackedMatrix<f32>),
    Numbers(Cow<'a, [f32]>),
    Indices(&'a [u32]),
}

impl<'a> Tensor<'a> {
    pub(super) fn numbers(shape: Vec<usize>, values: impl Into<Cow<'a, [f32]>>) -> Self {
        Self { shape, values: Values::Numbers(values.into()) }
    }
}

/// Four bytes per value, little-endian.
impl View for Tensor<'_> {
    fn dtype(&self) -> Dtype {
        match self.values {
            Values::Packed(_) | Values::Numbers(_) => Dtype::F32,
            Values::Indices(_) => Dtype::U32,
        }
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        let mut bytes = Vec::with_capacity(self.data_len());
        match &self.values {
            Values::Packed(matrix) => matrix.row_parts().for_each(|part| put(&mut bytes, part, f32::to_le_bytes)),
            Values::Numbers(values) => put(&mut bytes, values, f32::to_le_bytes),
            Values::Indices(values) => put(&mut bytes, values, u32::to_le_bytes),
        }
        bytes.into()
    }

    fn data_len(&self) -> usize {
        4 * self.shape.iter().product::<usize>()
    }
}

fn put<T: Copy>(bytes: &mut Vec<u8>, values: &[T], f: impl Fn(T) -> [u8; 4]) {
    let from = bytes.len();
    bytes.resize(from + 4 * values.len(), 0);
    bytes[from..].as_chunks_mut::<4>().0.iter_mut().zip(values).for_each(|(place, &value)| *place = f(value));
}

/// All tensors of a run.
pub(super) fn of(trainer: &Trainer<f32>) -> Vec<(String, Tensor<'_>)> {
    let mut all = Vec::new();
    of_parameters("", &trainer.parameters, &mut all);
    of_parameters("velocity.", &trainer.optimizer.velocity, &mut all);
    all.push(("gate_rates".to_owned(), Tensor::numbers(vec![trainer.rates.len()], &trainer.rates[..])));
    for tensor in trainer.estimator.state() {
        let name = format!("{ESTIMATOR}{}", tensor.name);
        all.push((name, Tensor::numbers(tensor.shape.dims(), tensor.values)));
    }
    for (i, pending) in trainer.pending.queue.iter().enumerate() {
        let (batch, gates) = pending.gradient.dim();
        let indices = Tensor { shape: vec![batch], values: Values::Indices(&pending.indices) };
        all.push((format!("pending.{i}.indices"), indices));
        let gradient = Tensor::numbers(vec![batch, gates], pending.gradient.values());
        all.push((format!("pending.{i}.logit_grad"), gradient));
    }
    all
}

fn of_parameters<'a>(prefix: &str, parameters: &'a Parameters<f32>, all: &mut Vec<(String, Tensor<'a>)>) {
    let mut ids = TENSOR_IDS.iter().map(|id| format!("{prefix}{id}"));
    for layer in parameters.layers() {
        let shape = vec![layer.weight.rows(), layer.weight.columns()];
        let bias = Tensor::numbers(vec![layer.bias.len()], &layer.bias[..]);
        all.extend(ids.next().zip(Some(Tensor { shape, values: Values::Packed(&layer.weight) })));
        all.extend(ids.next().zip(Some(bias)));
    }
}
