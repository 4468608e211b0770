//! The estimators: which one trains the gates, what it does, and what choosing another does to the run.

pub mod families;
mod formula;
mod now;

use yew::prelude::*;

use self::families::Kin;
use self::formula::Formula;
use self::now::Now;
use super::messages::shell as text;
use super::palette::hue_class;
use super::state::{Msg, OnSwitch};
use super::view::{LivePanelProps, PanelProps};
use crate::estimator::Record;

/// The panel.
#[component]
pub fn Chooser(props: &LivePanelProps) -> Html {
    let LivePanelProps { page, send, live } = props.clone();
    let chosen = page.knobs.estimator().to_owned();
    html! {
        <section class="panel chooser" aria-labelledby="chooser-title">
            <h2 id="chooser-title">{ text::ESTIMATOR }</h2>
            <p class="cap">{ text::ESTIMATOR_CAPTION }</p>
            <div id="estimators" role="radiogroup" aria-labelledby="chooser-title">
                { for families::all().into_iter().map(|(family, kin)| html! {
                    <div class="family" role="group" aria-label={text::family(family)}>
                        <h3 class="overline">{ text::family(family) }</h3>
                        { for kin.into_iter().map(|kin| rows(&kin, &chosen, &send)) }
                    </div>
                }) }
            </div>
            <Switching page={page.clone()} {send} />
            if let Some(record) = page.record() {
                <Sheet {record} />
                <Now {live} {record} />
            }
        </section>
    }
}

fn rows(kin: &Kin, chosen: &str, send: &Callback<Msg>) -> Html {
    let main = kin.main;
    let on = main.id == chosen;
    html! {
        <div class={classes!("kin", hue_class(main.id))}>
            <label class={classes!("estimator", on.then_some("on"))} title={text::bias_hint(main.bias)}>
                { radio(main, on, send) }
                <span class="name">{ main.name }</span>
                <small class="bias">{ text::bias(main.bias) }</small>
            </label>
            if !kin.variants.is_empty() {
                <div class="variants" role="group" aria-label={format!("{}, {}", main.name, text::VARIANTS)}>
                    { for kin.variants.iter().map(|variant| {
                        let on = variant.id == chosen;
                        html! {
                            <label class={classes!("variant", on.then_some("on"))} title={text::bias_hint(variant.bias)}>
                                { radio(variant, on, send) }
                                <span>{ families::own_part(variant, main) }</span>
                            </label>
                        }
                    }) }
                </div>
            }
        </div>
    }
}

fn radio(record: &'static Record, checked: bool, send: &Callback<Msg>) -> Html {
    let onchange = send.reform(|_: Event| Msg::Choose(record.id.to_owned()));
    html! {
        <input
            type="radio" name="estimator" value={record.id} aria-label={record.name} {checked} {onchange}
        />
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
            <legend>{ text::ON_SWITCH }</legend>
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

#[derive(Clone, PartialEq, Properties)]
struct SheetProps {
    record: &'static Record,
}

/// What the chosen one does.
#[component]
fn Sheet(props: &SheetProps) -> Html {
    let record = props.record;
    html! {
        <div class={classes!("sheet", hue_class(record.id))}>
            <dl class="formulas">
                <dt>{ text::FORWARD }</dt>
                <dd><Formula text={record.forward} /></dd>
                <dt>{ text::BACKWARD }</dt>
                <dd><Formula text={record.backward} /></dd>
                <dt>{ text::TEST_TIME }</dt>
                <dd><Formula text={record.test_time} /></dd>
            </dl>
            <p class="summary">{ record.summary }</p>
            <p class="source">{ record.source }</p>
        </div>
    }
}
