//! The properties of every panel: the page's state, and a callback for messages.

use std::ops::Deref;
use std::rc::Rc;

use yew::prelude::*;

use super::state::{Msg, Page};

/// A snapshot of the state, cheap to clone; equal if it is the same snapshot.
#[derive(Clone)]
pub struct View(Rc<Page>);

impl View {
    /// A snapshot of the current state.
    pub fn of(page: &Page) -> Self {
        Self(Rc::new(page.clone()))
    }
}

impl PartialEq for View {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Deref for View {
    type Target = Page;

    fn deref(&self) -> &Page {
        &self.0
    }
}

/// Properties of a panel without pictures.
#[derive(Clone, PartialEq, Properties)]
pub struct PanelProps {
    /// The state.
    pub page: View,
    /// The user's wishes.
    pub send: Callback<Msg>,
}

/// Properties of a panel that shows live numbers as well.
#[derive(Clone, PartialEq, Properties)]
pub struct LivePanelProps {
    /// The state.
    pub page: View,
    /// The user's wishes.
    pub send: Callback<Msg>,
    /// The newest numbers.
    pub live: super::live::LiveHandle,
}
