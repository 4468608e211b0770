//! Gatelab's set-up, builds, tests and measurements.
//!
//! - [`verbs`]: what `cargo xtask <verb>` does, one file each
//! - [`project`]: paths in the checkout
//! - [`tools`]: Trunk, wasm-bindgen, wasm-opt in a per-user cache, each at its pinned version
//! - [`mnist`]: finding or downloading MNIST, checking it, cutting it into shards for the page
//! - [`bundle`]: the release build of the page; [`stamp`] decides whether it is needed
//! - [`bench`]: measuring the engine beside other libraries
//! - [`browser`]: finding Chromium and its driver, or installing them
//! - [`server`]: a small static server that can simulate faults
//! - [`webdriver`]: a small `WebDriver` client for headless Chromium
//! - [`e2e`]: what an end-to-end test needs from its surroundings
//! - [`process`], [`progress`], [`report`], [`http`], [`hash`], [`scratch`]: helpers of the others
//!
//! The root package uses `server`, `webdriver` and `e2e` in its end-to-end tests; this crate does not depend on the
//! root package.

pub mod bench;
pub mod browser;
pub mod bundle;
pub mod e2e;
pub mod hash;
pub mod http;
pub mod mnist;
pub mod process;
pub mod progress;
pub mod project;
pub mod report;
pub mod scratch;
pub mod server;
pub mod stamp;
pub mod tools;
pub mod verbs;
pub mod webdriver;
