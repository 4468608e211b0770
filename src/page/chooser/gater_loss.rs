//! The gater loss: cross-entropy (with a gradient), a reward, or a delayed reward. It stands beside the estimators
//! because it decides which of them can train the gates.

use yew::prelude::*;

use crate::page::knobs::Knob;
use crate::page::messages::chooser as text;
use crate::page::messages::knobs as knob_text;
use crate::page::state::{CROSS_ENTROPY, GATER_LOSS, Msg};
use crate::page::view::PanelProps;
use gatelab_engine::schema::Value;
use gatelab_engine::schema::{Range, Setting};
use gatelab_engine::training::settings::lookup;

/// The setting for the delay of a reward, steps.
const DELAY: &str = "delay";
/// The value for which the delay applies.
const DELAYED: &str = "delayed-reward";

#[component]
pub fn GaterLoss(props: &PanelProps) -> Html {
    let page = &props.page;
    let Some(record) = page.record() else { return Html::default() };
    let (Some(key), Some(Value::Choice(now))) = (lookup::find(GATER_LOSS, record), page.knobs.value(GATER_LOSS)) else {
        return Html::default();
    };
    let Range::Choice(names) = key.range else { return Html::default() };
    let only_losses = page.can_learn_from_reward(record.id);
    let delay = lookup::find(DELAY, record).filter(|_| now == DELAYED);
    html! {
        <fieldset class="switching gater-loss">
            <legend class="overline">{ text::GATER_LOSS }</legend>
            <div class="segments" title={key.help}>
                { for names.iter().copied().map(|name| {
                    // Every estimator works with the cross-entropy, so it can always be chosen.
                    let disabled = !only_losses && name != CROSS_ENTROPY && name != now;
                    html! {
                        <label class={disabled.then_some("off")}>
                            <input
                                type="radio" name="gater-loss" checked={name == now} {disabled} value={name}
                                aria-describedby={disabled.then_some("gater-loss-why")} onchange={say(key, name, props)}
                            />
                            <span>{ knob_text::choice(name) }</span>
                        </label>
                    }
                }) }
            </div>
            if !only_losses {
                <p id="gater-loss-why" class="why-not">{ text::needs_slope(record.name) }</p>
            } else if now != CROSS_ENTROPY {
                <p class="why-not">{ text::OTHERS_DISABLED }</p>
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
