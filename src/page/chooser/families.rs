//! The registry in the order of the list: by family, main estimators with their variants. A selection is shown first,
//! the others in a drawer; a search shows its matches.

use gatelab_engine::estimator::{Family, Level, Record, registry};

/// An estimator and its variants, which share the beginning of its id (`reinforce`, `reinforce-mean`).
#[derive(Clone, Debug, PartialEq)]
pub struct Kin {
    /// The main one.
    pub main: &'static Record,
    /// Whether it is listed itself; otherwise only its name is used, for its variants.
    pub listed: bool,
    /// Those of its variants that are listed.
    pub variants: Vec<&'static Record>,
}

impl Kin {
    fn len(&self) -> usize {
        usize::from(self.listed) + self.variants.len()
    }
}

/// A family and its listed estimators.
pub type Shelf = (Family, Vec<Kin>);

/// The families, filtered; empty ones are left out.
pub fn shelves(records: &[&'static Record], keep: impl Fn(&Record) -> bool) -> Vec<Shelf> {
    [Family::StraightThrough, Family::ScoreFunction, Family::ControlVariate, Family::Pathwise]
        .into_iter()
        .map(|family| (family, shelf(records, family, &keep)))
        .filter(|(_, kin)| !kin.is_empty())
        .collect()
}

fn shelf(records: &[&'static Record], family: Family, keep: &impl Fn(&Record) -> bool) -> Vec<Kin> {
    let own: Vec<&'static Record> = records.iter().copied().filter(|record| record.family == family).collect();
    let is_main = |record: &&Record| own.iter().all(|other| !is_variant(record.id, other.id));
    let kin = own.iter().copied().filter(is_main).map(|main| {
        let variants = own.iter().copied().filter(|record| is_variant(record.id, main.id) && keep(record));
        Kin { main, listed: keep(main), variants: variants.collect() }
    });
    kin.filter(|kin| kin.len() > 0).collect()
}

fn is_variant(id: &str, of: &str) -> bool {
    id.strip_prefix(of).is_some_and(|rest| rest.starts_with('-'))
}

/// Number of listed estimators.
pub fn count(shelves: &[Shelf]) -> usize {
    shelves.iter().flat_map(|(_, kin)| kin).map(Kin::len).sum()
}

/// The first estimator in the order shown.
pub fn first(shelves: &[Shelf], wanted: impl Fn(&Record) -> bool) -> Option<&'static Record> {
    let all = shelves.iter().flat_map(|(_, kin)| kin);
    all.flat_map(|kin| kin.listed.then_some(kin.main).into_iter().chain(kin.variants.iter().copied()))
        .find(|record| wanted(record))
}

/// The estimators that are shown first.
pub fn essential() -> Vec<Shelf> {
    shelves(registry::RECORDS, |record| record.level == Level::Essential)
}

/// The estimators in the drawer.
pub fn advanced() -> Vec<Shelf> {
    shelves(registry::RECORDS, |record| record.level == Level::Advanced)
}

/// The matches of a search, and always the chosen estimator.
pub fn found(query: &str, chosen: &str) -> Vec<Shelf> {
    shelves(registry::RECORDS, |record| record.id == chosen || matches(record, query))
}

/// Whether every word of a search is in an estimator's name, short name, id or summary, or begins its family's heading.
pub fn matches(record: &Record, query: &str) -> bool {
    let fold = |text: &str| text.to_lowercase().replace(['-', '–', '−', ','], " ");
    let text = [record.id, record.name, record.short, record.summary].map(fold).join(" ");
    fold(query).split_whitespace().all(|word| text.contains(word))
}

/// The `n`th of the main estimators that are shown first, from 1.
pub fn nth(n: usize) -> Option<&'static Record> {
    essential().into_iter().flat_map(|(_, kin)| kin).filter(|kin| kin.listed).nth(n.checked_sub(1)?).map(|kin| kin.main)
}

/// A variant's name without what it shares with the main one.
pub fn own_part(variant: &'static Record, main: &Record) -> &'static str {
    let name = variant.name;
    let trim = |rest: &'static str| rest.trim_matches([',', ' ', ':']);
    let lower = |text: &str| text.to_lowercase();
    if let Some(rest) = name.strip_prefix(main.name).map(trim).filter(|rest| !rest.is_empty()) {
        return rest;
    }
    // “Masked straight-through” is “Masked” beside “Straight-through”. Only where lower case keeps the byte lengths.
    let at = name.len().checked_sub(main.name.len()).filter(|at| *at > 0 && name.is_char_boundary(*at));
    match at {
        Some(at) if lower(&name[at..]) == lower(main.name) => trim(&name[..at]),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(of: &str, id: &'static str, name: &'static str, level: Level) -> &'static Record {
        let record = registry::record(of).unwrap();
        Box::leak(Box::new(Record { id, name, short: name, level, ..*record }))
    }

    /// A registry in which a main estimator has variants on both sides of the drawer, one of them before itself.
    fn many() -> Vec<&'static Record> {
        vec![
            like("st", "st-early", "Straight-through, early", Level::Advanced),
            like("st", "st", "Straight-through", Level::Essential),
            like("st", "sts", "Smooth times stochastic", Level::Essential),
            like("st", "st-sigmoid", "Straight-through × σ′", Level::Essential),
            like("st", "st-masked", "Masked straight-through", Level::Advanced),
            like("reinforce", "disarm", "DisARM", Level::Advanced),
        ]
    }

    fn ids(shelves: &[Shelf]) -> Vec<(&'static str, bool, Vec<&'static str>)> {
        let kin = shelves.iter().flat_map(|(_, kin)| kin);
        kin.map(|kin| (kin.main.id, kin.listed, kin.variants.iter().map(|record| record.id).collect())).collect()
    }

    #[test]
    fn variants_stay_with_their_main_one_on_both_sides_of_the_drawer() {
        let shown = shelves(&many(), |record| record.level == Level::Essential);
        assert_eq!(ids(&shown), [("st", true, vec!["st-sigmoid"]), ("sts", true, vec![])]);
        let drawer = shelves(&many(), |record| record.level == Level::Advanced);
        assert_eq!(ids(&drawer), [("st", false, vec!["st-early", "st-masked"]), ("disarm", true, vec![])]);
        assert_eq!(count(&drawer), 3);
        assert_eq!(
            first(&drawer, |record| record.family == Family::ScoreFunction).map(|record| record.id),
            Some("disarm")
        );
    }

    #[test]
    fn everything_is_listed_once() {
        let mut listed: Vec<&str> = Vec::new();
        for (_, kin) in essential().into_iter().chain(advanced()) {
            for kin in kin {
                listed.extend(kin.listed.then_some(kin.main.id));
                listed.extend(kin.variants.iter().map(|record| record.id));
            }
        }
        listed.sort_unstable();
        let mut all = registry::ids();
        all.sort_unstable();
        assert_eq!(listed, all);
    }

    #[test]
    fn a_search_looks_at_names_ids_and_summaries() {
        let is_found = |id: &str, query: &str| matches(registry::record(id).unwrap(), query);
        assert!(is_found("reinforce-mean", "mean base"));
        assert!(is_found("reinforce-mean", "  BASELINE  reinforce "));
        assert!(is_found("noisy-rectifier", "noisy-rect"));
        assert!(is_found("st", "sampling"), "a word of the summary");
        assert!(!is_found("st", "sampling baseline"), "every word counts");
        assert!(is_found("st", ""));
    }

    #[test]
    fn the_chosen_one_is_shown_whatever_is_searched_for() {
        assert_eq!(ids(&found("qwertz", "sts-released")), [("sts", false, vec!["sts-released"])]);
        assert_eq!(count(&found("", "st")), registry::RECORDS.len());
    }

    #[test]
    fn a_variant_is_named_by_what_is_its_own() {
        let main = like("st", "st", "Straight-through", Level::Essential);
        let own = |name| own_part(like("st", "st-x", name, Level::Advanced), main);
        assert_eq!(own("Straight-through, on gates only"), "on gates only");
        assert_eq!(own("Straight-through × σ′"), "× σ′");
        assert_eq!(own("Masked straight-through"), "Masked");
        assert_eq!(own("Straight-through"), "Straight-through");
        assert_eq!(own("Gumbel"), "Gumbel");
    }

    #[test]
    fn the_number_keys_follow_the_list() {
        assert_eq!(nth(1).map(|record| record.id), Some("st"));
        assert_eq!(nth(0), None);
        assert_eq!(nth(99), None);
    }
}
