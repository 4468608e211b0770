//! Arrays that estimators keep from step to step, so that a step takes no memory.

use gatelab_kernels::{Matrix, Real};
use ndarray::Zip;

/// Gives each of `count` matrices the shape `dim`; entries are left over from before or 0.
pub(in crate::estimator) fn resize_all<R: Real>(matrices: &mut Vec<Matrix<R>>, count: usize, dim: (usize, usize)) {
    matrices.resize_with(count, Default::default);
    matrices.iter_mut().for_each(|matrix| matrix.resize(dim, R::zero()));
}

/// Gives each of `count` lists this length.
pub(in crate::estimator) fn resize_lists<R: Real>(lists: &mut Vec<Vec<R>>, count: usize, length: usize) {
    lists.resize_with(count, Vec::new);
    lists.iter_mut().for_each(|list| list.resize(length, R::zero()));
}

/// Gives `out` the shape of `logits` [B × G] and writes `σ(f(a))`.
pub(in crate::estimator) fn sigmoid_into<R: Real>(out: &mut Matrix<R>, logits: &Matrix<R>, f: impl Fn(R) -> R) {
    out.resize(logits.dim(), R::zero());
    Zip::from(&mut *out).and(logits).for_each(|p, &a| *p = f(a));
    R::sigmoid_inplace(out.values_mut());
}

/// Gives `out` the shape of `logits` [B × G] and writes `σ((a + n)/τ)`.
pub(in crate::estimator) fn relaxed_sigmoid_into<R: Real>(
    out: &mut Matrix<R>,
    logits: &Matrix<R>,
    noise: &Matrix<R>,
    temperature: R,
) {
    out.resize(logits.dim(), R::zero());
    Zip::from(&mut *out).and(logits).and(noise).for_each(|s, &a, &n| *s = (a + n) / temperature);
    R::sigmoid_inplace(out.values_mut());
}
