//! The estimators: which one trains the gates, what choosing another does to the run, and (beside the pictures) what the
//! chosen one does.

pub mod families;
mod formula;
mod now;
mod sheet;

use yew::prelude::*;

use self::families::Kin;
use super::messages::shell as text;
use super::palette::hue_class;
use super::state::{Msg, OnSwitch};
use super::view::PanelProps;
use crate::estimator::Record;

pub use sheet::Sheet;

/// The panel.
#[component]
pub fn Chooser(props: &PanelProps) -> Html {
    let PanelProps { page, send } = props.clone();
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
            <Switching {page} {send} />
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
