//! The page trains on real digits at once, without a click.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::json;
use xtask::server::Site;

use crate::support::{Plan, SOON, WIDE, open};

#[test]
fn the_first_step_and_the_first_curve_come_at_once() -> Result<()> {
    let visit = open("")?;
    let patience = Duration::from_secs(30);
    let interactive = visit.mark_time("app-interactive", patience)?;
    let step = visit.mark_time("first-train-step", patience)?;
    let curve = visit.mark_time("first-curve-paint", patience)?;
    assert!(interactive <= step, "{interactive} {step}");
    assert!(step <= f64::from(2000 * WIDE), "first step after {step:.0} ms");
    assert!(curve <= f64::from(2500 * WIDE), "first curve after {curve:.0} ms");
    visit.is_content()
}

#[test]
fn the_error_falls_below_fifteen_per_cent_untouched() -> Result<()> {
    let visit = open("")?;
    let below = "const error = parseFloat(document.querySelector('.of-error dd').textContent);
        return error < 15 && performance.now();";
    let time = visit.browser.wait_until(below, Duration::from_secs(90))?.as_f64().unwrap_or(f64::NAN);
    assert!(time <= f64::from(15_000 * WIDE), "after {time:.0} ms");
    assert_eq!(visit.root("data-dataset")?, "mnist", "is MNIST beside the page? `cargo xtask data` says why not");
    assert_eq!(visit.root("data-state")?, "running");
    visit.is_content()
}

/// A policy that forbids nothing but reports every request to another origin, from the page and from its worker alike.
const REPORT: &str = "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'; report-uri /elsewhere";

#[test]
fn nothing_is_asked_of_any_other_host() -> Result<()> {
    let policy = |site: Site| site.header("Content-Security-Policy-Report-Only", REPORT);
    let visit = Plan::new()?.site(policy).open("")?;
    visit.reach(200)?;
    let reports = || visit.server.requests().iter().filter(|request| request.path == "elsewhere").count();
    assert_eq!(reports(), 0);
    let origins = visit.ask(
        "return [...new Set(performance.getEntriesByType('resource').map((entry) => new URL(entry.name).origin))]
             .filter((origin) => origin !== location.origin);",
    )?;
    assert_eq!(origins, json!([]));
    visit.is_content()?;

    // To know that reports would come: the worker is sent elsewhere.
    visit.ask("window.__workers[0].postMessage(JSON.stringify({ download: { base: 'http://localhost:9/' } }));")?;
    let begin = Instant::now();
    while reports() == 0 {
        ensure!(begin.elapsed() < SOON, "a request to another host went unseen");
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
