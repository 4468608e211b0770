//! Finds circles among the files of one folder.
//!
//! The nodes of a folder are its files and sub-folders. `use super::Name`, where the folder's `mod.rs` hands `Name` on
//! from a sibling, is an edge to that sibling; where `mod.rs` itself has it, an edge to `mod.rs`. A `pub use` in
//! `mod.rs` is no edge: it only hands on. Code for tests is left out.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::scan::Source;

/// How a folder's `mod.rs` or `lib.rs` is called as a node.
pub(crate) const FRONT: &str = "mod";

/// Edges of a folder, each with a place where it is written.
type Edges = BTreeMap<(String, String), String>;

/// A circle: the folder's module, and its nodes in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Circle {
    /// `gatelab_engine::network`
    pub(crate) folder: String,
    /// `["flips", "pass"]`: each uses the next, the last the first.
    pub(crate) nodes: Vec<String>,
    /// Where each of these edges is written.
    pub(crate) places: Vec<String>,
}

/// The shortest circle through each edge that lies on one, each circle once.
pub(crate) fn circles(sources: &[Source]) -> Vec<Circle> {
    let mut found: Vec<Circle> = Vec::new();
    for front in sources.iter().filter(|source| source.is_front()) {
        let edges = edges_of(front, sources);
        let mut seen = BTreeSet::new();
        for (from, to) in edges.keys() {
            let Some(mut nodes) = way(&edges, to, from) else { continue };
            let first = nodes.iter().enumerate().min_by_key(|(_, name)| *name).map_or(0, |(at, _)| at);
            nodes.rotate_left(first);
            if seen.insert(nodes.iter().cloned().collect::<BTreeSet<_>>()) {
                let steps = nodes.iter().zip(nodes.iter().cycle().skip(1));
                let places = steps.map(|(a, b)| edges[&(a.clone(), b.clone())].clone()).collect();
                found.push(Circle { folder: front.module.join("::"), nodes, places });
            }
        }
    }
    found
}

fn edges_of(front: &Source, sources: &[Source]) -> Edges {
    let folder = &front.module;
    let children: BTreeSet<&str> = sources
        .iter()
        .filter(|source| source.module.len() > folder.len() && source.module.starts_with(folder))
        .map(|source| source.module[folder.len()].as_str())
        .collect();
    let handed_on: BTreeMap<&str, &str> = front
        .imports
        .iter()
        .filter(|import| import.path.starts_with(folder))
        .filter_map(|import| Some((import.exported_as.as_deref()?, import.path.get(folder.len())?.as_str())))
        .filter(|(_, child)| children.contains(child))
        .collect();
    let mut edges = Edges::new();
    for source in sources.iter().filter(|source| source.module.starts_with(folder)) {
        let from = source.module.get(folder.len()).map_or(FRONT, String::as_str);
        let uses = source.imports.iter().filter(|import| !import.in_test);
        for import in uses.filter(|import| import.path.starts_with(folder)) {
            let Some(name) = import.path.get(folder.len()).map(String::as_str) else { continue };
            let to = if children.contains(name) { name } else { handed_on.get(name).copied().unwrap_or(FRONT) };
            let hands_on = from == FRONT && import.exported_as.is_some();
            if from != to && !hands_on {
                let place = format!("{}:{}", source.file, import.line);
                edges.entry((from.to_owned(), to.to_owned())).or_insert(place);
            }
        }
    }
    edges
}

/// The nodes of the shortest way from one to another, both included.
fn way(edges: &Edges, from: &str, to: &str) -> Option<Vec<String>> {
    let mut before: BTreeMap<&str, &str> = BTreeMap::new();
    let mut queue = VecDeque::from([from]);
    while let Some(node) = queue.pop_front() {
        if node == to {
            let back = std::iter::successors(Some(node), |node| before.get(node).copied().filter(|_| *node != from));
            let mut nodes: Vec<String> = back.map(str::to_owned).collect();
            nodes.reverse();
            return Some(nodes);
        }
        for (_, next) in edges.keys().filter(|(start, _)| start == node) {
            if next != from && !before.contains_key(next.as_str()) {
                before.insert(next, node);
                queue.push_back(next);
            }
        }
    }
    None
}
