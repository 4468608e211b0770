//! The chosen estimator's numbers of this moment.

use yew::prelude::*;

use crate::page::canvas::use_reading;
use crate::page::live::LiveHandle;
use crate::page::messages::{numbers, shell as text};
use gatelab_engine::estimator::Record;

/// Slower than counters: these are to be compared, not watched. ms
const READ_EVERY_MS: f64 = 250.0;

#[derive(Clone, PartialEq, Properties)]
pub struct NowProps {
    pub live: LiveHandle,
    pub record: &'static Record,
}

#[component]
pub fn Now(props: &NowProps) -> Html {
    let record = props.record;
    let rows = use_reading(&props.live, READ_EVERY_MS, move |live| {
        let now = live.numbers();
        // Rows stand from the start, so that the first numbers push nothing down.
        let shown = |value: Option<f32>| value.map_or(text::NOT_YET.into(), |value| numbers::steady(f64::from(value)));
        let own = record.live.iter().enumerate();
        let mut rows: Vec<(&'static str, &'static str, String)> =
            own.map(|(index, number)| (number.symbol, number.meaning, shown(now.live.get(index).copied()))).collect();
        rows.push(("λ", text::LAMBDA_MEANING, shown((now.step > 0).then_some(now.lambda))));
        let open = if now.gates > 0 { format!("{:.1}", now.open) } else { text::NOT_YET.into() };
        rows.push(("", text::OPEN_MEANING, open));
        rows
    });
    html! {
        <dl class="now">
            { for rows.into_iter().map(|(symbol, meaning, value)| html! {
                <div>
                    <dt>
                        if !symbol.is_empty() {
                            <span class="math">{ symbol }</span>{ " " }
                        }
                        { meaning }
                    </dt>
                    <dd>{ value }</dd>
                </div>
            }) }
        </dl>
    }
}
