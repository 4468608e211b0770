//! The panel: the list, the gater loss, and what a switch does.

use yew::prelude::*;

use super::gater_loss::GaterLoss;
use super::list::List;
use crate::page::messages::shell as text;
use crate::page::state::{Msg, OnSwitch};
use crate::page::view::PanelProps;

/// The panel.
#[component]
pub fn Chooser(props: &PanelProps) -> Html {
    let PanelProps { page, send } = props.clone();
    html! {
        <section class="panel chooser" aria-labelledby="chooser-title">
            <h2 id="chooser-title">{ text::ESTIMATOR }</h2>
            <p class="cap">{ text::ESTIMATOR_CAPTION }</p>
            <List page={page.clone()} send={send.clone()} />
            <GaterLoss page={page.clone()} send={send.clone()} />
            <Switching {page} {send} />
        </section>
    }
}

#[component]
fn Switching(props: &PanelProps) -> Html {
    let modes = [
        (OnSwitch::Keep, text::KEEP, text::KEEP_HINT),
        (OnSwitch::Fork, text::FORK, text::FORK_HINT),
        (OnSwitch::Restart, text::RESTART, text::RESTART_HINT),
    ];
    html! {
        <fieldset class="switching">
            <legend class="overline">{ text::ON_SWITCH }</legend>
            <div class="segments">
                { for modes.into_iter().map(|(mode, name, hint)| html! {
                    <label title={hint}>
                        <input
                            type="radio" name="on-switch" checked={props.page.on_switch == mode}
                            onchange={props.send.reform(move |_: Event| Msg::OnSwitch(mode))}
                        />
                        <span>{ name }</span>
                    </label>
                }) }
            </div>
        </fieldset>
    }
}
