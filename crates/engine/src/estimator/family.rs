//! The macro with which each family declares its files and its part of the registry.

/// Declares the estimators of a family, each a record and an expression that makes the estimator: `RECORDS` in the order in
/// which they are shown, and `make`, which finds one by id.
macro_rules! family {
    ($($record:path => $make:expr),* $(,)?) => {
        /// The family's records.
        pub(in crate::estimator) const RECORDS: &[&crate::estimator::Record] = &[$(&$record),*];

        /// A new estimator of this family, its knobs at their built-in values; `None` for another id.
        pub(in crate::estimator) fn make<R: gatelab_kernels::Real>(
            id: &str,
        ) -> Option<Box<dyn crate::estimator::Estimator<R>>> {
            $(if id == $record.id {
                return Some(Box::new($make));
            })*
            None
        }
    };
}
