//! What the check finds in sources that are wrong on purpose, and what it leaves alone.

use super::check;

fn complaints(files: &[(&str, &str)]) -> Vec<String> {
    check(&files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect::<Vec<_>>())
}

/// The only complaint about one file.
fn only(file: &str, text: &str) -> String {
    let found = complaints(&[(file, text)]);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found[0].clone()
}

#[test]
fn a_page_that_uses_the_worker_is_found_and_the_other_way_round() {
    let found = only("src/page/header.rs", "\nuse crate::worker::clock;\n");
    assert_eq!(found, "src/page/header.rs:2: gatelab::page may not use gatelab::worker::clock");
    only("src/worker/pulse.rs", "use crate::page::state::Page;");
    only("src/worker/data/site.rs", "fn f() { super::super::super::page::run(); }");
    only("src/protocol/link/parse.rs", "use crate::cli;");
    only("src/bin/page.rs", "fn main() { gatelab::worker::run(); }");
}

#[test]
fn an_estimator_that_uses_training_is_found_however_it_is_written() {
    for text in [
        "use crate::training::Trainer;",
        "use crate::{schema::Setting, training::{Trainer as T}};",
        "use crate::{schema, training::{self}};",
        "pub use crate::training::*;",
        "use super::super::super::training::Trainer;",
        "fn f() -> crate::training::Trainer { todo!() }",
        "fn f() { assert!(crate::training::ready()); }",
        "mod inner { fn f() { let g = super::super::super::super::training::g; } }",
        "#[cfg(test)] mod tests { use crate::training::Trainer; }",
    ] {
        let found = only("crates/engine/src/estimator/both/rebar.rs", text);
        assert!(found.contains("gatelab_engine::estimator may not use gatelab_engine::training"), "{text}: {found}");
    }
    only("crates/engine/src/schema/preset.rs", "use gatelab_kernels::Matrix;");
    only("crates/kernels/src/matrix.rs", "use gatelab_engine::data::Dataset;");
}

#[test]
fn a_module_that_the_plan_does_not_know_is_found() {
    only("src/bin/other.rs", "fn main() {}");
    only("src/lib.rs", "pub mod page;\nuse page::run;");
    assert_eq!(complaints(&[("src/lib.rs", "pub mod page;")]), Vec::<String>::new());
    only("crates/engine/src/estimator/a.rs", "use crate::surprise::X;");
}

#[test]
fn forbidden_words_are_found() {
    for text in [
        "use web_sys::Window;",
        "use std::time::Instant;",
        "fn f() { println!(\"x\"); }",
        "fn f() { std::time::Instant::now(); }",
    ] {
        assert!(!complaints(&[("crates/kernels/src/matrix.rs", text)]).is_empty(), "{text}");
        assert!(!complaints(&[("crates/engine/src/lab/toy.rs", text)]).is_empty(), "{text}");
    }
    only("crates/engine/src/lab/toy.rs", "fn f() { unsafe { g() } }");
    only("src/page/dom.rs", "unsafe fn f() {}");
    assert_eq!(complaints(&[("crates/kernels/src/matrix.rs", "unsafe fn f() {}")]), Vec::<String>::new());
}

#[test]
fn circles_are_found_directly_through_the_front_and_through_a_third_file() {
    let front = ("crates/engine/src/network/mod.rs", "mod second;\nmod first;\nmod third;\npub use first::First;");
    let circle = |second, first, third| {
        let files = [
            front,
            ("crates/engine/src/network/second.rs", second),
            ("crates/engine/src/network/first.rs", first),
            ("crates/engine/src/network/third.rs", third),
        ];
        complaints(&files)
    };
    let found = circle("use super::first::First;", "use super::second::go;", "");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("gatelab_engine::network: first → second → first"), "{found:?}");
    assert!(found[0].contains("network/first.rs:1, crates/engine/src/network/second.rs:1"), "{found:?}");
    assert_eq!(circle("use super::First;", "use crate::network::second::go;", "").len(), 1, "through the front");
    assert_eq!(circle("use super::First;", "use super::third::Third;", "fn f() { super::second::f(); }").len(), 1);
    assert_eq!(circle("use super::LIMIT;", "use super::second::go;", "").len(), 0, "the front has it by itself");
    assert_eq!(circle("use super::First;", "#[cfg(test)] mod tests { use crate::network::second::go; }", "").len(), 0);
}

#[test]
fn a_front_that_uses_its_own_children_in_a_circle_is_found() {
    let found = complaints(&[
        ("crates/kernels/src/backend/mod.rs", "mod tile;\nuse tile::Tile;\npub trait Backend { fn f() -> Tile; }"),
        ("crates/kernels/src/backend/tile.rs", "use super::Backend;"),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("mod → tile → mod"), "{found:?}");
}

#[test]
fn comments_strings_and_what_is_allowed_are_left_alone() {
    let text = r##"
        //! Unlike [`crate::worker`], which is `unsafe`.
        // use crate::worker::run;
        /* use crate::worker::run; */
        use crate::page::state::Page;
        use crate::protocol::{Command, link::{self, Link}};
        pub(in crate::page) fn f() -> impl Iterator<Item = u8> + use<> {
            let text = "use crate::worker::run; unsafe {}";
            let raw = r#"crate::worker::run()"#;
            gatelab_engine::schema::find(text, raw)
        }
        #[cfg(test)]
        mod tests {
            use super::super::header;
            use super::*;
        }
    "##;
    assert_eq!(complaints(&[("src/page/help.rs", text)]), Vec::<String>::new());
}
