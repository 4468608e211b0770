//! What the gater is told about each draw, beside the estimators, because it decides which of them can learn from it.

use yew::prelude::*;

use crate::page::knobs::Knob;
use crate::page::messages::chooser as text;
use crate::page::messages::knobs as knob_text;
use crate::page::state::{Msg, TOLD, WITH_SLOPE};
use crate::page::view::PanelProps;
use gatelab_engine::schema::Value;
use gatelab_engine::schema::{Range, Setting};
use gatelab_engine::training::settings::lookup;

/// How late a reward comes.
const DELAY: &str = "delay";
/// The alternative for which that matters.
const DELAYED: &str = "delayed-reward";

#[component]
pub fn Told(props: &PanelProps) -> Html {
    let page = &props.page;
    let Some(record) = page.record() else { return Html::default() };
    let (Some(key), Some(Value::Choice(now))) = (lookup::find(TOLD, record), page.knobs.value(TOLD)) else {
        return Html::default();
    };
    let Range::Choice(names) = key.range else { return Html::default() };
    let only_losses = record.needs.only_losses();
    let delay = lookup::find(DELAY, record).filter(|_| now == DELAYED);
    html! {
        <fieldset class="switching told">
            <legend class="overline">{ text::TOLD }</legend>
            <div class="segments" title={key.help}>
                { for names.iter().copied().map(|name| {
                    // What has a slope serves everybody: there is always a way back to it.
                    let disabled = !only_losses && name != WITH_SLOPE && name != now;
                    html! {
                        <label class={disabled.then_some("off")}>
                            <input
                                type="radio" name="told" checked={name == now} {disabled} value={name}
                                aria-describedby={disabled.then_some("told-why")} onchange={say(key, name, props)}
                            />
                            <span>{ knob_text::choice(name) }</span>
                        </label>
                    }
                }) }
            </div>
            if !only_losses {
                <p id="told-why" class="why-not">{ text::needs_slope(record.name) }</p>
            } else if now != WITH_SLOPE {
                <p class="why-not">{ text::OTHERS_WAIT }</p>
            }
            if let Some(key) = delay {
                { delay_knob(key, props) }
            }
        </fieldset>
    }
}

fn say(key: &'static Setting, name: &'static str, props: &PanelProps) -> Callback<Event> {
    let preset = props.page.config.preset;
    props.send.reform(move |_: Event| {
        let value = Value::Choice(name.to_owned());
        if key.live {
            Msg::Set(key.name.to_owned(), value)
        } else {
            Msg::SetUp(preset, vec![(key.name.to_owned(), Some(value))])
        }
    })
}

fn delay_knob(key: &'static Setting, props: &PanelProps) -> Html {
    let knobs = &props.page.knobs;
    match (knobs.value(key.name), knobs.default_of(key.name)) {
        (Some(value), Some(default)) if key.live => {
            html! { <Knob setting={key} {value} {default} send={props.send.clone()} /> }
        }
        _ => Html::default(),
    }
}
