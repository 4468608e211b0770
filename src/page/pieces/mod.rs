//! Small parts that several pictures share: tabs, a choice of two, a card beside the pointer, and the layer over a canvas
//! that pointer and keyboard touch.

mod card;
mod choice;
mod feeler;
mod gate_card;
mod tabs;

pub use card::Card;
pub use choice::Choice;
pub use feeler::{Feeler, Move, Touch};
pub use gate_card::GateCard;
pub use tabs::Tabs;
