//! The estimators there are, in the order in which they are shown: family by family, each declared in its family's `mod.rs`.

use gatelab_kernels::Real;

use super::record::Record;
use super::rule::Estimator;
use super::{control_variate, pathwise, score_function, straight_through};

pub use super::knobs::SIGNAL;

/// The records of each family.
const FAMILIES: [&[&Record]; 4] =
    [straight_through::RECORDS, score_function::RECORDS, control_variate::RECORDS, pathwise::RECORDS];

/// Number of estimators.
const COUNT: usize = FAMILIES[0].len() + FAMILIES[1].len() + FAMILIES[2].len() + FAMILIES[3].len();

/// All records.
pub static RECORDS: &[&Record] = &joined();

/// The records of all families in one array.
const fn joined() -> [&'static Record; COUNT] {
    let mut all = [FAMILIES[0][0]; COUNT];
    let (mut family, mut at) = (0, 0);
    while family < FAMILIES.len() {
        let mut i = 0;
        while i < FAMILIES[family].len() {
            all[at] = FAMILIES[family][i];
            at += 1;
            i += 1;
        }
        family += 1;
    }
    all
}

/// A new estimator with this id, its knobs at their built-in values; `None` for an unknown id.
pub fn make<R: Real>(id: &str) -> Option<Box<dyn Estimator<R>>> {
    straight_through::make(id)
        .or_else(|| score_function::make(id))
        .or_else(|| control_variate::make(id))
        .or_else(|| pathwise::make(id))
}

/// The record with this id.
pub fn record(id: &str) -> Option<&'static Record> {
    RECORDS.iter().find(|record| record.id == id).copied()
}

/// All ids.
pub fn ids() -> Vec<&'static str> {
    RECORDS.iter().map(|record| record.id).collect()
}
