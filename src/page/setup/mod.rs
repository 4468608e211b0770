//! Network and digits of a run. Every change here begins a new run.

mod digits;
mod sizes;

use web_sys::File;
use yew::prelude::*;

use self::digits::Digits;
use self::sizes::Sizes;
use super::messages::setup as text;
use super::state::Msg;
use super::view::View;
use gatelab_engine::schema::Preset;

pub use digits::FileButton;

/// Properties of [`SetUp`].
#[derive(Clone, PartialEq, Properties)]
pub struct SetUpProps {
    /// The state.
    pub page: View,
    /// Messages to the reducer.
    pub send: Callback<Msg>,
    /// The user's files.
    pub files: Callback<Vec<File>>,
}

/// The panel.
#[component]
pub fn SetUp(props: &SetUpProps) -> Html {
    let SetUpProps { page, send, files } = props.clone();
    html! {
        <section class="panel set-up" aria-labelledby="setup-title">
            <h2 id="setup-title">{ text::TITLE }</h2>
            <p class="cap">{ text::CAPTION }</p>
            <Presets chosen={page.config.preset} send={send.clone()} />
            <Digits page={page.clone()} send={send.clone()} {files} />
            <Sizes {page} {send} />
        </section>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct PresetProps {
    chosen: Preset,
    send: Callback<Msg>,
}

#[component]
fn Presets(props: &PresetProps) -> Html {
    html! {
        <fieldset class="cards">
            <legend class="overline">{ text::NETWORK }</legend>
            { for Preset::all().map(|preset| {
                let on = preset == props.chosen;
                html! {
                    <label class={classes!("card", on.then_some("on"))}>
                        <input
                            type="radio" name="preset" checked={on}
                            onchange={props.send.reform(move |_: Event| Msg::SetUp(preset, sizes::as_preset()))}
                        />
                        <span><b>{ preset.name() }</b>{ " " }<small>{ preset.summary() }</small></span>
                    </label>
                }
            }) }
        </fieldset>
    }
}
