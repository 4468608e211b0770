//! Gates of another kind, which ordinary backpropagation can train: the estimate is right for that gate's objective, and the
//! question is how far that objective is from the one with coins.

pub(in crate::estimator) mod concrete;
pub(in crate::estimator) mod hard_concrete;
pub(in crate::estimator) mod rectifier;
pub(in crate::estimator) mod sigmoid;
