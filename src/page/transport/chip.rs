//! The run's state, digits and network, always visible.

use yew::prelude::*;

use crate::page::messages::shell as text;
use crate::page::state::Page;
use crate::page::view::View;
use crate::protocol::RunState;
use gatelab_engine::schema::Value;

#[derive(Clone, PartialEq, Properties)]
pub struct ChipProps {
    pub page: View,
}

#[component]
pub fn Chip(props: &ChipProps) -> Html {
    let page = &props.page;
    let lamp = match page.state {
        RunState::Running => "lamp lamp-runs",
        RunState::Loading => "lamp lamp-waits",
        RunState::Failed => "lamp lamp-failed",
        RunState::Paused | RunState::Stopped => "lamp",
    };
    html! {
        <p class="chip" data-testid="chip">
            <span class={lamp} aria-hidden="true"></span>
            <span class="chip-state">{ text::run_state(page.state) }</span>
            { for parts(page).into_iter().map(|part| html! { <span class="chip-part">{ part }</span> }) }
        </p>
    }
}

fn parts(page: &Page) -> Vec<String> {
    let name = page.data.name.clone().unwrap_or_else(|| page.config.data.name().to_owned());
    let mut parts = vec![name];
    let digits = page.data.digits(page.config.data);
    if digits > 0 {
        parts.push(text::digits(digits));
    }
    let number = |name| match page.knobs.value(name) {
        Some(Value::Number(x)) => x as u64,
        _ => 0,
    };
    parts.push(text::network(number("gates"), number("units")));
    parts
}
