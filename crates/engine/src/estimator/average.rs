//! One moving average, the same for all gates: a baseline that estimators learn from earlier steps.

use gatelab_kernels::Real;

/// A moving average of numbers that come in minibatches, weighted so that its start does not count.
#[derive(Clone, Debug)]
pub(in crate::estimator) struct Average<R> {
    /// MomentumUpdate averages of the numbers and of 1.
    state: [R; 2],
}

impl<R: Real> Average<R> {
    /// Nothing seen yet.
    pub(in crate::estimator) fn new() -> Self {
        Self { state: [R::zero(); 2] }
    }

    /// The average of what has been seen, 0 if that is nothing.
    pub(in crate::estimator) fn now(&self) -> R {
        match self.state {
            [sum, weight] if weight > R::zero() => sum / weight,
            _ => R::zero(),
        }
    }

    /// Moves towards the mean of `numbers`; `keep` is the share of the past that is kept.
    pub(in crate::estimator) fn learn(&mut self, numbers: &[R], keep: R) {
        let add = R::one() - keep;
        let mean = numbers.iter().copied().sum::<R>() / R::from_f64(numbers.len().max(1) as f64);
        for (state, new) in self.state.iter_mut().zip([mean, R::one()]) {
            *state = keep * *state + add * new;
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
