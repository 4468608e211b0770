//! One moving average for all gates: a baseline learned from earlier steps.

use gatelab_kernels::Real;

/// A moving average over minibatches, normalised by its total weight, so that its start has no influence.
#[derive(Clone, Debug)]
pub(in crate::estimator) struct Average<R> {
    /// Moving averages of the numbers and of 1.
    state: [R; 2],
}

impl<R: Real> Average<R> {
    /// An average of nothing.
    pub(in crate::estimator) fn new() -> Self {
        Self { state: [R::zero(); 2] }
    }

    /// The average so far; 0 before the first update.
    pub(in crate::estimator) fn value(&self) -> R {
        match self.state {
            [sum, weight] if weight > R::zero() => sum / weight,
            _ => R::zero(),
        }
    }

    /// Updates by the mean of `numbers`; `keep` is the weight of the past, 0..1. A
    /// minibatch whose mean is not finite is left out: the average would never become finite again.
    pub(in crate::estimator) fn update(&mut self, numbers: &[R], keep: R) {
        let add = R::one() - keep;
        let mean = numbers.iter().copied().sum::<R>() / R::from_f64(numbers.len().max(1) as f64);
        let [sum, weight] = self.state;
        let next = [keep * sum + add * mean, keep * weight + add * R::one()];
        if next.iter().all(|x| x.is_finite()) {
            self.state = next;
        }
    }

    /// The learned state.
    pub(in crate::estimator) fn state(&self) -> &[R] {
        &self.state
    }

    /// The learned state, to be overwritten.
    pub(in crate::estimator) fn state_mut(&mut self) -> &mut [R] {
        &mut self.state
    }
}
