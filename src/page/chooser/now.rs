//! The chosen estimator's numbers of this moment.

use yew::prelude::*;

use crate::estimator::Record;
use crate::page::canvas::use_reading;
use crate::page::live::LiveHandle;
use crate::page::messages::{numbers, shell as text};

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
        let mut rows: Vec<(&'static str, &'static str, String)> = record
            .live
            .iter()
            .zip(&now.live)
            .map(|(number, value)| (number.symbol, number.meaning, numbers::steady(f64::from(*value))))
            .collect();
        if now.step > 0 {
            rows.push(("λ", text::LAMBDA_MEANING, numbers::steady(f64::from(now.lambda))));
        }
        if now.gates > 0 {
            rows.push(("", text::OPEN_MEANING, format!("{:.1}", now.open)));
        }
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
