//! The settings that can be changed during training.

mod knob;
mod scale;

use yew::prelude::*;

pub use self::knob::Knob;
use super::messages::knobs as text;
use super::palette::hue_class;
use super::state::{Msg, Page};
use super::view::PanelProps;
use gatelab_engine::schema::SHARED;
use gatelab_engine::schema::Setting;

/// The settings shown first, in this order; the estimator's own follow, the others are behind “More”.
const FIRST: [&str; 3] = ["lr", "target", "lambda"];
/// Settings that are shown beside the estimators instead.
const ELSEWHERE: [&str; 2] = ["told", "delay"];

/// The panel.
#[component]
pub fn KnobsPanel(props: &PanelProps) -> Html {
    let PanelProps { page, send } = props;
    let own = page.record().map_or(&[][..], |record| record.knobs);
    let first = FIRST.iter().filter_map(|name| SHARED.iter().find(|key| key.name == *name));
    let rest: Vec<_> =
        SHARED.iter().filter(|key| key.live && !FIRST.contains(&key.name) && !ELSEWHERE.contains(&key.name)).collect();
    let changed = rest.iter().filter(|key| page.knobs.differs(key.name)).count();
    html! {
        <section class={classes!("panel", "knobs", hue_class(page.knobs.estimator()))} aria-labelledby="knobs-title">
            <h2 id="knobs-title">{ text::TITLE }</h2>
            <p class="cap">{ text::CAPTION }</p>
            { for first.chain(own.iter().filter(|key| key.live)).map(|key| one(key, page, send)) }
            <details>
                <summary>
                    { text::MORE }
                    if changed > 0 { <span class="changed-dot" title={text::CHANGED}></span> }
                </summary>
                { for rest.into_iter().map(|key| one(key, page, send)) }
            </details>
        </section>
    }
}

fn one(key: &'static Setting, page: &Page, send: &Callback<Msg>) -> Html {
    let (Some(value), Some(default)) = (page.knobs.value(key.name), page.knobs.default_of(key.name)) else {
        return Html::default();
    };
    html! { <Knob key={key.name} setting={key} {value} {default} send={send.clone()} /> }
}
