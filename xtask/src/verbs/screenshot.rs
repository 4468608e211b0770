//! `cargo xtask screenshot`: the pictures in `docs/`, of a run that is the same on every machine.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use crate::e2e::Stage;
use crate::progress::Progress;
use crate::project::Project;
use crate::tools::Toolbox;
use crate::webdriver::{Options, Session};
use crate::{browser, bundle};

/// Limit in bytes. Larger pictures are taken again with fewer pixels, so that the README loads fast.
const LARGEST: usize = 600_000;
/// Pixels per CSS pixel, the finest first.
const SCALES: [f64; 4] = [2.0, 1.5, 1.25, 1.0];
/// Where the run begins, and how far it learns before and after the branch.
const RUN: &str = "#est=reinforce&seed=7";
const BRANCH: u64 = 900;
const END: u64 = 2600;

/// Takes them.
pub fn run() -> Result<()> {
    let (project, progress) = (Project::here(), Progress::new());
    let tools = Toolbox::ready(&project, &progress)?;
    let chromedriver = browser::chromedriver(&tools.shell, &progress)?;
    let stage = Stage::new(bundle::make(&project, &tools, &progress)?, chromedriver);
    let docs = project.root().join("docs");
    std::fs::create_dir_all(&docs).with_context(|| format!("cannot make the folder {}", docs.display()))?;

    let server = stage.site().start()?;
    let session = stage.browser(&Options::new().size(1440, 900))?;
    // As on a phone or in a full screen.
    session.cdp("Emulation.setScrollbarsHidden", &json!({ "hidden": true }))?;
    session.goto(&format!("{}{RUN}", server.address()))?;
    progress.step("Learn", || learn(&session))?;
    let mut pictures = Vec::new();
    let mut take = |name: &str, width, height| -> Result<()> {
        let (picture, scale) = picture(&session, width, height)?;
        write(&docs.join(name), &picture)?;
        pictures.push(format!("docs/{name}  {width}×{height} ×{scale}  {} kB", picture.len() / 1000));
        Ok(())
    };
    take("play.png", 1440, 900)?;
    colours(&session, "dark")?;
    take("play-dark.png", 1440, 900)?;
    colours(&session, "light")?;
    take("play-phone.png", 390, 844)?;
    take("play-projector.png", 1280, 720)?;
    progress.step("Measure gradients in the laboratory", || laboratory(&session))?;
    take("laboratory.png", 1440, 900)?;
    colours(&session, "dark")?;
    take("laboratory-dark.png", 1440, 900)?;
    colours(&session, "light")?;
    session.execute("document.querySelector('.one-gate').scrollIntoView();", &[])?;
    take("one-gate.png", 1440, 900)?;
    take("one-gate-phone.png", 390, 844)?;
    for line in pictures {
        progress.say(&line);
    }
    Ok(())
}

/// Trains with REINFORCE, then continues on a branch with straight-through.
fn learn(session: &Session) -> Result<()> {
    const PATIENCE: Duration = Duration::from_mins(3);
    let reach = |step| format!("return Number(document.documentElement.dataset.step) >= {step};");
    session.wait_until(&reach(BRANCH), PATIENCE)?;
    session.execute(
        "const modes = [...document.querySelectorAll('input[name=on-switch]')];
         modes.find((mode) => mode.parentElement.textContent.trim() === 'fork').click();",
        &[],
    )?;
    // The choice must have arrived before the estimator is chosen.
    session.wait_until(
        "return document.querySelector('input[name=on-switch]:checked').parentElement.textContent.includes('fork');",
        PATIENCE,
    )?;
    session.execute("document.querySelector('#estimators input[value=st]').click();", &[])?;
    session.wait_until("return document.querySelectorAll('.curves .runs .run').length === 2;", PATIENCE)?;
    session.wait_until(&reach(END), PATIENCE)?;
    Ok(())
}

/// Until the numbers have settled.
fn laboratory(session: &Session) -> Result<()> {
    session.execute(
        "[...document.querySelectorAll('button, a, label')].find((e) => e.innerText.trim() === 'Laboratory').click();",
        &[],
    )?;
    let samples = "return Number(document.querySelector('.microscope')?.dataset.samples) >= 400;";
    session.wait_until(samples, Duration::from_mins(3)).map(drop)
}

fn colours(session: &Session, scheme: &str) -> Result<()> {
    let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
    session.cdp("Emulation.setEmulatedMedia", &media).map(drop)
}

/// A picture of the page at this size, with as many pixels as keep it small enough, and how many those are.
fn picture(session: &Session, width: u32, height: u32) -> Result<(Vec<u8>, f64)> {
    for scale in SCALES {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": scale, "mobile": false });
        session.cdp("Emulation.setDeviceMetricsOverride", &metrics)?;
        // Sizes, then drawings, then those counters that are read a few times a second.
        session.execute_async("setTimeout(() => requestAnimationFrame(arguments[0]), 1500);", &[])?;
        let picture = session.screenshot()?;
        if picture.len() < LARGEST {
            return Ok((picture, scale));
        }
    }
    bail!("the picture of {width}×{height} is larger than {LARGEST} bytes at any scale")
}

fn write(path: &Path, picture: &[u8]) -> Result<()> {
    std::fs::write(path, picture).with_context(|| format!("cannot write {}", path.display()))
}
