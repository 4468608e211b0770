//! `cargo xtask test`: all checks and tests in stages, and at the end a table of the stages.
//!
//! A stage that fails does not stop the others: one run lists all failures.

use std::path::Path;

use anyhow::{Result, bail};

use super::check;
use crate::progress::Progress;
use crate::project::Project;
use crate::report::{Report, run_counted};
use crate::tools::Toolbox;
use crate::{browser, bundle, e2e};

const STAGES: [&str; 4] = ["check", "native", "wasm", "e2e"];

/// Runs the named stages, or all of them.
pub fn run(wanted: &[&str]) -> Result<()> {
    if let Some(unknown) = wanted.iter().find(|name| !STAGES.contains(name)) {
        bail!("there is no test stage `{unknown}`; there are: {}", STAGES.join(" "));
    }
    let wants = |name: &str| wanted.is_empty() || wanted.contains(&name);
    let (project, progress) = (Project::here(), Progress::new());
    // A missing tool fails here, before anything long begins.
    let tools = Toolbox::ready(&project, &progress)?;
    let chromedriver =
        if wants("wasm") || wants("e2e") { Some(browser::chromedriver(&tools.shell, &progress)?) } else { None };

    let mut report = Report::default();
    if wants("check") {
        report.stage("check", || check::all(&project, &tools.shell, &progress).map(|()| None));
    }
    if wants("native") {
        report.stage("native tests", || {
            progress.say("Native tests …");
            // Without `--all-targets`, which would leave out the examples in docs.
            run_counted(tools.shell.command("cargo").args(["test", "--workspace", "--no-fail-fast"])).map(Some)
        });
    }
    if let Some(chromedriver) = &chromedriver {
        if wants("wasm") {
            report.stage("browser tests", || {
                progress.say("Browser tests …");
                web_tests(&project, &tools, chromedriver).map(Some)
            });
        }
        if wants("e2e") {
            end_to_end(&mut report, &project, &tools, chromedriver, &progress);
        }
    }
    report.finish(progress.elapsed())
}

/// The `#[wasm_bindgen_test]`s of the libraries and those in `tests/web_*.rs`, in headless Chromium.
fn web_tests(project: &Project, tools: &Toolbox, chromedriver: &Path) -> Result<crate::report::Counts> {
    let mut cargo = tools.shell.command("cargo");
    cargo
        .args(["test", "--target", "wasm32-unknown-unknown", "--no-fail-fast"])
        .args(check::web_packages())
        .arg("--lib");
    for name in project.web_tests() {
        cargo.args(["--test", &name]);
    }
    // Otherwise the runner uses node for every test that does not ask for a browser. Its default limit of 20 seconds is
    // too short on a machine that also compiles.
    cargo
        .env("WASM_BINDGEN_USE_BROWSER", "1")
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120")
        .env("CHROMEDRIVER", chromedriver);
    run_counted(&mut cargo)
}

/// The built page in headless Chromium.
fn end_to_end(report: &mut Report, project: &Project, tools: &Toolbox, chromedriver: &Path, progress: &Progress) {
    let mut dist = None;
    report.stage("build", || {
        dist = Some(bundle::make(project, tools, progress)?);
        Ok(None)
    });
    report.stage("end-to-end tests", || {
        let Some(dist) = dist else { bail!("there is no page to test") };
        progress.say("End-to-end tests …");
        let mut cargo = tools.shell.command("cargo");
        // One test at a time: two browsers that train at once on two cores disturb each other's timing.
        let what = ["-p", "xtask", "--test", "browser", "-p", "gatelab", "--test", "e2e"];
        cargo.args(["test", "--no-fail-fast"]).args(what).args(["--", "--test-threads=1"]);
        cargo.env(e2e::DIST, dist).env(e2e::CHROMEDRIVER, chromedriver);
        run_counted(&mut cargo).map(Some)
    });
}
