//! The laboratory: its worker runs while it is shown, and its numbers agree with theory.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::support::{Visit, open_training};

/// A run that has learned a little, and the laboratory beside it.
fn open_lab(hash: &str, steps: u64) -> Result<Visit> {
    let visit = open_training(hash)?;
    visit.reach(steps)?;
    visit.press("Laboratory")?;
    visit.until("return document.querySelector('#laboratory');")?;
    Ok(visit)
}

/// An attribute of an estimator's row under the microscope.
fn row(visit: &Visit, estimator: &str, attribute: &str) -> Result<Value> {
    visit.ask(&format!(
        "return document.querySelector('.microscope tr[data-estimator=\"{estimator}\"]').getAttribute('{attribute}');"
    ))
}

/// Moves a slider, or types into its field, as a person does.
fn set(visit: &Visit, id: &str, value: &str) -> Result<()> {
    visit.ask(&format!(
        "const field = document.getElementById('{id}-exact');
         field.value = '{value}';
         field.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    ))?;
    visit.until(&format!("return document.getElementById('{id}-exact').value === '{value}';")).map(drop)
}

#[test]
fn an_unbiased_estimator_is_distinguished_from_a_biased_one() -> Result<()> {
    let visit = open_lab("#est=st&seed=3", 300)?;
    visit.until("return document.querySelectorAll('.microscope tbody tr').length >= 5;")?;
    let samples = "return Number(document.querySelector('.microscope').dataset.samples);";
    let first = visit.until(samples)?;
    visit.until(&format!("return Number(document.querySelector('.microscope').dataset.samples) > {first};"))?;
    // By then the bias of straight-through stands out of its error by far.
    visit.until(
        "return document.querySelector('.microscope tr[data-estimator=st-sigmoid]').dataset.unbiased === 'false';",
    )?;
    visit.until("return Number(document.querySelector('.microscope').dataset.samples) >= 600;")?;
    // An error bar covers in nineteen of twenty cases; the numbers move while one looks, so one look in a while is
    // enough.
    visit.until(
        "return document.querySelector('.microscope tr[data-estimator=reinforce]').dataset.unbiased === 'true';",
    )?;
    assert_eq!(row(&visit, "st-sigmoid", "data-unbiased")?, json!("false"));
    visit.trains()?;
    assert!(visit.hash()?.contains("view=lab"), "{}", visit.hash()?);
    visit.is_content()
}

#[test]
fn looking_again_makes_another_moment_of_the_history() -> Result<()> {
    let visit = open_lab("#est=st&seed=3", 60)?;
    visit.until("return document.querySelector('.microscope').dataset.moments === '1';")?;
    visit.go_on(50)?;
    visit.press("Look now")?;
    visit.until("return document.querySelector('.microscope').dataset.moments === '2';")?;
    visit.until("return document.querySelectorAll('.lab-picture polyline.line').length >= 5;")?;
    visit.browser.click(".microscope tr[data-estimator=\"reinforce\"] .who")?;
    visit.until(
        "return document.querySelector('.scatter').getAttribute('aria-label').startsWith('REINFORCE:')
             && Number(document.querySelector('.scatter').closest('[data-points]').dataset.points) > 500;",
    )?;
    visit.browser.click(".microscope .of-noise .sort")?;
    visit
        .until("return document.querySelector('.microscope th.of-noise').getAttribute('aria-sort') === 'ascending';")?;
    visit.is_content()
}

/// Mean and variance of a rule on the gate, as the table has them exactly.
fn moments(visit: &Visit, estimator: &str) -> Result<(f64, f64)> {
    let cells = visit.until(&format!(
        "const row = document.querySelector('.one-gate tr[data-estimator=\"{estimator}\"]');
         return row.dataset.variance !== undefined && [Number(row.dataset.mean), Number(row.dataset.variance)];"
    ))?;
    let number = |k: usize| cells[k].as_f64().context("no number");
    Ok((number(0)?, number(1)?))
}

/// Closed forms for (b − t)² at t = 0.499, p = 0.5.
#[test]
fn one_gate_has_the_moments_of_theory() -> Result<()> {
    let visit = open_lab("#est=st&seed=3", 1)?;
    set(&visit, "gate-t", "0.499")?;
    set(&visit, "gate-p", "0.5")?;
    visit.until("return Math.abs(Number(document.querySelector('.truth').dataset.gradient) - 5e-4) < 1e-12;")?;
    let wanted = [("reinforce", 1.5625e-2), ("reinforce-mean", 0.0), ("st-sigmoid", 6.25e-2), ("rloo", 2.5e-7)];
    for (estimator, variance) in wanted {
        let there = visit
            .ask(&format!("return document.querySelector('.one-gate tr[data-estimator=\"{estimator}\"]') !== null;"))?;
        if there == json!(true) {
            let (mean, found) = moments(&visit, estimator)?;
            ensure!((mean - 5e-4).abs() < 1e-9, "{estimator}: mean {mean}");
            ensure!((found - variance).abs() < 1e-6 + 1e-3 * variance, "{estimator}: variance {found}, not {variance}");
        }
    }
    let shown = visit.ask("return document.querySelector('.one-gate tr[data-estimator=reinforce]').innerText;")?;
    assert!(shown.as_str().is_some_and(|text| text.contains("1.5625e−2")), "{shown}");
    visit.is_content()
}

#[test]
fn straight_through_stands_still_at_the_target() -> Result<()> {
    let visit = open_lab("#est=st&seed=3", 1)?;
    let start =
        "const button = [...document.querySelectorAll('.gate-learning button')].find((b) => b.innerText === 'Start');
         button?.click();
         return Boolean(button);";
    visit.until(start)?;
    visit.until("return document.querySelector('.gate-learning').dataset.over === 'true';")?;
    let p = visit.ask("return Number(document.querySelector('.gate-learning').dataset.p);")?;
    ensure!(p.as_f64().is_some_and(|p| (p - 0.45).abs() < 0.03), "it stopped at {p}");
    let words = visit.ask("return document.querySelector('.gate-learning > .explain').innerText;")?;
    assert!(words.as_str().is_some_and(|words| words.contains("stands still at p = t")), "{words}");
    visit.is_content()
}

#[test]
fn leaving_stops_the_laboratorys_worker_and_nothing_else() -> Result<()> {
    let visit = open_training("#est=st&seed=3")?;
    visit.ask(
        "window.__ended = 0;
         const end = Worker.prototype.terminate;
         Worker.prototype.terminate = function () { window.__ended += 1; return end.call(this); };",
    )?;
    assert_eq!(visit.ask("return window.__workers.length;")?, json!(1));
    visit.press("Laboratory")?;
    visit.until("return document.querySelectorAll('.microscope tbody tr').length > 0;")?;
    assert_eq!(visit.ask("return [window.__workers.length, window.__ended];")?, json!([2, 0]));
    // The pictures of the other view request nothing.
    assert_eq!(visit.ask("return document.querySelector('.board').checkVisibility();")?, json!(false));
    visit.press("Train")?;
    visit.until("return !document.querySelector('#laboratory');")?;
    assert_eq!(visit.ask("return window.__ended;")?, json!(1));
    visit.until("return !location.hash.includes('view');")?;
    visit.trains()?;
    visit.press("Laboratory")?;
    visit.until("return document.querySelectorAll('.microscope tbody tr').length > 0;")?;
    assert_eq!(visit.ask("return window.__workers.length;")?, json!(3));
    visit.is_content()
}

#[test]
fn a_link_opens_the_laboratory() -> Result<()> {
    let visit = open_training("#est=st&seed=3&view=lab")?;
    visit.until("return document.querySelectorAll('.microscope tbody tr').length > 0;")?;
    assert_eq!(visit.notices()?, "");
    let silent = visit.ask(
        "return [...document.querySelectorAll('canvas, svg')]
             .filter((picture) => picture.checkVisibility() && !picture.closest('[aria-hidden=true]'))
             .filter((picture) => !picture.getAttribute('role') || !picture.getAttribute('aria-label')?.trim())
             .map((picture) => picture.outerHTML.slice(0, 80));",
    )?;
    assert_eq!(silent, json!([]));
    for (width, height) in [(320, 640), (390, 844), (768, 1024), (1280, 720), (1920, 1080)] {
        visit.browser.resize(width, height)?;
        let wide = visit.browser.execute_async(
            "const done = arguments[arguments.length - 1];
             requestAnimationFrame(() => requestAnimationFrame(() => {
                 const root = document.documentElement;
                 done(root.scrollWidth > root.clientWidth && [...document.querySelectorAll('#laboratory *')]
                     .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
                     .slice(0, 3).map((element) => element.outerHTML.slice(0, 120)));
             }));",
            &[],
        )?;
        assert_eq!(wide, json!(false), "at {width}");
    }
    visit.is_content()
}
