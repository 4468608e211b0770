//! The estimators there are, in the order in which they are shown: family by family, each declared in its family's `mod.rs`.

use std::collections::BTreeMap;

use gatelab_kernels::Real;

use super::record::{Needs, Record};
use super::rule::Estimator;
use super::{control_variate, pathwise, score_function, straight_through};
use crate::schema::{Range, Value};

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

/// What the estimator with this id needs in a training step with these knobs; `None` for an unknown id.
pub fn needs(id: &str, knobs: &BTreeMap<String, Value>) -> Option<Needs> {
    let mut estimator = make::<f32>(id)?;
    estimator.configure(knobs);
    Some(estimator.needs())
}

/// A knob and the choice that make the estimator need values of the loss only, so that it can learn from a reward; `None` if
/// no knob does.
pub fn choice_for_rewards(id: &str) -> Option<(&'static str, &'static str)> {
    let knobs = record(id)?.knobs.iter();
    let choices = knobs.flat_map(|knob| match knob.range {
        Range::Choice(names) => names.iter().map(|name| (knob.name, *name)).collect(),
        Range::Number { .. } => Vec::new(),
    });
    choices.into_iter().find(|&(knob, choice)| {
        let knobs = [(knob.to_owned(), Value::Choice(choice.to_owned()))].into();
        needs(id, &knobs).is_some_and(Needs::only_losses)
    })
}

/// The record with this id.
pub fn record(id: &str) -> Option<&'static Record> {
    RECORDS.iter().find(|record| record.id == id).copied()
}

/// All ids.
pub fn ids() -> Vec<&'static str> {
    RECORDS.iter().map(|record| record.id).collect()
}
