//! A visit to the page, with helpers for all tests.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use xtask::e2e::Stage;
use xtask::server::{Server, Site};
use xtask::webdriver::{Options, Session};

/// How much longer than its target anything may take here. The targets themselves are measured by `cargo xtask budget`,
/// on a machine at rest; a test must not fail because the machine is busy.
pub(crate) const WIDE: u32 = 3;

/// For what happens in a second or two on a machine at rest.
pub(crate) const SOON: Duration = Duration::from_secs(40);

/// Runs before the page's own scripts: keeps what the root element said, and the page's workers.
const WATCH: &str = include_str!("watch.js");

/// A browser at the page, and the server that it came from.
pub(crate) struct Visit {
    // First, so that the browser is closed before the server goes away.
    pub(crate) browser: Session,
    pub(crate) server: Server,
}

/// How a visit differs from the usual one.
pub(crate) struct Plan {
    pub(crate) site: Site,
    pub(crate) options: Options,
    pub(crate) scripts: Vec<&'static str>,
    stage: Stage,
}

impl Plan {
    pub(crate) fn new() -> Result<Self> {
        let stage = Stage::from_env()?;
        Ok(Self { site: stage.site(), options: Options::new(), scripts: vec![WATCH], stage })
    }

    /// Changes what is served.
    pub(crate) fn site(mut self, change: impl FnOnce(Site) -> Site) -> Self {
        self.site = change(self.site);
        self
    }

    /// Changes the browser.
    pub(crate) fn options(mut self, change: impl FnOnce(Options) -> Options) -> Self {
        self.options = change(self.options);
        self
    }

    /// Runs one more script before those of the page.
    pub(crate) fn script(mut self, script: &'static str) -> Self {
        self.scripts.push(script);
        self
    }

    /// A browser that has not gone to the page yet.
    pub(crate) fn prepare(self) -> Result<Visit> {
        let server = self.site.start()?;
        let browser = self.stage.browser(&self.options)?;
        for script in self.scripts {
            browser.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": script }))?;
        }
        Ok(Visit { browser, server })
    }

    /// A browser at the page with this hash (`#…` or nothing).
    pub(crate) fn open(self, hash: &str) -> Result<Visit> {
        let visit = self.prepare()?;
        visit.go(hash)?;
        Ok(visit)
    }
}

/// The page as everybody sees it, with this hash.
pub(crate) fn open(hash: &str) -> Result<Visit> {
    Plan::new()?.open(hash)
}

/// The page once it trains.
pub(crate) fn open_training(hash: &str) -> Result<Visit> {
    let visit = open(hash)?;
    visit.reach(1)?;
    Ok(visit)
}

impl Visit {
    /// Loads the page with this hash.
    pub(crate) fn go(&self, hash: &str) -> Result<()> {
        self.browser.goto(&format!("{}{hash}", self.server.address()))
    }

    /// Waits until a script returns something true.
    pub(crate) fn until(&self, script: &str) -> Result<Value> {
        self.browser.wait_until(script, SOON)
    }

    /// Runs a script now.
    pub(crate) fn ask(&self, script: &str) -> Result<Value> {
        self.browser.execute(script, &[])
    }

    /// An attribute of the root element, such as `data-state`.
    pub(crate) fn root(&self, name: &str) -> Result<String> {
        let value =
            self.browser.execute("return document.documentElement.getAttribute(arguments[0]);", &[json!(name)])?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until an attribute of the root element is this.
    pub(crate) fn root_is(&self, name: &str, value: &str) -> Result<()> {
        let said = json!(value);
        self.until(&format!("return document.documentElement.getAttribute('{name}') === {said};")).map(drop)
    }

    /// Steps done.
    pub(crate) fn step(&self) -> Result<u64> {
        let text = self.root("data-step")?;
        text.parse().with_context(|| format!("data-step is no number: {text:?}"))
    }

    /// Waits until this many steps are done.
    pub(crate) fn reach(&self, step: u64) -> Result<()> {
        self.until(&format!("return Number(document.documentElement.dataset.step) >= {step};")).map(drop)
    }

    /// Waits for so many further steps.
    pub(crate) fn go_on(&self, steps: u64) -> Result<()> {
        self.reach(self.step()? + steps)
    }

    /// Presses the button that has this name, as a person with a mouse would.
    pub(crate) fn press(&self, name: &str) -> Result<()> {
        self.mark(name)?;
        self.browser.click("[data-e2e]").with_context(|| format!("the button “{name}” cannot be pressed"))
    }

    /// Whether there is a button of this name that can be pressed.
    pub(crate) fn offers(&self, name: &str) -> Result<bool> {
        let found = self.ask(&format!("return window.__named({}).some((button) => !button.disabled);", json!(name)))?;
        Ok(found == json!(true))
    }

    fn mark(&self, name: &str) -> Result<()> {
        // A button may appear, or become pressable, a moment later.
        self.until(&format!(
            "document.querySelectorAll('[data-e2e]').forEach((old) => old.removeAttribute('data-e2e'));
             const button = window.__named({}).find((button) => !button.disabled);
             button?.setAttribute('data-e2e', '');
             return Boolean(button);",
            json!(name)
        ))
        .map(drop)
        .with_context(|| format!("there is no button “{name}”"))
    }

    /// Pauses, and returns the step and the digest of the parameters.
    pub(crate) fn pause(&self) -> Result<(u64, String)> {
        self.press("Pause")?;
        self.resting()
    }

    /// Waits until the run is paused; returns the step and the digest of the parameters.
    pub(crate) fn resting(&self) -> Result<(u64, String)> {
        self.until(
            "const root = document.documentElement.dataset;
             return root.state === 'paused' && root.paramDigest && root.step;",
        )?;
        Ok((self.step()?, self.digest()?))
    }

    /// The digest of the parameters; an error while they move.
    pub(crate) fn digest(&self) -> Result<String> {
        let digest = self.root("data-param-digest")?;
        ensure!(digest.len() == 16, "a digest has 16 digits, this is {digest:?}");
        Ok(digest)
    }

    /// Chooses an estimator by a click on its row.
    pub(crate) fn choose(&self, estimator: &str) -> Result<()> {
        // It may lie in the drawer.
        self.ask(&format!(
            "const drawer = document.querySelector('#estimators input[value=\"{estimator}\"]').closest('details');
             if (drawer) drawer.open = true;"
        ))?;
        self.browser.click(&format!("#estimators label:has(> input[value=\"{estimator}\"])"))
    }

    /// The estimators' ids, in the order of the list.
    pub(crate) fn estimators(&self) -> Result<Vec<String>> {
        let ids =
            self.ask("return [...document.querySelectorAll('#estimators input')].map((radio) => radio.value);")?;
        let ids = ids.as_array().context("no list of estimators")?;
        Ok(ids.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Chooses a radio button or check box by its label's text.
    pub(crate) fn tick(&self, label: &str) -> Result<()> {
        let found = self.ask(&format!(
            "const label = [...document.querySelectorAll('label')].find((label) => label.textContent.trim() === {});
             document.querySelectorAll('[data-e2e]').forEach((old) => old.removeAttribute('data-e2e'));
             label?.setAttribute('data-e2e', '');
             return Boolean(label);",
            json!(label)
        ))?;
        ensure!(found == json!(true), "there is no choice “{label}”");
        self.browser.click("[data-e2e]")
    }

    /// All notices, as text.
    pub(crate) fn notices(&self) -> Result<String> {
        let text = self.ask("return document.querySelector('.notices')?.innerText ?? '';")?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Waits for a notice that contains this, and returns all of them.
    pub(crate) fn noticed(&self, text: &str) -> Result<String> {
        self.noticed_within(text, SOON)
    }

    /// The same with another patience.
    pub(crate) fn noticed_within(&self, text: &str, patience: Duration) -> Result<String> {
        let script =
            format!("return document.querySelector('.notices')?.innerText.includes({}) ?? false;", json!(text));
        self.browser.wait_until(&script, patience)?;
        self.notices()
    }

    /// The part of the address that describes the run.
    pub(crate) fn hash(&self) -> Result<String> {
        Ok(self.ask("return location.hash;")?.as_str().unwrap_or_default().to_owned())
    }

    /// Breaks the worker in one of the ways that the protocol has for it.
    pub(crate) fn fault(&self, name: &str) -> Result<()> {
        self.ask(&format!("window.__workers.at(-1).postMessage(JSON.stringify({{ fault: '{name}' }}));")).map(drop)
    }

    /// Milliseconds from navigation to a mark of the page.
    pub(crate) fn mark_time(&self, name: &str, patience: Duration) -> Result<f64> {
        let script = format!("return performance.getEntriesByName('{name}')[0]?.startTime;");
        let time = self.browser.wait_until(&script, patience).with_context(|| format!("no mark {name}"))?;
        time.as_f64().with_context(|| format!("the mark {name} has no time"))
    }

    /// Nothing went wrong in the page, its workers or its requests.
    pub(crate) fn is_content(&self) -> Result<()> {
        let complaints = self.browser.complaints()?;
        ensure!(complaints.is_empty(), "the page complains: {complaints:?}");
        let failed: Vec<_> = self.server.requests().into_iter().filter(|request| request.status >= 400).collect();
        ensure!(failed.is_empty(), "requests failed: {failed:?}");
        Ok(())
    }

    /// It learns: steps are made, and it says so.
    pub(crate) fn trains(&self) -> Result<()> {
        self.root_is("data-state", "running")?;
        self.go_on(3)
    }
}

/// One of the four files of MNIST, packed or not, where `cargo xtask data` found it.
pub(crate) fn mnist_file(name: &str) -> Result<PathBuf> {
    let sources = xtask::mnist::sources::Sources::of(&xtask::project::Project::here());
    let names = [format!("{name}.gz"), name.to_owned()];
    let mut places = sources.folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
    match places.find(|place| place.is_file()) {
        Some(place) => Ok(place),
        None => bail!("this test needs MNIST, and {name} is in none of the usual folders; set MNIST_DIR"),
    }
}
