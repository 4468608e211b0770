//! Accessibility: screen reader, keyboard, phone, projector, dark theme, reduced motion, no storage.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::support::{Plan, Visit, open_training};

/// Roles that somebody acts on.
const CONTROLS: &str = "button radio slider link checkbox switch textbox combobox listbox tab spinbutton menuitem";

/// Opens whatever can be opened, so that everything is looked at.
fn unfold(visit: &Visit) -> Result<()> {
    visit.ask(
        "document.querySelectorAll('details').forEach((details) => (details.open = true));
         document.querySelectorAll('button[aria-expanded=false]').forEach((button) => button.click());",
    )?;
    visit.until("return !document.querySelector('button[aria-expanded=false]');").map(drop)
}

#[test]
fn every_control_has_a_name() -> Result<()> {
    let visit = open_training("")?;
    visit.reach(60)?;
    unfold(&visit)?;
    let tree = visit.browser.cdp("Accessibility.getFullAXTree", &json!({}))?;
    let nodes = tree["nodes"].as_array().context("no tree")?;
    let mut nameless = Vec::new();
    let mut controls = 0;
    for node in nodes.iter().filter(|node| node["ignored"] != json!(true)) {
        let role = node["role"]["value"].as_str().unwrap_or_default();
        if !CONTROLS.split(' ').any(|control| control == role) && role != "image" && role != "progressbar" {
            continue;
        }
        controls += 1;
        if node["name"]["value"].as_str().is_none_or(|name| name.trim().is_empty()) {
            nameless.push(format!("{role} {}", node["backendDOMNodeId"]));
        }
    }
    assert!(controls > 30, "only {controls} were found");
    assert_eq!(nameless, Vec::<String>::new());
    visit.is_content()
}

#[test]
fn every_picture_is_described_and_the_description_follows() -> Result<()> {
    let visit = open_training("")?;
    visit.reach(60)?;
    let silent = visit.ask(
        "return [...document.querySelectorAll('canvas, svg')]
             .filter((picture) => !picture.closest('[aria-hidden=true]'))
             .filter((picture) => !picture.getAttribute('role') || !picture.getAttribute('aria-label')?.trim())
             .map((picture) => picture.outerHTML.slice(0, 80));",
    )?;
    assert_eq!(silent, json!([]));
    let curves = "document.querySelector('.curves canvas[role=img]').getAttribute('aria-label')";
    let first = visit.until(&format!("return {curves}.includes('step') && {curves};"))?;
    visit.until(&format!("return {curves} !== {first};"))?;
    Ok(())
}

/// Presses and lets go of a key.
fn key(visit: &Visit, name: &str) -> Result<()> {
    let (code, number, text) = match name {
        "Tab" => ("Tab", 9, ""),
        "Escape" => ("Escape", 27, ""),
        "ArrowRight" => ("ArrowRight", 39, ""),
        " " => ("Space", 32, " "),
        other => (other, other.bytes().next().map_or(0, |byte| i32::from(byte.to_ascii_uppercase())), other),
    };
    let mut event = json!({ "type": "keyDown", "key": name, "code": code, "windowsVirtualKeyCode": number });
    if !text.is_empty() {
        event["text"] = json!(text);
    }
    visit.browser.cdp("Input.dispatchKeyEvent", &event)?;
    event["type"] = json!("keyUp");
    visit.browser.cdp("Input.dispatchKeyEvent", &event).map(drop)
}

/// A page that takes keys even though no window manager gives its window the focus.
fn at_the_keyboard(hash: &str) -> Result<Visit> {
    let visit = open_training(hash)?;
    visit.browser.cdp("Emulation.setFocusEmulationEnabled", &json!({ "enabled": true }))?;
    Ok(visit)
}

#[test]
fn tab_reaches_every_control_and_goes_on() -> Result<()> {
    let visit = at_the_keyboard("")?;
    let focus = "const element = document.activeElement;
        if (element === document.body) return null;
        const label = element.labels?.[0]?.textContent;
        return `${element.type ?? element.getAttribute('role') ?? element.localName}: ` +
            (element.getAttribute('aria-label') ?? label ?? element.textContent).trim();";
    let mut places: Vec<String> = Vec::new();
    for _ in 0..120 {
        key(&visit, "Tab")?;
        match visit.ask(focus)?.as_str() {
            // Out of the page at its end: into the browser's own controls.
            None if !places.is_empty() => break,
            // Run is renamed by nobody here, so the first place comes again only when all have been visited.
            Some(place) if places.first().is_some_and(|first| first == place) => break,
            Some(place) => places.push(place.to_owned()),
            None => {}
        }
    }
    let all = places.join("\n");
    let wanted = "Skip to the controls, Copy link, Help, Pause, Step, Replay, New seed, Speed, radio: Straight-through, \
        keep weights, range: Learning rate, More, Step to read, Evaluations as a table, Choose IDX files";
    for name in wanted.split(", ") {
        assert!(all.contains(name), "Tab does not reach {name}:\n{all}");
    }
    assert!(places.len() < 119, "Tab never came to an end:\n{all}");
    Ok(())
}

#[test]
fn keys_do_what_the_help_says() -> Result<()> {
    let visit = at_the_keyboard("#est=st&seed=7")?;
    key(&visit, " ")?;
    let (step, _) = visit.resting()?;
    key(&visit, "ArrowRight")?;
    visit.root_is("data-step", &(step + 1).to_string())?;
    visit.resting()?;

    key(&visit, "2")?;
    visit.until("return document.querySelector('#estimators input:checked').value !== 'st';")?;
    key(&visit, " ")?;
    visit.trains()?;

    let before = visit.ask("return window.__said.length;")?;
    key(&visit, "r")?;
    visit.until(&format!(
        "return window.__said.slice({before}).some(([name, value]) => name === 'data-state' && value === 'loading')
             || window.__said.slice({before}).some(([name, value]) => name === 'data-step' && Number(value) < {step});"
    ))?;
    visit.trains()?;
    assert!(visit.hash()?.contains("seed=7"));

    key(&visit, "n")?;
    visit.until("return !location.hash.includes('seed=7&');")?;
    visit.trains()?;

    key(&visit, "?")?;
    visit.until("return document.querySelector('dialog[open]');")?;
    key(&visit, "Escape")?;
    visit.until("return !document.querySelector('dialog[open]');")?;
    visit.is_content()
}

#[test]
fn keys_mean_nothing_while_somebody_types() -> Result<()> {
    let visit = at_the_keyboard("#est=st&seed=7")?;
    visit.trains()?;
    // The address names the whole run soon after its first step.
    visit.until("return location.hash.includes('preset=');")?;
    visit.browser.click("input.exact")?;
    let hash = visit.hash()?;
    for name in ["r", "n", "2", " ", "?", "ArrowRight"] {
        key(&visit, name)?;
    }
    let typed = visit.ask("return document.activeElement.value;")?;
    assert!(typed.as_str().is_some_and(|typed| typed.contains("rn2 ?")), "{typed}");
    visit.trains()?;
    assert_eq!(visit.root("data-estimator")?, "st");
    assert_eq!(visit.hash()?, hash);
    assert_eq!(visit.ask("return document.querySelector('dialog[open]');")?, Value::Null);
    Ok(())
}

#[test]
fn nothing_sticks_out_sideways_at_any_width() -> Result<()> {
    let visit = open_training("")?;
    visit.reach(60)?;
    unfold(&visit)?;
    let mut wide = Vec::new();
    for (width, height) in [(320, 640), (360, 740), (390, 844), (768, 1024), (1024, 768), (1280, 720), (1920, 1080)] {
        visit.browser.resize(width, height)?;
        // Two frames: one for the sizes, one for what is drawn into them.
        let measured = visit.browser.execute_async(
            "const done = arguments[arguments.length - 1];
             requestAnimationFrame(() => requestAnimationFrame(() => {
                 const root = document.documentElement;
                 const out = [...document.querySelectorAll('body *')]
                     .filter((element) => element.getBoundingClientRect().right > root.clientWidth + 1)
                     .slice(0, 3).map((element) => element.outerHTML.slice(0, 80));
                 done([root.scrollWidth, root.clientWidth, out]);
             }));",
            &[],
        )?;
        if measured[0].as_f64() > measured[1].as_f64() {
            wide.push(format!("at {width}: {measured}"));
        }
    }
    assert_eq!(wide, Vec::<String>::new());
    Ok(())
}

/// A control, or the label around it, is at least this wide and high, CSS pixels.
const LEAST: u32 = 24;

#[test]
fn every_target_is_large_enough_for_a_finger() -> Result<()> {
    let visit = open_training("")?;
    visit.reach(60)?;
    unfold(&visit)?;
    for (width, height) in [(390, 844), (1280, 720)] {
        visit.browser.resize(width, height)?;
        let small = visit.ask(&format!(
            "const own = (element) => element.closest('label') ?? element;
             return [...document.querySelectorAll('button, a[href], input, select, summary, [role=slider], [role=tab]')]
                 .filter((element) => element.checkVisibility())
                 // Not on the screen before the keyboard gets there.
                 .filter((element) => !element.matches('.skip'))
                 .map((element) => [own(element).getBoundingClientRect(), own(element)])
                 .filter(([box]) => box.width < {LEAST} || box.height < {LEAST})
                 .map(([box, element]) => `${{box.width.toFixed(1)}} × ${{box.height.toFixed(1)}}: ` +
                     element.outerHTML.slice(0, 100));"
        ))?;
        assert_eq!(small, json!([]), "at {width} pixels");
    }
    Ok(())
}

fn prefers(visit: &Visit, feature: &str, value: &str) -> Result<()> {
    let features = json!({ "features": [{ "name": feature, "value": value }] });
    visit.browser.cdp("Emulation.setEmulatedMedia", &features).map(drop)
}

#[test]
fn nothing_moves_by_itself_for_those_who_do_not_want_it() -> Result<()> {
    let visit = Plan::new()?.prepare()?;
    prefers(&visit, "prefers-reduced-motion", "reduce")?;
    visit.go("")?;
    visit.reach(60)?;
    let moving = "return document.getAnimations().filter((animation) => animation.playState === 'running')
        .map((animation) => animation.animationName ?? animation.transitionProperty);";
    assert_eq!(visit.ask(moving)?, json!([]));
    visit.press("Pause")?;
    assert_eq!(visit.ask(moving)?, json!([]));
    visit.choose("reinforce")?;
    assert_eq!(visit.ask(moving)?, json!([]));
    visit.is_content()
}

/// Lightness of the page's paper, 0 to 255.
fn paper(visit: &Visit) -> Result<f64> {
    let colour = visit.ask(
        "const canvas = new OffscreenCanvas(1, 1).getContext('2d');
         canvas.fillStyle = getComputedStyle(document.body).backgroundColor === 'rgba(0, 0, 0, 0)'
             ? getComputedStyle(document.documentElement).backgroundColor
             : getComputedStyle(document.body).backgroundColor;
         canvas.fillRect(0, 0, 1, 1);
         const [red, green, blue] = canvas.getImageData(0, 0, 1, 1).data;
         return (red + green + blue) / 3;",
    )?;
    colour.as_f64().context("no colour")
}

#[test]
fn colours_follow_the_system_and_the_switch_which_is_remembered() -> Result<()> {
    let visit = open_training("")?;
    prefers(&visit, "prefers-color-scheme", "light")?;
    let light = paper(&visit)?;
    prefers(&visit, "prefers-color-scheme", "dark")?;
    let dark = paper(&visit)?;
    ensure!(light > 200.0 && dark < 80.0, "light {light}, dark {dark}");

    prefers(&visit, "prefers-color-scheme", "light")?;
    visit.browser.reload()?;
    visit.reach(1)?;
    visit.press("Use dark colours")?;
    ensure!(paper(&visit)? < 80.0, "the switch does nothing");
    visit.browser.reload()?;
    visit.reach(1)?;
    ensure!(paper(&visit)? < 80.0, "the choice is forgotten");
    visit.press("Use light colours")?;
    ensure!(paper(&visit)? > 200.0, "there is no way back");
    visit.is_content()
}

/// As in browsers that block all cookies.
const NO_STORAGE: &str = "for (const name of ['localStorage', 'sessionStorage', 'indexedDB', 'caches']) {
    Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError'); } });
}";

#[test]
fn blocked_storage_costs_nothing_but_memory() -> Result<()> {
    let visit = Plan::new()?.script(NO_STORAGE).open("")?;
    visit.reach(20)?;
    visit.press("Use dark colours")?;
    visit.press("Help")?;
    visit.until("return document.querySelector('dialog[open]');")?;
    visit.press("Close")?;
    visit.trains()?;
    visit.is_content()
}

/// What happens is said, and not so often that nobody can listen.
#[test]
fn what_happens_is_said_once_in_ten_seconds() -> Result<()> {
    let visit = open_training("#est=st")?;
    visit.ask(
        "window.__spoken = [];
         new MutationObserver(() => window.__spoken.push([performance.now(), document.getElementById('announcer').textContent]))
             .observe(document.getElementById('announcer'), { childList: true, characterData: true, subtree: true });",
    )?;
    for estimator in ["reinforce", "sts", "st"] {
        visit.choose(estimator)?;
        visit.root_is("data-estimator", estimator)?;
    }
    visit.press("Pause")?;
    visit.until("return document.getElementById('announcer').textContent.includes('Paused at step');")?;
    let gaps = visit.ask(
        "return window.__spoken.slice(1).map(([time], place) => time - window.__spoken[place][0]).filter((gap) => gap < 9900);",
    )?;
    assert_eq!(gaps, json!([]));
    Ok(())
}
