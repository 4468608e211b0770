//! Keys: Space, →, R, N, 1–9, /, ?. Inactive while text is typed; single characters can be switched off.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement, HtmlInputElement, KeyboardEvent};

use super::app::AppMsg;
use super::chooser::families;
use super::dom::{self, memory};
use super::state::Msg;

const LETTERS: &str = "gatelab-letters";

/// Whether single characters are shortcuts (WCAG 2.1.4 requires a switch).
pub fn letters() -> bool {
    memory::recall(LETTERS).as_deref() != Some("off")
}

/// Switches single-character shortcuts on or off.
pub fn set_letters(on: bool) {
    if on {
        memory::forget(LETTERS);
    } else {
        memory::keep(LETTERS, "off");
    }
}

/// The action of a key.
pub fn wish(event: &Event) -> Option<AppMsg> {
    let event = event.dyn_ref::<KeyboardEvent>()?;
    if event.ctrl_key() || event.meta_key() || event.alt_key() || event.default_prevented() {
        return None;
    }
    if dom::document()?.query_selector("dialog[open]").ok()?.is_some() {
        return None;
    }
    let place = Place::of(event.target().and_then(|target| target.dyn_into().ok()).as_ref());
    let key = event.key();
    let wish = match key.as_str() {
        " " if place.leaves_space() && !event.repeat() => AppMsg::Do(Msg::Toggle),
        "ArrowRight" if place == Place::Free => AppMsg::Do(Msg::Step),
        _ if place == Place::Typing || !letters() || event.repeat() => return None,
        "r" | "R" => AppMsg::Do(Msg::Replay),
        "n" | "N" => AppMsg::Do(Msg::NewSeed(new_seed())),
        "?" => AppMsg::Help(true),
        "/" => {
            // Otherwise the key would also be typed into the field.
            event.prevent_default();
            focus_search();
            return None;
        }
        digit => {
            let number: usize = digit.parse().ok()?;
            AppMsg::Do(Msg::Choose(families::nth(number)?.id.to_owned()))
        }
    };
    event.prevent_default();
    Some(wish)
}

/// A short seed, easy to read out. Uses the clock where the browser has no random source.
pub fn new_seed() -> u64 {
    let random = getrandom::u32().unwrap_or_else(|_| dom::now() as u32);
    u64::from(random % 999) + 1
}

/// Puts the keyboard's focus on the chosen estimator, or on the laboratory's list.
pub fn focus_estimators(in_lab: bool) {
    let first = if in_lab { "#lab-list-title" } else { "#estimators input:checked" };
    let chosen = dom::document().and_then(|document| document.query_selector(first).ok().flatten());
    if let Some(element) = chosen.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// Moves the focus to the search field.
fn focus_search() {
    let field = dom::document().and_then(|document| document.get_element_by_id("estimator-search"));
    if let Some(field) = field.and_then(|field| field.dyn_into::<HtmlInputElement>().ok()) {
        let _ = field.focus();
        field.select();
    }
}

/// Which keys the focused element uses itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing.
    Free,
    /// Arrow keys, not Space.
    Arrows,
    /// Space.
    Button,
    /// All keys: a text field.
    Typing,
}

impl Place {
    fn of(element: Option<&Element>) -> Self {
        let Some(element) = element else { return Self::Free };
        if let Some(input) = element.dyn_ref::<HtmlInputElement>() {
            return match input.type_().as_str() {
                "range" => Self::Arrows,
                "radio" if input.checked() => Self::Arrows,
                "radio" | "checkbox" | "file" | "button" => Self::Button,
                _ => Self::Typing,
            };
        }
        if element.dyn_ref::<HtmlElement>().is_some_and(HtmlElement::is_content_editable) {
            return Self::Typing;
        }
        match element.tag_name().to_ascii_lowercase().as_str() {
            "textarea" | "select" => Self::Typing,
            "button" | "summary" | "a" => Self::Button,
            _ if element.has_attribute("role") || element.has_attribute("tabindex") => Self::Button,
            _ => Self::Free,
        }
    }

    const fn leaves_space(self) -> bool {
        matches!(self, Self::Free | Self::Arrows)
    }
}
