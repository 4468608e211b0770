//! What the chosen estimator does: its formulas, the trade-off in a sentence, where it comes from, and its numbers now.

use yew::prelude::*;

use super::formula::Formula;
use super::now::Now;
use crate::estimator::Record;
use crate::page::live::LiveHandle;
use crate::page::messages::shell as text;
use crate::page::palette::hue_class;

/// Properties of [`Sheet`].
#[derive(Clone, PartialEq, Properties)]
pub struct SheetProps {
    /// The chosen one.
    pub record: &'static Record,
    /// The newest numbers.
    pub live: LiveHandle,
}

/// The panel.
#[component]
pub fn Sheet(props: &SheetProps) -> Html {
    let SheetProps { record, live } = props.clone();
    html! {
        <section class={classes!("panel", "sheet", hue_class(record.id))} aria-labelledby="sheet-title">
            <div class="sheet-head">
                <h2 id="sheet-title">{ record.name }</h2>
                <p class="cap">{ text::bias_hint(record.bias) }</p>
            </div>
            <dl class="formulas">
                <dt>{ text::FORWARD }</dt>
                <dd><Formula text={record.forward} /></dd>
                <dt>{ text::BACKWARD }</dt>
                <dd><Formula text={record.backward} /></dd>
                <dt>{ text::TEST_TIME }</dt>
                <dd class="lesser"><Formula text={record.test_time} /></dd>
            </dl>
            <div class="words">
                <p class="summary">{ record.summary }</p>
                <p class="source">{ record.source }</p>
            </div>
            <Now {live} {record} />
        </section>
    }
}
