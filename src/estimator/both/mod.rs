//! Estimators that use values and slopes together: a slope predicts most of what the loss will do, and the loss corrects it.

mod coefficient;
pub(in crate::estimator) mod double_cv;
mod least_squares;
pub(in crate::estimator) mod muprop;
pub(in crate::estimator) mod predicted;
pub(in crate::estimator) mod rebar;
pub(in crate::estimator) mod relax;
mod relaxation;
mod surrogate;
