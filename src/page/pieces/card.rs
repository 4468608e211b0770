//! A card beside the pointer. It is placed through the style object, since the content policy forbids style attributes.

use web_sys::HtmlElement;
use yew::prelude::*;

/// Properties of [`Card`].
#[derive(Debug, Properties, PartialEq)]
pub struct CardProps {
    /// Units from the left of the picture.
    pub x: f64,
    /// CSS pixels from its top.
    pub y: f64,
    /// Content.
    pub children: Html,
}

/// A card at a point of the positioned element around it, kept inside it.
#[component]
pub fn Card(props: &CardProps) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((props.x, props.y), move |(x, y)| {
            if let Some(card) = node.cast::<HtmlElement>() {
                place(&card, *x, *y);
            }
        });
    }
    html! { <div ref={node} class="tip" aria-hidden="true">{ props.children.clone() }</div> }
}

fn place(card: &HtmlElement, x: f64, y: f64) {
    const GAP: f64 = 14.0;
    let unit = crate::page::canvas::unit();
    let (x, y) = (x * unit, y * unit);
    let Some(around) = card.parent_element() else { return };
    let (width, height) = (f64::from(card.offset_width()), f64::from(card.offset_height()));
    let (most_x, most_y) = (f64::from(around.client_width()) - width, f64::from(around.client_height()) - height);
    let (right, left) = (x + GAP, x - GAP - width);
    // Beside the point if it fits, else above or below it; never over it.
    let (left, top) = if right <= most_x {
        (right, y - height / 2.0)
    } else if left >= 0.0 {
        (left, y - height / 2.0)
    } else if y > height + GAP {
        (x - width / 2.0, y - GAP - height)
    } else {
        (x - width / 2.0, y + GAP)
    };
    let most_y = if left < x && left + width > x { f64::INFINITY } else { most_y };
    let style = card.style();
    // Setting a plain length does not fail.
    let _ = style.set_property("left", &format!("{}px", left.clamp(0.0, most_x.max(0.0)).round()));
    let _ = style.set_property("top", &format!("{}px", top.clamp(0.0, most_y.max(0.0)).round()));
}
