//! An element of the page, as a person would use it: clicks and keys go through the browser's own input handling.

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use super::Session;

/// The key under which `WebDriver` hands out elements.
const KEY: &str = "element-6066-11e4-a52e-4f735466cecf";

/// An element of the page; stale once the page has replaced it.
#[derive(Debug)]
pub struct Element<'s> {
    session: &'s Session,
    reference: Value,
}

impl<'s> Element<'s> {
    pub(super) fn new(session: &'s Session, reference: Value) -> Self {
        Self { session, reference }
    }

    /// Scrolls to it and clicks in its middle; an error if something else lies above.
    pub fn click(&self) -> Result<()> {
        self.command("POST", "click").map(drop)
    }

    /// The text that is seen.
    pub fn text(&self) -> Result<String> {
        Ok(self.command("GET", "text")?.as_str().unwrap_or_default().to_owned())
    }

    /// An attribute of the markup.
    pub fn attribute(&self, name: &str) -> Result<Option<String>> {
        Ok(self.command("GET", &format!("attribute/{name}"))?.as_str().map(str::to_owned))
    }

    /// A property of the object, such as `value` or `checked`.
    pub fn property(&self, name: &str) -> Result<Value> {
        self.command("GET", &format!("property/{name}"))
    }

    /// Types into it. For a file input: the path of the file.
    pub fn keys(&self, text: &str) -> Result<()> {
        self.session.command("POST", &self.path("value")?, &json!({ "text": text })).map(drop)
    }

    /// As an argument of a script.
    pub fn reference(&self) -> &Value {
        &self.reference
    }

    fn command(&self, method: &str, what: &str) -> Result<Value> {
        self.session.command(method, &self.path(what)?, &json!({}))
    }

    fn path(&self, what: &str) -> Result<String> {
        let id = self.reference[KEY].as_str().context("chromedriver returned something else than an element")?;
        Ok(format!("element/{id}/{what}"))
    }
}
