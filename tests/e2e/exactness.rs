//! The same configuration gives the same run, bit for bit; a paused run does not change.

use std::time::Duration;

use anyhow::Result;

use crate::support::{open, open_training};

/// A run that pauses by itself: the step and the digest at which it does.
fn run_to_its_end(hash: &str) -> Result<(u64, String)> {
    let visit = open(hash)?;
    let end = visit.resting()?;
    visit.is_content()?;
    Ok(end)
}

#[test]
fn a_paused_run_stands_still_and_a_step_is_one_step() -> Result<()> {
    let visit = open_training("")?;
    let (step, digest) = visit.pause()?;
    // Nothing is waited for here but time: what must not happen sends no event.
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!((visit.step()?, visit.digest()?), (step, digest.clone()));

    let mut digests = vec![digest];
    for n in 1..=3 {
        visit.press("Step")?;
        visit.root_is("data-step", &(step + n).to_string())?;
        let (_, now) = visit.resting()?;
        assert!(!digests.contains(&now), "step {} changed nothing", step + n);
        digests.push(now);
    }
    assert_eq!(visit.step()?, step + 3);

    visit.press("Run")?;
    visit.trains()?;
    assert_eq!(visit.root("data-param-digest")?, "", "parameters that move have no digest");
    visit.is_content()
}

#[test]
fn an_address_gives_the_same_bits_in_every_browser_and_a_seed_its_own() -> Result<()> {
    let first = run_to_its_end("#est=reinforce&seed=7&pause=200")?;
    assert_eq!(first.0, 200);
    assert_eq!(run_to_its_end("#est=reinforce&seed=7&pause=200")?, first);
    assert_ne!(run_to_its_end("#est=reinforce&seed=8&pause=200")?, first);
    Ok(())
}

#[test]
fn a_replay_repeats_the_run() -> Result<()> {
    let visit = open("#est=st&seed=7&pause=200")?;
    let first = visit.resting()?;
    let before = visit.ask("return window.__said.length;")?;
    visit.press("Replay seed 7")?;
    visit.until(&format!(
        "return window.__said.slice({before}).some(([name, value]) => name === 'data-state' && value === 'paused');"
    ))?;
    assert_eq!(visit.resting()?, first);
    visit.is_content()
}

#[test]
fn changes_in_an_address_happen_again_at_their_steps() -> Result<()> {
    const HASH: &str = "#est=st&seed=5&at=40:est:reinforce&at=80:lr:0.05&at=120:lr:&pause=160";
    let first = run_to_its_end(HASH)?;
    assert_eq!(first.0, 160);
    assert_eq!(run_to_its_end(HASH)?, first);
    assert_ne!(run_to_its_end("#est=st&seed=5&pause=160")?, first);
    Ok(())
}

/// Steered by hand, then repeated from the address that came of it.
#[test]
fn what_was_steered_by_hand_can_be_repeated_from_its_address() -> Result<()> {
    let visit = open_training("#est=st&seed=9")?;
    visit.choose("reinforce")?;
    visit.root_is("data-estimator", "reinforce")?;
    visit.trains()?;
    let (step, digest) = visit.pause()?;
    visit.until("return location.hash.includes(':est:reinforce');")?;
    let hash = visit.hash()?;
    assert_eq!(run_to_its_end(&format!("{hash}&pause={step}"))?, (step, digest));
    visit.is_content()
}

/// Relaxed kernels are chosen by the user and stored on the machine; a run that used them is marked as not exact.
#[test]
fn relaxed_kernels_are_a_choice_that_is_kept_and_shown() -> Result<()> {
    const SAYS: &str = "return document.querySelector('.meter').innerText.includes('only approximately');";
    const RELAXED: &str = "return window.__named('relaxed')[0]?.getAttribute('aria-pressed') === 'true';";
    let visit = open_training("#est=st&seed=7")?;
    visit.until("return window.__named('strict')[0]?.getAttribute('aria-pressed') === 'true';")?;
    assert_eq!(visit.ask(SAYS)?, false, "strict unless asked otherwise");
    visit.press("relaxed")?;
    visit.until(RELAXED)?;
    visit.until(SAYS)?;

    visit.browser.goto("about:blank")?;
    visit.go("#est=st&seed=7")?;
    visit.until(RELAXED)?;
    visit.press("strict")?;
    visit.press("New seed")?;
    visit.until("return !document.querySelector('.meter').innerText.includes('only approximately');")?;
    visit.trains()?;
    visit.is_content()
}
