//! A transparent layer over a canvas. The pointer hovers, a click pins, arrow keys move the pin. For assistive
//! technology it is a slider with a name, a value and a text for the value.

use web_sys::{HtmlElement, PointerEvent};
use yew::prelude::*;

/// A move by keyboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Move {
    /// One up.
    Up,
    /// One down.
    Down,
    /// One to the left.
    Left,
    /// One to the right.
    Right,
    /// A tenth of the positions back.
    PageUp,
    /// A tenth of the positions forward.
    PageDown,
    /// To the first.
    Home,
    /// To the last.
    End,
    /// Unpin.
    Escape,
}

impl Move {
    fn of(key: &str) -> Option<Self> {
        Some(match key {
            "ArrowUp" => Self::Up,
            "ArrowDown" => Self::Down,
            "ArrowLeft" => Self::Left,
            "ArrowRight" => Self::Right,
            "PageUp" => Self::PageUp,
            "PageDown" => Self::PageDown,
            "Home" => Self::Home,
            "End" => Self::End,
            "Escape" => Self::Escape,
            _ => return None,
        })
    }

    /// The new position among `count`, where the arrows in `back` and `on` move by one.
    pub fn along(self, now: Option<usize>, count: usize, back: [Self; 2], on: [Self; 2]) -> Option<usize> {
        let last = count.checked_sub(1)?;
        let Some(now) = now else { return (self != Self::Escape).then_some(0) };
        let page = (count / 10).max(1);
        match self {
            Self::Escape => None,
            Self::Home => Some(0),
            Self::End => Some(last),
            Self::PageUp => Some(now.saturating_sub(page)),
            Self::PageDown => Some((now + page).min(last)),
            step if back.contains(&step) => Some(now.saturating_sub(1)),
            step if on.contains(&step) => Some((now + 1).min(last)),
            _ => Some(now),
        }
    }
}

/// The pointer's position: in shares of the layer's width and height (0..=1) and in drawing units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pointer {
    /// Share of the width.
    pub across: f64,
    /// Share of the height.
    pub down: f64,
    /// Units from the left.
    pub x: f64,
    /// Units from the top.
    pub y: f64,
}

impl Pointer {
    /// Which of `count` equal parts of the height it is in.
    pub fn row(&self, count: usize) -> usize {
        ((self.down * count as f64) as usize).min(count.saturating_sub(1))
    }

    /// Which of `count` equal parts of the width it is in.
    pub fn column(&self, count: usize) -> usize {
        ((self.across * count as f64) as usize).min(count.saturating_sub(1))
    }
}

/// Properties of [`PinLayer`].
#[derive(Debug, Properties, PartialEq)]
pub struct PinLayerProps {
    /// Accessible name of the slider.
    pub label: AttrValue,
    /// The pinned position, if there is one.
    pub now: Option<usize>,
    /// Number of positions.
    pub count: usize,
    /// The position in words.
    pub text: AttrValue,
    /// The pointer moved, or left.
    pub hover: Callback<Option<Pointer>>,
    /// A click or tap.
    pub pin: Callback<Pointer>,
    /// A move by keyboard.
    pub go: Callback<Move>,
    /// Whether left and right move the pin, rather than up and down.
    #[prop_or_default]
    pub horizontal: bool,
    /// More classes.
    #[prop_or_default]
    pub class: Classes,
}

/// The layer.
#[component]
pub fn PinLayer(props: &PinLayerProps) -> Html {
    let node = use_node_ref();
    let pointer = {
        let node = node.clone();
        move |event: &MouseEvent| {
            let element = node.cast::<HtmlElement>()?;
            let (width, height) = (f64::from(element.offset_width()), f64::from(element.offset_height()));
            let (x, y) = (f64::from(event.offset_x()), f64::from(event.offset_y()));
            let unit = crate::page::canvas::unit();
            (width > 0.0 && height > 0.0).then(|| Pointer {
                across: (x / width).clamp(0.0, 1.0),
                down: (y / height).clamp(0.0, 1.0),
                x: x / unit,
                y: y / unit,
            })
        }
    };
    let onpointermove = {
        let (pointer, hover) = (pointer.clone(), props.hover.clone());
        Callback::from(move |event: PointerEvent| hover.emit(pointer(&event)))
    };
    let onpointerleave = props.hover.reform(|_: PointerEvent| None);
    let onblur = props.hover.reform(|_: FocusEvent| None);
    let onclick = {
        let pin = props.pin.clone();
        Callback::from(move |event: MouseEvent| {
            if let Some(pointer) = pointer(&event) {
                pin.emit(pointer);
            }
        })
    };
    let onkeydown = {
        let go = props.go.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.ctrl_key() || event.meta_key() || event.alt_key() {
                return;
            }
            if let Some(step) = Move::of(&event.key()) {
                event.prevent_default();
                event.stop_propagation();
                go.emit(step);
            }
        })
    };
    html! {
        <div ref={node} class={classes!("pin-layer", props.class.clone())} role="slider" tabindex="0" aria-label={props.label.clone()}
            aria-orientation={if props.horizontal { "horizontal" } else { "vertical" }}
            aria-valuemin="0" aria-valuemax={props.count.saturating_sub(1).to_string()}
            aria-valuenow={props.now.unwrap_or(0).to_string()} aria-valuetext={props.text.clone()}
            {onpointermove} {onpointerleave} {onblur} {onclick} {onkeydown} />
    }
}
