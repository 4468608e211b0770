//! Components that several pictures share: tabs, a choice of two, a card beside the pointer, and the layer over a
//! canvas for hovering and pinning.

mod card;
mod choice;
mod gate_card;
mod pin_layer;
mod tabs;

pub use card::Card;
pub use choice::Choice;
pub use gate_card::GateCard;
pub use pin_layer::{Move, PinLayer, Pointer};
pub use tabs::Tabs;
