//! The plan of who may use whom, and the test that the sources follow it.
//!
//! Between crates, cargo refuses what the plan does not allow. Within a crate nothing does, so this test reads every
//! source file and fails on a path against the plan, on a word that a crate may not use, and on a circle of files.

#![cfg(not(target_arch = "wasm32"))]

mod cycles;
mod planted;
mod scan;

use std::path::Path;
use std::{fs, io};

use cycles::circles;
use scan::{CRATES, Source, scan};

/// Who may use whom. A module may use itself and what lies within it, and what its row allows; nothing else of the
/// workspace. A file without a row is an error, except for a crate's `lib.rs`, which declares the modules and uses
/// none.
const MAY_USE: &[(&str, &[&str])] = &[
    ("gatelab_kernels", &[]),
    ("gatelab_engine::data", &["gatelab_kernels"]),
    ("gatelab_engine::schema", &["gatelab_engine::data"]),
    ("gatelab_engine::estimator", &["gatelab_kernels", "gatelab_engine::schema"]),
    ("gatelab_engine::sparsity", &["gatelab_kernels", "gatelab_engine::estimator"]),
    ("gatelab_engine::network", &["gatelab_kernels", "gatelab_engine::schema", "gatelab_engine::estimator"]),
    (
        "gatelab_engine::training",
        &[
            "gatelab_kernels",
            "gatelab_engine::data",
            "gatelab_engine::schema",
            "gatelab_engine::estimator",
            "gatelab_engine::sparsity",
            "gatelab_engine::network",
        ],
    ),
    (
        "gatelab_engine::lab",
        &[
            "gatelab_kernels",
            "gatelab_engine::data",
            "gatelab_engine::schema",
            "gatelab_engine::estimator",
            "gatelab_engine::network",
            "gatelab_engine::training",
        ],
    ),
    ("gatelab::protocol", &["gatelab_engine"]),
    ("gatelab::bench", &["gatelab_kernels", "gatelab_engine"]),
    ("gatelab::cli", &["gatelab_kernels", "gatelab_engine", "gatelab::bench"]),
    ("gatelab::page", &["gatelab_engine", "gatelab::protocol"]),
    ("gatelab::worker", &["gatelab_kernels", "gatelab_engine", "gatelab::protocol"]),
    ("gatelab::bin::page", &["gatelab::page"]),
    ("gatelab::bin::trainer", &["gatelab::worker"]),
    ("gatelab::bin::gatelab", &["gatelab::cli"]),
    ("gatelab::bin::bench", &["gatelab_kernels", "gatelab_engine", "gatelab::bench"]),
];

/// What a crate or module may not contain, and why. `#![forbid(unsafe_code)]` in the engine would refuse ndarray's
/// macro `s!`.
const FORBIDDEN: &[(&str, &[&str], &str)] = &[
    ("gatelab_kernels", &["web_sys", "std::time", "println!", "eprintln!", "print!", "eprint!"], OUTSIDE),
    ("gatelab_engine", &["web_sys", "std::time", "println!", "eprintln!", "print!", "eprint!"], OUTSIDE),
    ("gatelab_engine", &["unsafe"], "`unsafe` stands in the kernels only"),
    ("gatelab", &["unsafe"], "`unsafe` stands in the kernels only"),
    ("gatelab::protocol", &["web_sys", "std::time"], OUTSIDE),
];
const OUTSIDE: &str = "no browser, no terminal and no clock here";

/// Crates whose folders have no circles.
const WITHOUT_CIRCLES: [&str; 2] = ["gatelab_kernels", "gatelab_engine"];

#[test]
fn the_sources_follow_the_plan() {
    let complaints = check(&sources().unwrap());
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

/// A folder that moved would be a folder that nobody checks.
#[test]
fn every_crate_and_every_row_of_the_plan_has_files() {
    let sources: Vec<Source> = sources().unwrap().iter().map(|(file, text)| scan(file, text).unwrap()).collect();
    for (name, _) in MAY_USE {
        let found = sources.iter().any(|source| is_within(&source.module, name));
        assert!(found, "the plan has a row for {name}, which has no file");
    }
}

/// All complaints about (path from the workspace's root, text) pairs, a sentence each.
fn check(files: &[(String, String)]) -> Vec<String> {
    let (mut sources, mut complaints) = (Vec::new(), Vec::new());
    for (file, text) in files {
        match scan(file, text) {
            Ok(source) => sources.push(source),
            Err(complaint) => complaints.push(complaint),
        }
    }
    for source in &sources {
        complaints.extend(against_the_plan(source));
        complaints.extend(forbidden_words(source));
    }
    for circle in circles(&sources) {
        let counts = WITHOUT_CIRCLES.iter().any(|name| circle.folder.split("::").next() == Some(name));
        if counts {
            let names = circle.nodes.iter().chain(circle.nodes.first()).cloned().collect::<Vec<_>>().join(" → ");
            complaints.push(format!("a circle in {}: {names} (see {})", circle.folder, circle.places.join(", ")));
        }
    }
    complaints
}

fn against_the_plan(source: &Source) -> Vec<String> {
    let module = source.module.join("::");
    let row = MAY_USE.iter().find(|(name, _)| is_within(&source.module, name));
    if row.is_none() && source.module.len() > 1 {
        return vec![format!("{}: the plan has no row for {module}", source.file)];
    }
    let may = |path: &[String]| {
        row.is_some_and(|(own, allowed)| std::iter::once(own).chain(*allowed).any(|name| is_within(path, name)))
    };
    let row = row.map_or(module.as_str(), |(name, _)| name);
    source
        .imports
        .iter()
        .filter(|import| !may(&import.path))
        .map(|import| {
            let path = import.path.join("::");
            format!("{}:{}: {row} may not use {path}", source.file, import.line)
        })
        .collect()
}

fn forbidden_words(source: &Source) -> Vec<String> {
    let rules = FORBIDDEN.iter().filter(|(name, ..)| is_within(&source.module, name));
    rules
        .flat_map(|(_, forbidden, why)| {
            let hits = source.words.iter().filter(|(word, _)| forbidden.contains(&word.as_str()));
            hits.map(move |(word, line)| format!("{}:{line}: `{word}`: {why}", source.file))
        })
        .collect()
}

/// Whether a path is the module of this name, or lies within it.
fn is_within(path: &[String], name: &str) -> bool {
    let mut parts = path.iter();
    name.split("::").all(|part| parts.next().is_some_and(|own| own == part))
}

/// Every source file of the workspace's crates, with its path from the workspace's root.
fn sources() -> io::Result<Vec<(String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    for (folder, _) in CRATES {
        collect(root, folder.trim_end_matches('/'), &mut files)?;
    }
    Ok(files)
}

fn collect(root: &Path, folder: &str, files: &mut Vec<(String, String)>) -> io::Result<()> {
    for entry in fs::read_dir(root.join(folder))? {
        let entry = entry?;
        let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(root, &path, files)?;
        } else if Path::new(&path).extension().is_some_and(|ending| ending == "rs") {
            files.push((path, fs::read_to_string(entry.path())?));
        }
    }
    Ok(())
}
