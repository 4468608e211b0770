//! The chosen estimator: formulas, trade-off in a sentence, source, current numbers.

use yew::prelude::*;

use super::formula::Formulas;
use super::now::Now;
use crate::page::live::LiveHandle;
use crate::page::messages::shell as text;
use crate::page::palette::hue_class;
use crate::page::view::View;
use gatelab_engine::estimator::Record;

/// Properties of [`Sheet`].
#[derive(Clone, PartialEq, Properties)]
pub struct SheetProps {
    /// The chosen one.
    pub record: &'static Record,
    /// The state, for settings in formulas.
    pub page: View,
    /// The newest numbers.
    pub live: LiveHandle,
}

/// The panel.
#[component]
pub fn Sheet(props: &SheetProps) -> Html {
    let SheetProps { record, page, live } = props.clone();
    html! {
        <section class={classes!("panel", "sheet", hue_class(record.id))} aria-labelledby="sheet-title">
            <div class="sheet-head">
                <h2 id="sheet-title">{ record.name }</h2>
                <p class="cap">{ text::bias_hint(record.bias) }</p>
            </div>
            <Formulas {record} {page} live={live.clone()} />
            <div class="words">
                <p class="summary">{ record.summary }</p>
                <p class="source">{ record.source }</p>
            </div>
            <Now {live} {record} />
        </section>
    }
}
