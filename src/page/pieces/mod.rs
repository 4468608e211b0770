//! Small parts that several pictures share: tabs, a choice of two, a card beside the pointer, and the layer over a canvas
//! that pointer and keyboard touch.

mod card;
mod choice;
mod pin_layer;
mod gate_card;
mod tabs;

pub use card::Card;
pub use choice::Choice;
pub use pin_layer::{PinLayer, Move, Pointer};
pub use gate_card::GateCard;
pub use tabs::Tabs;
