//! Networks, sizes and digits are chosen, numbers are typed.

use anyhow::Result;
use serde_json::json;

use crate::support::{Visit, open_training};

/// The line that says what is learned by what.
fn chip_says(visit: &Visit, text: &str) -> Result<()> {
    visit.until(&format!("return document.querySelector('.chip').textContent.includes({});", json!(text))).map(drop)
}

#[test]
fn presets_and_digits_begin_a_new_run() -> Result<()> {
    let visit = open_training("#seed=3")?;
    visit.browser.click("input[name=data]:not(:checked)")?;
    visit.root_is("data-dataset", "strokes")?;
    visit.trains()?;
    chip_says(&visit, "Stroke digits")?;
    visit.ask("document.querySelectorAll('input[name=preset]')[1].click();")?;
    chip_says(&visit, "200 gates × 1 unit")?;
    visit.trains()?;
    visit.until("return location.hash.includes('preset=paper-200') && location.hash.includes('data=strokes');")?;
    visit.is_content()
}

#[test]
fn typed_sizes_apply_together_and_go_back_to_the_presets() -> Result<()> {
    let visit = open_training("")?;
    visit.ask("document.querySelector('details.sizes').open = true;")?;
    let gates = visit.browser.find("#size-gates")?;
    visit.ask("document.querySelector('#size-gates').select();")?;
    gates.keys("32")?;
    visit.ask("document.querySelector('#size-units').select();")?;
    visit.browser.find("#size-units")?.keys("4")?;
    assert_eq!(gates.property("value")?, json!("32"), "what was typed stays in its field");
    visit.press("Restart with these")?;
    chip_says(&visit, "32 gates × 4 units")?;
    visit.trains()?;
    visit.press("as the preset has them")?;
    chip_says(&visit, "64 gates × 8 units")?;
    visit.trains()?;
    visit.is_content()
}

#[test]
fn sizes_out_of_range_are_refused_at_their_field() -> Result<()> {
    let visit = open_training("")?;
    visit
        .ask("document.querySelector('details.sizes').open = true; document.querySelector('#size-gates').select();")?;
    visit.browser.find("#size-gates")?.keys("0\t")?;
    visit.until("return document.querySelector('details.sizes [role=alert]')?.innerText.includes('gates');")?;
    assert!(!visit.offers("Restart with these")?);
    visit.trains()?;
    visit.is_content()
}

/// The page is shown anew whenever the run's state changes; somebody may be typing.
#[test]
fn what_is_half_typed_stays_while_the_run_goes_on() -> Result<()> {
    let visit = open_training("")?;
    visit.ask("document.querySelector('input.exact').select();")?;
    let field = visit.browser.find("input.exact")?;
    field.keys("0.0")?;
    visit.ask("document.querySelector('[data-testid=run]').click();")?;
    visit.resting()?;
    visit.ask("document.querySelector('[data-testid=run]').click();")?;
    visit.trains()?;
    field.keys("5\t")?;
    visit.until("return location.hash.includes(':lr:0.05');")?;
    visit.is_content()
}
