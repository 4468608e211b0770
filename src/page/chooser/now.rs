//! The chosen estimator's current numbers.

use yew::prelude::*;

use crate::page::canvas::use_reading;
use crate::page::live::LiveHandle;
use crate::page::messages::{numbers, shell as text};
use gatelab_engine::estimator::Record;

/// Interval between updates, ms. Slower than the counters, so that the numbers can be compared.
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
        // The rows exist before the first numbers, so the layout does not move.
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
