//! The built page in a real browser. `cargo xtask test e2e` builds it and runs this; one file per topic.

mod opening;
