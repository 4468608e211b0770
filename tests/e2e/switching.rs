//! Estimators are switched during training.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use crate::support::{Visit, open_training};

/// Waits until the run learns by an estimator; returns the step at which the address says that this began.
fn learns_by(visit: &Visit, estimator: &str) -> Result<u64> {
    visit.root_is("data-estimator", estimator)?;
    visit.trains()?;
    let mark = format!(":est:{estimator}");
    visit.until(&format!("return location.hash.split('&').some((part) => part.endsWith({}));", json!(mark)))?;
    let hash = visit.hash()?;
    let change = hash.split('&').rfind(|part| part.starts_with("at=") && part.ends_with(&mark));
    let step = change.and_then(|change| change.strip_prefix("at=")?.strip_suffix(&mark)?.parse().ok());
    step.with_context(|| format!("the address {hash} has no step for {estimator}"))
}

/// What the picture of the training loss says, once it is about this step or a later one.
fn loss(visit: &Visit, step: u64) -> Result<String> {
    visit.browser.click("#curves-tab-1")?;
    let summary = visit.until(&format!(
        "const text = document.querySelector('.curves canvas[role=img]').getAttribute('aria-label');
         const step = text.match(/at step ([\\d,]+)/)?.[1].replaceAll(',', '');
         return text.startsWith('Training loss') && Number(step) >= {step} && text;"
    ))?;
    Ok(summary.as_str().unwrap_or_default().to_owned())
}

#[test]
fn every_estimator_takes_over_in_the_middle_of_a_run() -> Result<()> {
    let visit = open_training("#est=st&seed=3")?;
    let all = visit.estimators()?;
    assert!(all.len() >= 9, "{all:?}");
    let mut last = 0;
    // Away from the first one and back to it at the end.
    for estimator in all.iter().skip(1).chain(all.first()) {
        visit.choose(estimator)?;
        let step = learns_by(&visit, estimator)?;
        assert!(step > last, "{estimator} began at step {step}, the one before at step {last}");
        assert!(visit.step()? > step);
        assert_eq!(visit.root("data-state")?, "running", "{estimator}: {}", visit.notices()?);
        last = step;
    }
    let summary = loss(&visit, last)?;
    let value: f64 =
        summary.split(": ").last().and_then(|rest| rest.split(' ').next()?.parse().ok()).unwrap_or(f64::NAN);
    assert!(value.is_finite(), "{summary}");
    assert_eq!(visit.notices()?, "");
    visit.is_content()
}

/// Names of the runs in the legend, newest first.
fn legend(visit: &Visit, count: usize) -> Result<Vec<String>> {
    let rows = visit.until(&format!(
        "const rows = [...document.querySelectorAll('.curves .runs .run')].map((row) => row.innerText.trim());
         return rows.length === {count} && rows;"
    ))?;
    Ok(rows.as_array().into_iter().flatten().filter_map(|row| row.as_str().map(str::to_owned)).collect())
}

#[test]
fn a_switch_is_marked_in_the_run_that_goes_on() -> Result<()> {
    let visit = open_training("#est=st&seed=3")?;
    visit.choose("reinforce")?;
    learns_by(&visit, "reinforce")?;
    visit.until("return document.querySelector('.curves .runs .run').innerText.includes('→');")?;
    let rows = legend(&visit, 1)?;
    assert!(rows[0].starts_with("Straight-through → REINFORCE"), "{rows:?}");
    visit.is_content()
}

#[test]
fn a_fork_keeps_the_curve_that_it_leaves() -> Result<()> {
    let visit = open_training("#est=st&seed=3")?;
    visit.reach(60)?;
    visit.tick("fork")?;
    visit.choose("reinforce")?;
    let step = learns_by(&visit, "reinforce")?;
    assert!(step >= 60, "a fork goes on from where it is, not from step {step}");
    let rows = legend(&visit, 2)?;
    assert!(rows[0].contains("from step"), "{rows:?}");
    visit.is_content()
}

#[test]
fn a_restart_begins_at_step_0_with_the_same_seed() -> Result<()> {
    let visit = open_training("#est=st&seed=3")?;
    visit.reach(60)?;
    visit.tick("restart")?;
    let before = visit.ask("return window.__said.length;")?;
    visit.choose("reinforce")?;
    visit.root_is("data-estimator", "reinforce")?;
    visit.trains()?;
    let restarted = visit.ask(&format!(
        "return window.__said.slice({before}).some(([name, value]) => name === 'data-step' && Number(value) < 60);"
    ))?;
    assert_eq!(restarted, json!(true));
    visit.until("return location.hash.includes('est=reinforce');")?;
    let hash = visit.hash()?;
    ensure!(hash.contains("seed=3") && !hash.contains("at="), "{hash}");
    legend(&visit, 2)?;
    visit.is_content()
}
