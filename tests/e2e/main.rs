//! The built page in a real browser. `cargo xtask test e2e` builds it and runs this; one file per topic.

mod access;
mod chooser;
mod data;
mod exactness;
mod failures;
mod lab;
mod links;
mod opening;
mod setup;
mod smoothness;
mod start;
mod support;
mod switching;
