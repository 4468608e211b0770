//! A kernel set as a backend.

use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut2};

use super::contract::{Backend, check_shapes};
use super::kernel_set::KernelSet;
use super::{masked_strips, momentum_strips, product, sparse_strips};
use crate::masked_matmul::ActivePairs;
use crate::matrix::Matrix;
use crate::momentum::{MomentumParams, MomentumUpdate};
use crate::sparse::SparseView;

impl Backend<f32> for KernelSet {
    fn name(&self) -> &'static str {
        self.name
    }

    fn product(&self, a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>, beta: f32, c: ArrayViewMut2<'_, f32>) {
        check_shapes(&a, &b, beta, &c);
        product::multiply(self, a, b, beta == 0.0, c);
    }

    fn sparse_rows(&self, a: SparseView<'_, f32>, b: ArrayView2<'_, f32>, c: ArrayViewMut2<'_, f32>) {
        sparse_strips::sparse_rows(self, a, b, c);
    }

    fn masked_forward(&self, pairs: ActivePairs<'_, f32>, columns: Range<usize>, weights: &[f32], z: &mut Matrix<f32>) {
        masked_strips::forward(self, pairs, columns, weights, z);
    }

    fn masked_weight_grad(
        &self,
        pairs: ActivePairs<'_, f32>,
        delta: &Matrix<f32>,
        columns: Range<usize>,
        gradient: &mut [f32],
    ) {
        masked_strips::weight_grad(self, pairs, delta, columns, gradient);
    }

    fn momentum_step(&self, params: MomentumParams<f32>, update: MomentumUpdate<'_, f32>) {
        momentum_strips::step(self, params, update);
    }
}
