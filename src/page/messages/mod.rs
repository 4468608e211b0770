//! Every text that people read, in English: one file per part of the page, so that another language is another set of
//! files. Components hold no words. Numbers are formatted here too: grouping and decimal signs belong to a language.

pub mod chooser;
pub mod knobs;
pub mod lab;
pub mod notices;
pub mod numbers;
pub mod pictures;
pub mod setup;
pub mod shell;
pub mod symbols;
