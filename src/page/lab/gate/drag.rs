//! Dragging handles in a picture with the pointer. For the keyboard there are the sliders beside the picture.

use std::cell::Cell;
use std::rc::Rc;

use web_sys::{Element, PointerEvent};
use yew::prelude::*;

use crate::page::lab::state::ToyEdit;

/// A handle that can be dragged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Handle {
    /// The gate's firing probability.
    Probability,
    /// The loss's target.
    Target,
}

/// Event handlers of a picture; b = 0 and b = 1 are at the shares `ends` of its width.
#[derive(Clone)]
pub struct Drag {
    picture: NodeRef,
    ends: (f64, f64),
    held: Rc<Cell<Option<Handle>>>,
    set: Callback<ToyEdit>,
}

/// Dragging in `picture`.
#[hook]
pub fn use_drag(picture: NodeRef, ends: (f64, f64), set: Callback<ToyEdit>) -> Drag {
    let held = use_memo((), |()| Cell::new(None));
    Drag { picture, ends, held, set }
}

impl Drag {
    /// Handler of the pointer going down on a handle.
    pub fn take(&self, handle: Handle) -> Callback<PointerEvent> {
        let drag = self.clone();
        Callback::from(move |event: PointerEvent| {
            event.prevent_default();
            drag.held.set(Some(handle));
            if let Some(element) = drag.picture.cast::<Element>() {
                // Fails only if the pointer no longer exists.
                let _ = element.set_pointer_capture(event.pointer_id());
            }
            drag.follow(&event);
        })
    }

    /// Handler of pointer moves.
    pub fn moved(&self) -> Callback<PointerEvent> {
        let drag = self.clone();
        Callback::from(move |event: PointerEvent| drag.follow(&event))
    }

    /// Handler of the pointer going up.
    pub fn released(&self) -> Callback<PointerEvent> {
        let drag = self.clone();
        Callback::from(move |_: PointerEvent| drag.held.set(None))
    }

    fn follow(&self, event: &PointerEvent) {
        let (Some(handle), Some(element)) = (self.held.get(), self.picture.cast::<Element>()) else { return };
        let frame = element.get_bounding_client_rect();
        let share = (f64::from(event.client_x()) - frame.left()) / frame.width().max(1.0);
        let b = (share - self.ends.0) / (self.ends.1 - self.ends.0);
        // Rounded to hundredths, as the sliders are.
        let b = (b * 100.0).round() / 100.0;
        self.set.emit(match handle {
            Handle::Probability => ToyEdit::Probability(b.clamp(0.01, 0.99)),
            Handle::Target => ToyEdit::Target(b.clamp(0.0, 1.0)),
        });
    }
}
