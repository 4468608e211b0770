//! Arrays that are kept from step to step.

use ndarray::Array2;

use crate::numeric::Real;

/// Gives `array` this shape; a new array is made only where the shape has changed. The contents are left alone.
pub(in crate::estimator) fn fit<R: Real>(array: &mut Array2<R>, shape: (usize, usize)) {
    if array.dim() != shape {
        *array = Array2::zeros(shape);
    }
}

/// Gives each of `count` arrays this shape.
pub(in crate::estimator) fn fit_all<R: Real>(arrays: &mut Vec<Array2<R>>, count: usize, shape: (usize, usize)) {
    arrays.resize_with(count, Default::default);
    arrays.iter_mut().for_each(|array| fit(array, shape));
}

/// Gives each of `count` lists this length.
pub(in crate::estimator) fn fit_lists<R: Real>(lists: &mut Vec<Vec<R>>, count: usize, length: usize) {
    lists.resize_with(count, Vec::new);
    lists.iter_mut().for_each(|list| list.resize(length, R::zero()));
}
