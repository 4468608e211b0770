//! The list of estimators: search, drawer, explained symbols in formulas, and the reason why an estimator cannot be
//! chosen.

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::support::{Visit, open_training};

/// What is on the screen of the list, by id.
fn listed(visit: &Visit) -> Result<Vec<String>> {
    let ids = visit.ask(
        "return [...document.querySelectorAll('#estimators input')]
             .filter((radio) => radio.checkVisibility()).map((radio) => radio.value);",
    )?;
    Ok(ids.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
}

/// Types into the search field.
fn search(visit: &Visit, text: &str) -> Result<()> {
    visit.ask(&format!(
        "const field = document.getElementById('estimator-search');
         field.value = {};
         field.dispatchEvent(new InputEvent('input', {{ bubbles: true }}));",
        json!(text)
    ))?;
    // The list is drawn anew after the event.
    visit.browser.execute_async("requestAnimationFrame(() => requestAnimationFrame(arguments[0]));", &[]).map(drop)
}

/// A key, pressed on what has the focus.
fn press(visit: &Visit, key: &str) -> Result<()> {
    visit
        .ask(&format!(
            "document.activeElement.dispatchEvent(
                 new KeyboardEvent('keydown', {{ key: {}, bubbles: true, cancelable: true }}));",
            json!(key)
        ))
        .map(drop)
}

#[test]
fn a_search_never_hides_the_chosen_estimator() -> Result<()> {
    let visit = open_training("#est=st&seed=3")?;
    press(&visit, "/")?;
    visit.until("return document.activeElement.id === 'estimator-search';")?;
    assert_eq!(visit.ask("return document.activeElement.value;")?, json!(""), "the key itself is not searched for");

    search(&visit, "baseline mean")?;
    let found = listed(&visit)?;
    ensure!(found.contains(&"reinforce-mean".to_owned()) && found.contains(&"st".to_owned()), "{found:?}");
    ensure!(!found.contains(&"sigmoid".to_owned()), "{found:?}");
    press(&visit, "Enter")?;
    visit.root_is("data-estimator", "reinforce-mean")?;

    search(&visit, "no estimator is called so")?;
    assert_eq!(listed(&visit)?, ["reinforce-mean"]);
    press(&visit, "Escape")?;
    visit.until("return document.getElementById('estimator-search').value === '';")?;
    ensure!(listed(&visit)?.len() > 8);
    visit.is_content()
}

#[test]
fn the_drawer_opens_for_a_chosen_estimator_and_names_it_when_closed() -> Result<()> {
    let visit = open_training("#est=st&seed=3")?;
    let shut = listed(&visit)?;
    let hidden = visit.estimators()?.into_iter().find(|id| !shut.contains(id));
    let Some(hidden) = hidden else { return visit.is_content() };
    assert_eq!(
        visit.ask("return Number(document.querySelector('.drawer summary small').textContent);")?,
        json!(visit.estimators()?.len() - shut.len())
    );
    // By a link, without touching the drawer.
    visit.ask(&format!("location.hash = '#est={hidden}&seed=3';"))?;
    visit.root_is("data-estimator", &hidden)?;
    visit.until("return document.querySelector('.drawer').open;")?;
    visit.until(
        "const row = document.querySelector('#estimators input:checked').getBoundingClientRect();
         const list = document.getElementById('estimators').getBoundingClientRect();
         return row.top >= list.top && row.bottom <= list.bottom;",
    )?;
    visit.browser.click(".drawer > summary")?;
    visit.until("return document.querySelector('.drawer-chosen')?.textContent;")?;
    visit.is_content()
}

#[test]
fn formulas_are_mathml_for_every_estimator() -> Result<()> {
    let visit = open_training("#est=st&seed=3")?;
    for estimator in ["st", "reinforce-optimal", "noisy-rectifier"] {
        visit.choose(estimator)?;
        visit.root_is("data-estimator", estimator)?;
        let wrong = visit.ask(
            "const rows = [...document.querySelectorAll('.formulas dd')];
             const math = 'http://www.w3.org/1998/Math/MathML';
             return rows.length !== 3 || rows.some((row) => row.querySelector('code, merror')
                 || [...row.querySelectorAll('math, math *')].some((element) => element.namespaceURI !== math)
                 || !row.querySelector('math'));",
        )?;
        assert_eq!(wrong, json!(false), "{estimator}");
    }
    visit.is_content()
}

#[test]
fn a_symbol_shows_its_value_and_the_layout_stays() -> Result<()> {
    let visit = open_training("#est=noisy-rectifier&seed=3")?;
    let place = "const box = document.querySelector('.gates').getBoundingClientRect(); return [box.top, box.height];";
    let before = visit.ask(place)?;
    let tip = "const tip = document.getElementById('symbol-tip'); return tip.hidden ? '' : tip.innerText;";
    assert_eq!(visit.ask(tip)?, json!(""));

    visit.ask(
        "document.querySelector('[data-symbol=\"σ\"]').dispatchEvent(new PointerEvent('pointerover', { bubbles: true }));",
    )?;
    visit
        .until(&format!("const text = (() => {{ {tip} }})(); return text.includes('Noise') && text.includes('1');"))?;
    assert_eq!(visit.ask(place)?, before);

    // The knob is turned while the tip is open.
    visit.ask(
        "const field = [...document.querySelectorAll('.knobs .exact')]
             .find((field) => field.getAttribute('aria-label').startsWith('Noise,'));
         field.value = '2.5';
         field.dispatchEvent(new InputEvent('input', { bubbles: true }));
         field.dispatchEvent(new Event('change', { bubbles: true }));",
    )?;
    visit.until(&format!("return (() => {{ {tip} }})().includes('2.5');"))?;

    visit.ask("document.querySelector('.formula-area').dispatchEvent(new PointerEvent('pointerleave'));")?;
    visit.until(&format!("return (() => {{ {tip} }})() === '';"))?;

    // And by keyboard.
    visit.ask("document.querySelector('[data-symbol=\"σ\"][tabindex]').focus();")?;
    visit.until(&format!("return (() => {{ {tip} }})().includes('Noise');"))?;
    press(&visit, "Escape")?;
    visit.until(&format!("return (() => {{ {tip} }})() === '';"))?;
    visit.is_content()
}

#[test]
fn estimators_that_need_a_gradient_are_disabled_with_a_reward() -> Result<()> {
    let visit = open_training("#est=st&seed=3")?;
    let reward = "document.querySelector('.gater-loss input[value=reward]')";
    assert_eq!(visit.ask(&format!("return {reward}.disabled;"))?, json!(true));
    let why = visit.ask("return document.getElementById('gater-loss-why').textContent;")?;
    ensure!(why.as_str().is_some_and(|why| why.contains("Straight-through needs the slope")), "{why}");

    visit.choose("reinforce")?;
    visit.root_is("data-estimator", "reinforce")?;
    visit.until(&format!("return !{reward}.disabled;"))?;
    visit.browser.click(".gater-loss label:has(> input[value=reward])")?;
    let st = "document.querySelector('#estimators input[value=st]')";
    visit.until(&format!("return {st}.disabled && {st}.getAttribute('aria-description').includes('slope');"))?;
    assert_eq!(
        visit.ask("return document.querySelector('#estimators input[value=reinforce]').disabled;")?,
        json!(false)
    );
    visit.trains()?;

    visit.browser.click(".gater-loss label:has(> input[value=cross-entropy])")?;
    visit.until(&format!("return !{st}.disabled;"))?;
    visit.is_content()
}
