//! Every text of the page, in English: one file per part of the page. Another language is another set of files, so
//! components contain no texts. Numbers are formatted here too, since grouping and decimal signs depend on the
//! language.

pub mod chooser;
pub mod knobs;
pub mod lab;
pub mod notices;
pub mod numbers;
pub mod pictures;
pub mod setup;
pub mod shell;
pub mod symbols;
