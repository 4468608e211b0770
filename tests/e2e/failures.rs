//! A trainer that cannot start, dies or meets numbers that are not finite: the page detects and reports it, and
//! continues where it can.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::json;
use xtask::server::{Reply, Request};

use crate::support::{Plan, Visit, open, open_training};

/// The watchdog's limit is 5 seconds of silence; a busy machine may need more.
const NOTICE: Duration = Duration::from_secs(30);
/// Three attempts of ten seconds each.
const GIVE_UP: Duration = Duration::from_secs(90);

#[test]
fn without_vector_instructions_the_page_says_what_it_lacks() -> Result<()> {
    refuses("--js-flags=--no-enable-sse4-1", "SIMD")
}

#[test]
fn without_webassembly_the_page_says_what_it_lacks() -> Result<()> {
    refuses("--js-flags=--jitless", "WebAssembly is switched off")
}

fn refuses(argument: &str, words: &str) -> Result<()> {
    let visit = Plan::new()?.options(|options| options.argument(argument)).open("")?;
    visit.root_is("data-state", "failed")?;
    let said = visit.ask("return document.body.innerText;")?;
    let said = said.as_str().unwrap_or_default();
    ensure!(said.contains(words), "the page says: {said}");
    Ok(())
}

/// The page gives up on a trainer whose files are spoilt, says so, and starts once they are mended.
fn gives_up_until_mended(spoil: impl Fn(&Request, Reply) -> Reply + Send + Sync + 'static) -> Result<()> {
    let visit = Plan::new()?.site(|site| site.hook(spoil)).open("")?;
    visit.noticed_within("The trainer keeps failing", GIVE_UP)?;
    assert_eq!(visit.root("data-state")?, "failed");
    visit.server.clear_hook();
    visit.press("Start again")?;
    visit.reach(1)?;
    visit.trains()?;
    assert_eq!(visit.notices()?, "");
    Ok(())
}

#[test]
fn a_trainer_whose_script_is_missing() -> Result<()> {
    gives_up_until_mended(
        |request, reply| {
            if request.path == "trainer_loader.js" { Reply::text(404, "no such file") } else { reply }
        },
    )
}

#[test]
fn a_trainer_whose_module_is_missing() -> Result<()> {
    gives_up_until_mended(
        |request, reply| {
            if request.path == "trainer.js" { Reply::text(404, "no such file") } else { reply }
        },
    )
}

#[test]
fn a_trainer_whose_code_is_missing() -> Result<()> {
    gives_up_until_mended(
        |request, reply| {
            if request.path == "trainer_bg.wasm" { Reply::text(404, "no such file") } else { reply }
        },
    )
}

#[test]
fn a_trainer_whose_code_is_cut_short() -> Result<()> {
    gives_up_until_mended(|request, mut reply| {
        if request.path == "trainer_bg.wasm" {
            reply.body.truncate(1000);
        }
        reply
    })
}

#[test]
fn a_host_that_calls_scripts_plain_text() -> Result<()> {
    gives_up_until_mended(|request, reply| {
        if request.path == "trainer_loader.js" { reply.header("Content-Type", "text/plain") } else { reply }
    })
}

/// Some hosts do not know the type of WebAssembly; that costs time and nothing else.
#[test]
fn a_host_that_does_not_know_webassembly_will_do() -> Result<()> {
    let unknown = |request: &Request, reply: Reply| {
        if request.path.contains("_bg.wasm") { reply.header("Content-Type", "application/octet-stream") } else { reply }
    };
    Plan::new()?.site(|site| site.hook(unknown)).open("")?.trains()
}

/// Breaks a worker during a run: the run continues from a checkpoint, with the same digits and estimator.
fn goes_on_after(fault: &str, words: &str) -> Result<()> {
    let visit = open_training("#est=reinforce&seed=4")?;
    // A checkpoint comes every two seconds; the second makes sure that there is one beyond the very first steps.
    visit.until("return performance.now() - performance.getEntriesByName('first-train-step')[0].startTime > 4500;")?;
    visit.fault(fault)?;
    let said = visit.noticed_within("the run continues from step", NOTICE)?;
    ensure!(said.contains(words), "{said}");
    let from = said.split("the run continues from step ").nth(1).and_then(|rest| rest.split('.').next());
    let from: u64 = from.context("no step")?.replace(',', "").parse()?;
    ensure!(from > 0, "it began again: {said}");
    visit.root_is("data-state", "running")?;
    visit.reach(from + 3)?;
    assert_eq!(visit.root("data-estimator")?, "reinforce");
    assert_eq!(visit.root("data-dataset")?, "mnist");
    Ok(())
}

#[test]
fn a_trainer_that_hangs_is_replaced() -> Result<()> {
    goes_on_after("spin", "The trainer stopped answering")
}

#[test]
fn a_trainer_that_vanishes_is_replaced() -> Result<()> {
    goes_on_after("close", "The trainer stopped answering")
}

#[test]
fn a_trainer_that_breaks_is_replaced() -> Result<()> {
    goes_on_after("panic", "The trainer failed")
}

/// What goes on from a checkpoint is the same run.
#[test]
fn a_replaced_trainer_computes_the_same_bits() -> Result<()> {
    let visit = open_training("#est=st&seed=4")?;
    visit.until("return performance.now() - performance.getEntriesByName('first-train-step')[0].startTime > 2500;")?;
    visit.fault("panic")?;
    visit.noticed_within("the run continues from step", NOTICE)?;
    visit.trains()?;
    let (step, digest) = visit.pause()?;
    // The same run to the same step, in one piece.
    let whole = open(&format!("#est=st&seed=4&pause={step}"))?;
    whole.browser.wait_until("return document.documentElement.dataset.state === 'paused';", GIVE_UP)?;
    assert_eq!(whole.resting()?, (step, digest));
    Ok(())
}

#[test]
fn a_trainer_that_keeps_breaking_is_given_up() -> Result<()> {
    let visit = open_training("")?;
    for broken in 1..=3 {
        visit.until(&format!("return window.__workers.length === {broken};"))?;
        visit.root_is("data-state", "running")?;
        visit.fault("panic")?;
        if broken < 3 {
            visit.until(&format!("return window.__workers.length === {};", broken + 1))?;
        }
    }
    visit.noticed("three times within a minute")?;
    visit.press("Start again")?;
    visit.trains()
}

/// A run with a change in it that has met a number that is not finite.
fn diverged() -> Result<Visit> {
    let visit = open_training("#est=st&seed=4")?;
    visit.choose("reinforce")?;
    visit.root_is("data-estimator", "reinforce")?;
    visit.go_on(5)?;
    visit.fault("nan")?;
    let said = visit.noticed("Training diverged")?;
    ensure!(said.contains("At step") && said.contains("“"), "neither step nor tensor: {said}");
    assert_eq!(visit.root("data-state")?, "failed");
    Ok(visit)
}

#[test]
fn divergence_is_reported_and_the_last_change_can_be_undone() -> Result<()> {
    let visit = diverged()?;
    visit.press("Undo the last change")?;
    visit.root_is("data-estimator", "st")?;
    visit.trains()?;
    assert_eq!(visit.notices()?, "");
    visit.until("return !location.hash.includes('at=');")?;
    visit.is_content()
}

#[test]
fn divergence_can_be_left_by_a_lower_rate() -> Result<()> {
    let visit = diverged()?;
    visit.press("Continue with a tenth of the rate")?;
    visit.trains()?;
    assert_eq!(visit.root("data-estimator")?, "reinforce");
    assert_eq!(visit.notices()?, "");
    visit.until("return location.hash.includes(':lr:');")?;
    visit.is_content()
}

/// The rescue is part of the link: momentum reset and lower rate at their step.
#[test]
fn a_run_rescued_by_a_lower_rate_replays_from_its_link() -> Result<()> {
    let visit = diverged()?;
    visit.press("Continue with a tenth of the rate")?;
    visit.trains()?;
    visit.until("return location.hash.includes(':reset-momentum:') && location.hash.includes(':lr:');")?;
    visit.go_on(20)?;
    let (step, digest) = visit.pause()?;
    let whole = open(&format!("{}&pause={step}", visit.hash()?))?;
    whole.browser.wait_until("return document.documentElement.dataset.state === 'paused';", GIVE_UP)?;
    assert_eq!(whole.resting()?, (step, digest));
    Ok(())
}

#[test]
fn divergence_can_be_left_by_a_replay() -> Result<()> {
    let visit = diverged()?;
    visit.press("Replay")?;
    visit.trains()?;
    assert_eq!(visit.notices()?, "");
    visit.is_content()
}

/// A hidden page keeps training, and shows the new step when it is visible again.
#[test]
fn a_hidden_page_trains_on() -> Result<()> {
    let visit = open_training("")?;
    let window = visit.browser.cdp("Browser.getWindowForTarget", &json!({}))?;
    let put = |state: &str| {
        let bounds = json!({ "windowId": window["windowId"], "bounds": { "windowState": state } });
        visit.browser.cdp("Browser.setWindowBounds", &bounds)
    };
    put("minimized")?;
    visit.until("return document.hidden;")?;
    let before = visit.step()?;
    // Longer than the watchdog's limit: a hidden page's silent worker must not count as dead.
    std::thread::sleep(Duration::from_secs(7));
    let hidden = visit.step()?;
    put("normal")?;
    visit.until("return !document.hidden;")?;
    visit.reach(hidden.max(before) + 50)?;
    assert_eq!(visit.ask("return window.__workers.length;")?, 1, "the worker was replaced");
    visit.is_content()
}
