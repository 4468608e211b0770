//! A browser session.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use super::{Driver, Element, Options, base64};
use crate::scratch::Scratch;

/// Runs in every document before its own scripts, so that every failure of the page or of its workers is recorded. The
/// browser's log holds uncaught errors of the page, but nothing about a worker that could not be started.
const WATCH: &str = include_str!("watch.js");

/// An entry of one of the browser's logs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogEntry {
    /// `SEVERE`, `WARNING`, `INFO`, `DEBUG`
    pub level: String,
    /// What it says.
    pub message: String,
}

/// One headless Chromium with a profile of its own; closed when dropped.
#[derive(Debug)]
pub struct Session {
    driver: Driver,
    id: String,
    // Removed after the browser was closed: fields are dropped after `Session::drop` has run.
    _profile: Scratch,
}

impl Session {
    pub(super) fn open(driver: Driver, options: &Options) -> Result<Self> {
        let profile = Scratch::new("chromium")?;
        let created = driver
            .command("POST", "/session", &options.capabilities(profile.path()))
            .context("Chromium could not be started")?;
        let id = created["sessionId"].as_str().context("chromedriver opened no session")?.to_owned();
        let session = Self { driver, id, _profile: profile };
        session.command("POST", "timeouts", &json!({ "script": 120_000, "pageLoad": 60_000, "implicit": 0 }))?;
        let (width, height) = options.viewport();
        session.resize(width, height)?;
        session.cdp("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": WATCH }))?;
        Ok(session)
    }

    /// Goes to an address and waits for its `load` event.
    pub fn goto(&self, address: &str) -> Result<()> {
        self.command("POST", "url", &json!({ "url": address }))
            .map(drop)
            .with_context(|| format!("cannot go to {address}"))
    }

    /// Loads the page again.
    pub fn reload(&self) -> Result<()> {
        self.command("POST", "refresh", &json!({})).map(drop)
    }

    /// Gives the page this size in CSS pixels. The size of the window would include what the browser adds to it.
    pub fn resize(&self, width: u32, height: u32) -> Result<()> {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 0, "mobile": false });
        self.cdp("Emulation.setDeviceMetricsOverride", &metrics).map(drop)
    }

    /// Runs the body of a function in the page, with `arguments`, and returns what it returns. Promises are awaited.
    pub fn execute(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.command("POST", "execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// The same for a script that calls its last argument when it is done.
    pub fn execute_async(&self, script: &str, arguments: &[Value]) -> Result<Value> {
        self.command("POST", "execute/async", &json!({ "script": script, "args": arguments }))
    }

    /// Runs a script again and again until it returns something true, and returns that. A script that throws counts as
    /// not yet true: while a page is built, what it asks for may be missing.
    pub fn wait_until(&self, script: &str, patience: Duration) -> Result<Value> {
        let begin = Instant::now();
        loop {
            let last = self.execute(script, &[]);
            if last.as_ref().is_ok_and(is_true) {
                return last;
            }
            if begin.elapsed() >= patience {
                let last = last.map_or_else(|error| format!("{error:#}"), |value| value.to_string());
                let complaints = self.complaints().unwrap_or_default().join("\n  ");
                bail!(
                    "not true within {patience:?}: {script}\nit last gave: {last}\nthe page complains:\n  {complaints}"
                );
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// The first element that matches a CSS selector.
    pub fn find(&self, selector: &str) -> Result<Element<'_>> {
        let reference = self
            .command("POST", "element", &json!({ "using": "css selector", "value": selector }))
            .with_context(|| format!("nothing on the page matches {selector}"))?;
        Ok(Element::new(self, reference))
    }

    /// All elements that match.
    pub fn find_all(&self, selector: &str) -> Result<Vec<Element<'_>>> {
        let found = self.command("POST", "elements", &json!({ "using": "css selector", "value": selector }))?;
        let list = found.as_array().cloned().unwrap_or_default();
        Ok(list.into_iter().map(|reference| Element::new(self, reference)).collect())
    }

    /// Clicks on the first element that matches.
    pub fn click(&self, selector: &str) -> Result<()> {
        self.find(selector)?.click().with_context(|| format!("cannot click on {selector}"))
    }

    /// A picture of what is seen, as PNG.
    pub fn screenshot(&self) -> Result<Vec<u8>> {
        let picture = self.command("GET", "screenshot", &json!({}))?;
        base64::decode(picture.as_str().context("chromedriver returned no picture")?)
    }

    /// What came into a log (`browser` or `performance`) since it was last read.
    pub fn log(&self, name: &str) -> Result<Vec<LogEntry>> {
        let entries = self.command("POST", "se/log", &json!({ "type": name }))?;
        let text = |entry: &Value, key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        let list = entries.as_array().cloned().unwrap_or_default();
        let convert = |entry: &Value| LogEntry { level: text(entry, "level"), message: text(entry, "message") };
        Ok(list.iter().map(convert).collect())
    }

    /// Everything that went wrong in the page and its workers since this was last asked: errors and warnings of the
    /// console, uncaught errors, unhandled rejections, failed requests of the page, workers that could not be started.
    /// Requests of workers are not among them: the server's log has those.
    pub fn complaints(&self) -> Result<Vec<String>> {
        let seen = self.execute("return (window.__complaints ?? []).splice(0);", &[])?;
        let seen = seen.as_array().cloned().unwrap_or_default();
        let mut all: Vec<String> = seen.iter().filter_map(Value::as_str).map(str::to_owned).collect();
        let loud = self.log("browser")?.into_iter().filter(|entry| entry.level == "SEVERE" || entry.level == "WARNING");
        all.extend(loud.map(|entry| format!("{}: {}", entry.level, entry.message)));
        Ok(all)
    }

    /// A command of the Chrome `DevTools` protocol to the page.
    pub fn cdp(&self, name: &str, parameters: &Value) -> Result<Value> {
        self.command("POST", "goog/cdp/execute", &json!({ "cmd": name, "params": parameters }))
            .with_context(|| format!("the DevTools command {name} failed"))
    }

    /// A command of this session.
    pub(super) fn command(&self, method: &str, path: &str, body: &Value) -> Result<Value> {
        self.driver.command(method, &format!("/session/{}/{path}", self.id), body)
    }
}

/// As JavaScript sees it.
fn is_true(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // A browser that crashed is closed already.
        let _ = self.driver.command("DELETE", &format!("/session/{}", self.id), &json!({}));
    }
}
