//! Arrays that are kept from step to step.

use gatelab_kernels::Matrix;
use ndarray::Zip;

use gatelab_kernels::Real;

/// Gives `array` this shape; a new array is made only where the shape has changed. The contents are left alone.
pub(in crate::estimator) fn fit<R: Real>(array: &mut Matrix<R>, shape: (usize, usize)) {
    if array.dim() != shape {
        *array = Matrix::zeros(shape);
    }
}

/// Gives each of `count` arrays this shape.
pub(in crate::estimator) fn fit_all<R: Real>(arrays: &mut Vec<Matrix<R>>, count: usize, shape: (usize, usize)) {
    arrays.resize_with(count, Default::default);
    arrays.iter_mut().for_each(|array| fit(array, shape));
}

/// Gives each of `count` lists this length.
pub(in crate::estimator) fn fit_lists<R: Real>(lists: &mut Vec<Vec<R>>, count: usize, length: usize) {
    lists.resize_with(count, Vec::new);
    lists.iter_mut().for_each(|list| list.resize(length, R::zero()));
}

/// The numbers of an array, row after row.
pub(in crate::estimator) fn flat<R>(array: &mut Matrix<R>) -> &mut [R] {
    array.values_mut()
}

/// The rows of an array, one slice per example.
pub(in crate::estimator) fn rows<R>(array: &Matrix<R>) -> impl Iterator<Item = &[R]> {
    array.rows()
}

/// The same, to be written.
pub(in crate::estimator) fn rows_mut<R>(array: &mut Matrix<R>) -> impl Iterator<Item = &mut [R]> {
    array.rows_mut()
}

/// Gives `out` the shape of `logits` and writes `σ(of(a))`.
pub(in crate::estimator) fn sigmoid_of<R: Real>(out: &mut Matrix<R>, logits: &Matrix<R>, of: impl Fn(R) -> R) {
    fit(out, logits.dim());
    Zip::from(&mut *out).and(logits).for_each(|p, &a| *p = of(a));
    R::sigmoid_inplace(flat(out));
}

/// Gives `out` the shape of `logits` and writes `σ((a + n)/τ)`.
pub(in crate::estimator) fn relaxed<R: Real>(
    out: &mut Matrix<R>,
    logits: &Matrix<R>,
    noise: &Matrix<R>,
    temperature: R,
) {
    fit(out, logits.dim());
    Zip::from(&mut *out).and(logits).and(noise).for_each(|s, &a, &n| *s = (a + n) / temperature);
    R::sigmoid_inplace(flat(out));
}
