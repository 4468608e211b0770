//! Light or dark: the system's setting, unless the user has chosen here.

use super::dom::{self, memory};

/// Also read by `static/boot-check.js`, so that the first paint has the right colours.
const NAME: &str = "gatelab-theme";

/// Whether the page is dark now.
pub fn is_dark() -> bool {
    match dom::root().and_then(|root| root.get_attribute("data-theme")).as_deref() {
        Some("dark") => true,
        Some("light") => false,
        _ => system_is_dark(),
    }
}

/// Sets the theme. The system's own theme is not stored, so the page keeps following the system.
pub fn set_dark(dark: bool) {
    let name = if dark { "dark" } else { "light" };
    if let Some(root) = dom::root() {
        let _ = root.set_attribute("data-theme", name);
    }
    if dark == system_is_dark() {
        memory::forget(NAME);
    } else {
        memory::keep(NAME, name);
    }
}

fn system_is_dark() -> bool {
    dom::window()
        .and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok().flatten())
        .is_some_and(|query| query.matches())
}
