//! Pictures as wide as their container, with text of constant size.

use web_sys::Element;
use yew::prelude::*;

use crate::page::canvas::{SizeWatch, Theme};

/// The width of an element in drawing units (CSS pixels divided by the theme's unit); `otherwise` until it is measured.
#[hook]
pub fn use_width(otherwise: f64) -> (NodeRef, f64) {
    let node = use_node_ref();
    let width = use_state_eq(|| otherwise);
    {
        let (node, width) = (node.clone(), width.clone());
        use_effect_with((), move |()| {
            let watch = node.cast::<Element>().map(|element| {
                let measured = element.clone();
                SizeWatch::new(&element, move || {
                    let pixels = f64::from(measured.client_width());
                    if pixels > 0.0 {
                        width.set((pixels / Theme::read().unit).round());
                    }
                })
            });
            move || drop(watch)
        });
    }
    (node, *width)
}

/// A number for an SVG attribute, with two decimals.
pub fn px(value: f64) -> String {
    format!("{value:.2}")
}
