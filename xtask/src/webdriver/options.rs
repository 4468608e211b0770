//! The options of a browser session.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// Quiet, reproducible, and allowed to run as root in a container.
const ARGUMENTS: [&str; 12] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    // Otherwise a machine's own settings would change pictures.
    "--force-color-profile=srgb",
    "--lang=en-US",
];

/// The options of a browser session.
#[derive(Debug, Clone)]
pub struct Options {
    width: u32,
    height: u32,
    arguments: Vec<String>,
    browser: Option<PathBuf>,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 1280, height: 720, arguments: Vec::new(), browser: None }
    }
}

impl Options {
    /// Chromium with a window of 1280×720.
    pub fn new() -> Self {
        Self::default()
    }

    /// The size of what the page sees, in CSS pixels.
    #[must_use]
    pub fn size(mut self, width: u32, height: u32) -> Self {
        (self.width, self.height) = (width, height);
        self
    }

    /// One more argument of the command line, for instance `--js-flags=--no-wasm-tier-up`.
    #[must_use]
    pub fn argument(mut self, argument: &str) -> Self {
        self.arguments.push(argument.to_owned());
        self
    }

    /// This browser instead of the one that chromedriver finds.
    #[must_use]
    pub fn browser(mut self, program: &Path) -> Self {
        self.browser = Some(program.to_path_buf());
        self
    }

    pub(super) fn viewport(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// The body of the request for a new session.
    pub(super) fn capabilities(&self, profile: &Path) -> Value {
        let own =
            [format!("--window-size={},{}", self.width, self.height), format!("--user-data-dir={}", profile.display())];
        let usual = ARGUMENTS.iter().map(|argument| (*argument).to_owned());
        let arguments: Vec<String> = usual.chain(own).chain(self.arguments.iter().cloned()).collect();
        let mut chromium = json!({ "args": arguments });
        if let Some(browser) = &self.browser {
            chromium["binary"] = json!(browser);
        }
        json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": chromium,
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        } } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caller_has_the_last_word() {
        let options = Options::new().size(390, 844).argument("--js-flags=--liftoff").browser(Path::new("/b"));
        let capabilities = options.capabilities(Path::new("/profile"));
        let chromium = &capabilities["capabilities"]["alwaysMatch"]["goog:chromeOptions"];
        let arguments = chromium["args"].as_array().unwrap();
        assert!(arguments.contains(&json!("--window-size=390,844")));
        assert!(arguments.contains(&json!("--user-data-dir=/profile")));
        assert_eq!(arguments.last().unwrap(), "--js-flags=--liftoff");
        assert_eq!(chromium["binary"], "/b");
    }
}
