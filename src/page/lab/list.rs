//! The list of estimators to compare: the chooser's families with check boxes.

use std::rc::Rc;

use yew::prelude::*;

use super::state::{LabMsg, only_losses};
use crate::page::chooser::families;
use crate::page::messages::{chooser, lab as text, shell};
use crate::page::palette::hue_class;
use gatelab_engine::estimator::{Level, Record};

/// Properties of [`List`].
#[derive(Clone, PartialEq, Properties)]
pub struct ListProps {
    /// Ids that are ticked.
    pub ticked: Rc<Vec<&'static str>>,
    /// Whether the run's gater learns from a reward.
    pub reward: bool,
    /// Sends the user's changes.
    pub send: Callback<LabMsg>,
}

/// The panel.
#[component]
pub fn List(props: &ListProps) -> Html {
    let rarer = |record: &Record| record.level == Level::Advanced && !props.ticked.contains(&record.id);
    let records = gatelab_engine::estimator::registry::RECORDS;
    let main = families::shelves(records, |record| !rarer(record));
    let rest = families::shelves(records, rarer);
    let count = families::count(&rest);
    html! {
        <section class="panel lab-list" aria-labelledby="lab-list-title">
            <h2 id="lab-list-title" tabindex="-1">{ text::LIST }</h2>
            <p class="cap">{ text::LIST_CAPTION }</p>
            if props.reward {
                <p class="lab-why" id="lab-reward">{ text::NOT_WITH_REWARD }</p>
            }
            { for main.iter().map(|shelf| family(props, shelf)) }
            if count > 0 {
                <details>
                    <summary>{ text::MORE }<small>{ count }</small></summary>
                    { for rest.iter().map(|shelf| family(props, shelf)) }
                </details>
            }
        </section>
    }
}

fn family(props: &ListProps, (family, kin): &families::Shelf) -> Html {
    let all = kin.iter().flat_map(|kin| kin.listed.then_some(kin.main).into_iter().chain(kin.variants.iter().copied()));
    html! {
        <div class="family" role="group" aria-label={shell::family(*family)} key={shell::family(*family)}>
            <h3 class="overline">{ shell::family(*family) }</h3>
            { for all.map(|record| row(props, record)) }
        </div>
    }
}

fn row(props: &ListProps, record: &'static Record) -> Html {
    let slopeless = props.reward && !only_losses(record.id);
    let checked = props.ticked.contains(&record.id);
    let title = if slopeless { chooser::needs_slope(record.name) } else { shell::bias_hint(record.bias).to_owned() };
    html! {
        <label class={classes!("tick", hue_class(record.id), slopeless.then_some("withheld"))} {title} key={record.id}>
            <input
                type="checkbox" value={record.id} {checked} disabled={slopeless}
                aria-describedby={slopeless.then_some("lab-reward")}
                onchange={props.send.reform(move |_: Event| LabMsg::Tick(record.id))}
            />
            <span class="name">{ record.name }</span>
        </label>
    }
}
