//! Reads one source file into the paths that it names, each as an absolute path from its crate's name.
//!
//! The text is split into Rust tokens by `proc-macro2`. Tokens, and not a syntax tree (`syn`): a tree keeps the body of
//! a macro call as unread tokens, and the page's components are bodies of `html!`. Comments are no tokens and strings
//! are literals, so neither is read as code.

use std::collections::BTreeSet;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// The workspace's crates: the folder of the sources, and the name in paths.
pub(crate) const CRATES: [(&str, &str); 3] =
    [("crates/kernels/src/", "gatelab_kernels"), ("crates/engine/src/", "gatelab_engine"), ("src/", "gatelab")];

/// A path that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Import {
    /// From the crate's name on: `["gatelab_engine", "network", "Pass"]`.
    pub(crate) path: Vec<String>,
    /// The name under which a `pub use` hands it on; `None` for anything else.
    pub(crate) exported_as: Option<String>,
    /// Within `#[cfg(test)]` or a file `tests.rs`.
    pub(crate) in_test: bool,
    /// Counted from 1.
    pub(crate) line: usize,
}

/// What a file names.
#[derive(Debug)]
pub(crate) struct Source {
    /// The file, from the workspace's root.
    pub(crate) file: String,
    /// The file's own module, from the crate's name on.
    pub(crate) module: Vec<String>,
    /// Paths into the workspace's crates.
    pub(crate) imports: Vec<Import>,
    /// Identifiers outside of paths (`unsafe`, names of macros with a `!`), and the first two parts of foreign paths
    /// (`web_sys`, `std::time`), with their lines.
    pub(crate) words: Vec<(String, usize)>,
}

impl Source {
    /// Whether this is the file that declares a folder's modules.
    pub(crate) fn is_front(&self) -> bool {
        self.file.ends_with("/mod.rs") || self.file.ends_with("/lib.rs")
    }
}

/// Reads a file of one of the [`CRATES`]. The error is a sentence.
pub(crate) fn scan(file: &str, text: &str) -> Result<Source, String> {
    let module = module_of(file).ok_or_else(|| format!("{file} is in no crate that the plan names"))?;
    let tokens: TokenStream = text.parse().map_err(|error| format!("{file} cannot be read: {error}"))?;
    let in_test = module.last().is_some_and(|name| name == "tests");
    let source = Source { file: file.to_owned(), module: module.clone(), imports: Vec::new(), words: Vec::new() };
    let mut scanner = Scanner { source, module, children: BTreeSet::new(), in_test };
    // Children are declared in any place, so their names are collected first.
    scanner.children = declared_modules(&tokens);
    scanner.stream(tokens);
    Ok(scanner.source)
}

fn module_of(file: &str) -> Option<Vec<String>> {
    let (rest, name) = CRATES.iter().find_map(|(folder, name)| Some((file.strip_prefix(folder)?, *name)))?;
    let parts = rest.strip_suffix(".rs")?.split('/').map(str::to_owned);
    let mut module: Vec<String> = std::iter::once(name.to_owned()).chain(parts).collect();
    if matches!(module.last().map(String::as_str), Some("mod" | "lib")) {
        module.pop();
    }
    Some(module)
}

fn declared_modules(tokens: &TokenStream) -> BTreeSet<String> {
    let trees: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let declares = |window: &[TokenTree]| is_ident(&window[0], "mod") && is_punct(&window[2], ';');
    trees.windows(3).filter(|window| declares(window)).map(|window| window[1].to_string()).collect()
}

fn is_ident(tree: &TokenTree, name: &str) -> bool {
    matches!(tree, TokenTree::Ident(ident) if ident == name)
}

fn is_punct(tree: &TokenTree, sign: char) -> bool {
    matches!(tree, TokenTree::Punct(punct) if punct.as_char() == sign)
}

fn brace(tree: &TokenTree) -> Option<&Group> {
    match tree {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group),
        _ => None,
    }
}

/// `#[cfg(test)]` and `#[cfg(all(test, …))]`, without the `#`.
fn is_test_attribute(tree: &TokenTree) -> bool {
    let text: String = tree.to_string().split_whitespace().collect();
    text.starts_with("[cfg(test") || text.starts_with("[cfg(all(test")
}

struct Scanner {
    source: Source,
    /// The module at this place: the file's, or one written out within it.
    module: Vec<String>,
    children: BTreeSet<String>,
    in_test: bool,
}

impl Scanner {
    fn stream(&mut self, tokens: TokenStream) {
        let trees: Vec<TokenTree> = tokens.into_iter().collect();
        let was_in_test = self.in_test;
        let (mut at, mut exports) = (0, false);
        while at < trees.len() {
            let next = trees.get(at + 1);
            match &trees[at] {
                TokenTree::Punct(sign) if sign.as_char() == '#' && next.is_some_and(is_test_attribute) => {
                    self.in_test = true;
                    at += 2;
                }
                TokenTree::Ident(word) if word == "use" && !next.is_some_and(|next| is_punct(next, '<')) => {
                    at = self.use_item(&trees, at + 1, exports);
                    (exports, self.in_test) = (false, was_in_test);
                }
                TokenTree::Ident(word) if word == "mod" && trees.get(at + 2).and_then(brace).is_some() => {
                    self.inline_module(&trees[at + 1], &trees[at + 2]);
                    self.in_test = was_in_test;
                    at += 3;
                }
                TokenTree::Ident(word) => {
                    exports = word == "pub" || (exports && word == "crate");
                    at = self.inline_path(&trees, at);
                }
                TokenTree::Group(group) => {
                    // `pub(in some::path)` names an ancestor and depends on nothing.
                    if !group.stream().into_iter().next().is_some_and(|first| is_ident(&first, "in")) {
                        self.stream(group.stream());
                    }
                    if group.delimiter() == Delimiter::Brace {
                        self.in_test = was_in_test;
                    }
                    at += 1;
                }
                other => {
                    if is_punct(other, ';') {
                        self.in_test = was_in_test;
                    }
                    at += 1;
                }
            }
        }
        self.in_test = was_in_test;
    }

    /// `mod name { … }`: within it, `super` is this module.
    fn inline_module(&mut self, name: &TokenTree, body: &TokenTree) {
        let Some(body) = brace(body) else { return };
        self.module.push(name.to_string());
        self.stream(body.stream());
        self.module.pop();
    }

    /// All paths of a `use`, whose tree begins at `at`; gives the place behind its `;`.
    fn use_item(&mut self, trees: &[TokenTree], at: usize, exports: bool) -> usize {
        let end = trees[at..].iter().position(|tree| is_punct(tree, ';')).map_or(trees.len(), |length| at + length);
        self.use_tree(&trees[at..end], &[], exports);
        end + 1
    }

    fn use_tree(&mut self, trees: &[TokenTree], before: &[String], exports: bool) {
        for branch in trees.split(|tree| is_punct(tree, ',')) {
            let (mut path, mut alias) = (before.to_vec(), None);
            let mut rest = branch.iter();
            let Some(line) = branch.first().map(|tree| tree.span().start().line) else { continue };
            let mut is_group = false;
            while let Some(tree) = rest.next() {
                if let Some(group) = brace(tree) {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    self.use_tree(&inner, &path, exports);
                    is_group = true;
                } else if is_ident(tree, "as") {
                    alias = rest.next().map(ToString::to_string);
                } else if matches!(tree, TokenTree::Ident(_)) || is_punct(tree, '*') {
                    path.push(tree.to_string());
                }
            }
            if !is_group {
                // `use a::b::{self}` means `a::b`.
                if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
                    path.pop();
                }
                let name = alias.or_else(|| path.last().cloned()).filter(|_| exports);
                self.record(&path, name, line);
            }
        }
    }

    /// The path, macro or word that begins at `at`; gives the place behind it.
    fn inline_path(&mut self, trees: &[TokenTree], at: usize) -> usize {
        let line = trees[at].span().start().line;
        let (mut path, mut end) = (vec![trees[at].to_string()], at + 1);
        while let [colon, second, TokenTree::Ident(name), ..] = &trees[end..] {
            if !(is_punct(colon, ':') && is_punct(second, ':')) {
                break;
            }
            path.push(name.to_string());
            end += 3;
        }
        if path.len() > 1 {
            self.record(&path, None, line);
        }
        if let (Some(name), Some(true)) = (path.last_mut(), trees.get(end).map(|tree| is_punct(tree, '!'))) {
            name.push('!');
        }
        if let Some(name) = path.last() {
            self.source.words.push((name.clone(), line));
        }
        end
    }

    /// Keeps a path, made absolute if it leads into the workspace.
    fn record(&mut self, path: &[String], exported_as: Option<String>, line: usize) {
        let Some(absolute) = self.absolute(path) else {
            self.source.words.push((path[0].clone(), line));
            if let [first, second, ..] = path {
                self.source.words.push((format!("{first}::{second}"), line));
            }
            return;
        };
        self.source.imports.push(Import { path: absolute, exported_as, in_test: self.in_test, line });
    }

    fn absolute(&self, path: &[String]) -> Option<Vec<String>> {
        let mut base = self.module.clone();
        let mut rest = path;
        match path.first().map(String::as_str)? {
            "crate" => base.truncate(1),
            "self" => {}
            "super" => {
                while rest.first().is_some_and(|part| part == "super") {
                    base.pop();
                    rest = &rest[1..];
                }
                base.extend_from_slice(rest);
                return Some(base);
            }
            first if CRATES.iter().any(|(_, name)| *name == first) => base.clear(),
            // A child that this file declares, named without `self`.
            first if self.children.contains(first) && self.module == self.source.module => {
                base.extend_from_slice(rest);
                return Some(base);
            }
            _ => return None,
        }
        rest = if base.is_empty() { path } else { &path[1..] };
        base.extend_from_slice(rest);
        Some(base)
    }
}
