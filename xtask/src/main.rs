//! `cargo xtask <verb>`: set-up, builds, tests and measurements of this checkout.

use std::process::ExitCode;

use anyhow::{Result, bail};
use xtask::verbs::{bench, budget, build, check, data, screenshot, serve, test};

const USAGE: &str = "\
cargo xtask <verb>

  serve [--port N] [--no-open]   set up what is missing, build the page, and show it
  build                          build the page into dist/
  dist                           the same, and list the sizes of its files
  data                           find or download MNIST and cut it into shards
  check                          formatting, lints, docs and packages, the cheapest first
  bench [--quick] [...]          the engine's speed, compared with TF.js and others; `bench --help`
  budget                         the page's speed targets, measured in headless Chromium
  screenshot                     the pictures in docs/
  test [stage ...]               all checks and tests; stages: check native wasm e2e (default: all)

Trunk, wasm-bindgen and wasm-opt are installed into the user's cache folder, once for all checkouts.

  MNIST_DIR         a folder with the four MNIST files, packed or not
  GATELAB_MIRRORS   addresses to download them from, separated by spaces
  CHROMEDRIVER      the chromedriver for the browser tests
  GATELAB_PYTHON    a Python with PyTorch, for the bench
  XDG_CACHE_HOME    where the tools are kept instead of ~/.cache
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match dispatch(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(words: &[&str]) -> Result<()> {
    match words {
        ["serve", rest @ ..] => serve::run(rest),
        ["build"] => build::run(),
        ["dist"] => build::run_and_list(),
        ["data"] => data::run(),
        ["bench", rest @ ..] => bench::run(rest),
        ["check"] => check::run(),
        ["budget"] => budget::run(),
        ["screenshot"] => screenshot::run(),
        ["test", stages @ ..] => test::run(stages),
        [] | ["help" | "--help" | "-h", ..] => {
            print!("{USAGE}");
            Ok(())
        }
        other => bail!("there is no verb `{}`\n\n{USAGE}", other.join(" ")),
    }
}
