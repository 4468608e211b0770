//! Canvases in device pixels that are drawn only after a change.
//!
//! [`use_drawing`] gives a component a canvas that follows its element's size, the screen's pixel ratio and the theme;
//! [`use_reading`] gives it numbers a few times a second. Both are driven by one [`Ticker`]: one animation frame for
//! all of them, requested after a change and never while the page is hidden.

mod drawing;
mod observe;
mod surface;
mod theme;
mod ticker;

pub use drawing::{use_drawing, use_reading};
pub use observe::SizeWatch;
pub use surface::{Align, Pixels, Surface, fit};
pub use theme::{Theme, unit};
pub use ticker::Ticker;
