//! The registry in the order and grouping in which it is shown: by family, main estimators with their variants.

use crate::estimator::{Family, Record, registry};

/// An estimator and its variants, which share the beginning of its id (`reinforce`, `reinforce-mean`).
#[derive(Clone, PartialEq)]
pub struct Kin {
    /// The main one.
    pub main: &'static Record,
    /// Its variants.
    pub variants: Vec<&'static Record>,
}

/// All families, with what belongs to them.
pub fn all() -> Vec<(Family, Vec<Kin>)> {
    [Family::Slope, Family::Value, Family::Both, Family::OwnObjective]
        .into_iter()
        .map(|family| (family, of(family)))
        .filter(|(_, kin)| !kin.is_empty())
        .collect()
}

fn of(family: Family) -> Vec<Kin> {
    let mut all: Vec<Kin> = Vec::new();
    for record in registry::RECORDS.iter().copied().filter(|record| record.family == family) {
        match all.iter_mut().find(|kin| is_variant(record.id, kin.main.id)) {
            Some(kin) => kin.variants.push(record),
            None => all.push(Kin { main: record, variants: Vec::new() }),
        }
    }
    all
}

fn is_variant(id: &str, of: &str) -> bool {
    id.strip_prefix(of).is_some_and(|rest| rest.starts_with('-'))
}

/// The `n`th main estimator of the list, from 1.
pub fn nth(n: usize) -> Option<&'static Record> {
    all().into_iter().flat_map(|(_, kin)| kin).nth(n.checked_sub(1)?).map(|kin| kin.main)
}

/// A variant's name without what it shares with the main one.
pub fn own_part(variant: &'static Record, main: &Record) -> &'static str {
    variant.name.strip_prefix(main.name).map_or(variant.name, |rest| rest.trim_start_matches([',', ' ']))
}
