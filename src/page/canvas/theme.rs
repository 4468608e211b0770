//! The colours and type of the page, read from its style sheet once per change of theme.

use std::cell::Cell;

use wasm_bindgen::prelude::*;
use web_sys::{MutationObserver, MutationObserverInit};

use super::observe::Listener;
use crate::page::palette::{HUES, Rgb, hue};

/// Colours of surfaces and text, and the type face.
#[derive(Clone, Debug, PartialEq)]
pub struct Theme {
    /// Whether panels are dark.
    pub dark: bool,
    /// Panel.
    pub panel: Rgb,
    /// Text.
    pub ink: Rgb,
    /// Secondary text.
    pub soft: Rgb,
    /// Captions and tick labels.
    pub faint: Rgb,
    /// Hairlines.
    pub rule: Rgb,
    /// Background of pictures.
    pub wash: Rgb,
    /// Font family list.
    pub family: String,
    /// CSS pixels per unit of drawing: the page enlarges its root type size on large screens, and pictures follow.
    pub unit: f64,
}

/// Root type size at which a unit is a CSS pixel.
const ROOT_SIZE: f64 = 14.0;

impl Theme {
    /// Reads the root element's custom properties.
    pub fn read() -> Self {
        let style = web_sys::window().and_then(|window| {
            let root = window.document()?.document_element()?;
            window.get_computed_style(&root).ok()?
        });
        let text = |name: &str| {
            style.as_ref().and_then(|style| style.get_property_value(name).ok()).unwrap_or_default().trim().to_owned()
        };
        let colour = |name: &str, otherwise: u32| Rgb::parse(&text(name)).unwrap_or(Rgb::hex(otherwise));
        let panel = colour("--panel", 0xff_ff_ff);
        let family = text("font-family");
        let size = text("font-size").trim_end_matches("px").parse::<f64>().unwrap_or(ROOT_SIZE);
        let unit = (size / ROOT_SIZE).clamp(0.5, 4.0);
        UNIT.set(unit);
        Self {
            dark: panel.luminance() < 0.2,
            panel,
            ink: colour("--ink", 0x16_18_1d),
            soft: colour("--soft", 0x5d_64_70),
            faint: colour("--faint", 0x6f_75_80),
            rule: colour("--rule", 0xe6_e3_dd),
            wash: colour("--wash", 0xf3_f1_ec),
            family: if family.is_empty() { "system-ui, sans-serif".to_owned() } else { family },
            unit,
        }
    }

    /// An estimator's colour.
    pub fn estimator(&self, id: &str) -> Rgb {
        self.hue(hue(id))
    }

    /// One of the identity colours.
    pub fn hue(&self, index: usize) -> Rgb {
        HUES.get(index).map_or(self.ink, |hue| if self.dark { hue.dark } else { hue.light })
    }
}

thread_local! {
    static UNIT: Cell<f64> = const { Cell::new(1.0) };
}

/// CSS pixels per unit of drawing, as last read from the style sheet.
pub fn unit() -> f64 {
    UNIT.get()
}

/// Calls back when the theme changes, by the page's switch or by the system.
pub(super) struct ThemeWatch {
    observer: Option<MutationObserver>,
    _closure: Closure<dyn FnMut()>,
    _system: Option<Listener>,
}

impl ThemeWatch {
    pub(super) fn new(changed: impl Fn() + Clone + 'static) -> Self {
        let on_system = changed.clone();
        let window = web_sys::window();
        let system = window
            .as_ref()
            .and_then(|window| window.match_media("(prefers-color-scheme: dark)").ok()?)
            .map(|query| Listener::new(&query, "change", move |_| on_system()));
        let closure: Closure<dyn FnMut()> = Closure::new(changed);
        let observer = MutationObserver::new(closure.as_ref().unchecked_ref()).ok();
        let root = window.and_then(|window| window.document()?.document_element());
        if let (Some(observer), Some(root)) = (&observer, root) {
            let options = MutationObserverInit::new();
            options.set_attributes(true);
            // Other attributes of the root element, such as the step counter, do not change the theme.
            let names: js_sys::Array =
                [JsValue::from_str("data-theme"), JsValue::from_str("class")].into_iter().collect();
            options.set_attribute_filter(&names);
            let _ = observer.observe_with_options(&root, &options);
        }
        Self { observer, _closure: closure, _system: system }
    }
}

impl Drop for ThemeWatch {
    fn drop(&mut self) {
        if let Some(observer) = &self.observer {
            observer.disconnect();
        }
    }
}
