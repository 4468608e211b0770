//! The workshop of Gatelab: everything around the code that is not the code.
//!
//! - [`verbs`]: what `cargo xtask <verb>` does, one file each
//! - [`project`]: where things lie in the checkout
//! - [`tools`]: Trunk, wasm-bindgen, wasm-opt in a per-user cache, each at its pinned version
//! - [`mnist`]: finding or downloading MNIST, checking it, cutting it into shards for the page
//! - [`bundle`]: the release build of the page; [`stamp`] tells whether it is needed at all
//! - [`bench`]: measuring the engine beside other libraries
//! - [`browser`]: finding Chromium and its driver, or installing them
//! - [`server`]: a small static server that can be told to misbehave
//! - [`webdriver`]: a small `WebDriver` client for headless Chromium
//! - [`e2e`]: what an end-to-end test needs from its surroundings
//! - [`process`], [`progress`], [`report`], [`http`], [`hash`], [`scratch`]: what the others stand on
//!
//! The root package uses `server`, `webdriver` and `e2e` in its end-to-end tests; nothing here knows the root package.

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
