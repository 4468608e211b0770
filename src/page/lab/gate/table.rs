//! Mean and variance of each estimator's gradient: by quadrature over its random numbers (exact), and from draws.

use yew::prelude::*;

use super::GateProps;
use crate::page::lab::state::LabMsg;
use crate::page::messages::lab::{gate as text, scientific};
use crate::page::palette::hue_class;
use gatelab_engine::estimator::registry;

#[component]
pub fn Table(props: &GateProps) -> Html {
    let gate = &props.gate;
    let fresh = gate.view.as_ref().filter(|(toy, _)| *toy == gate.toy);
    let gradient = fresh.map_or_else(|| "…".to_owned(), |(_, view)| scientific(view.gradient));
    let samples = fresh.and_then(|(_, view)| view.rows.iter().map(|row| row.metrics.samples).min()).unwrap_or(0);
    let explained = props.explained();
    html! {
        <div class="gate-table">
            <p class="truth" data-gradient={fresh.map(|(_, view)| format!("{:e}", view.gradient))}>
                <b>{ text::reference(&gradient, fresh.is_none_or(|(_, view)| view.gradient_is_exact)) }</b>
            </p>
            <table class="lab-table numbers" aria-label={text::TABLE}>
                <thead>
                    <tr>
                        <th rowspan="2" scope="col">{ text::RULE }</th>
                        <th colspan="2" scope="colgroup">{ text::EXACT }</th>
                        <th colspan="2" scope="colgroup">{ text::drawn(samples) }</th>
                    </tr>
                    <tr>
                        { for [text::MEAN, text::VARIANCE, text::MEAN, text::VARIANCE].map(|name| html! {
                            <th scope="col">{ name }</th>
                        }) }
                    </tr>
                </thead>
                <tbody>{ for props.ticked.iter().map(|id| row(props, id, explained)) }</tbody>
            </table>
        </div>
    }
}

fn row(props: &GateProps, id: &'static str, explained: Option<&'static str>) -> Html {
    let Some(record) = registry::record(id) else { return Html::default() };
    let gate = &props.gate;
    let exact = gate.guess(id).map(|guess| guess.exact);
    // Only one gate is integrated; until its result arrives, an ellipsis is shown.
    let missing = if gate.toy.gates > 1 || exact.is_some() { text::NOT_EXACT } else { "…" };
    let exact = exact.flatten();
    let number = |value: Option<f64>| value.map_or_else(|| missing.to_owned(), scientific);
    let row = gate.row(id);
    let drawn = |values: Option<&Vec<f64>>| {
        values.and_then(|values| values.first()).map_or_else(|| "…".to_owned(), |value| scientific(*value))
    };
    let chosen = explained == Some(id);
    let point = props.send.reform(move |_: MouseEvent| LabMsg::Point(id));
    html! {
        <tr
            class={classes!(hue_class(id), chosen.then_some("chosen"))} key={id} onclick={point} data-estimator={id}
            data-mean={exact.map(|exact| format!("{:e}", exact.mean))}
            data-variance={exact.map(|exact| format!("{:e}", exact.variance))}
        >
            <th scope="row">
                <button type="button" class="who" aria-pressed={chosen.to_string()}>
                    <i class="swatch" aria-hidden="true"></i><span class="name" title={record.name}>{ record.short }</span>
                </button>
            </th>
            <td>{ number(exact.map(|exact| exact.mean)) }</td>
            <td><b>{ number(exact.map(|exact| exact.variance)) }</b></td>
            <td>{ drawn(row.map(|row| &row.mean)) }</td>
            <td>{ drawn(row.map(|row| &row.variance)) }</td>
        </tr>
    }
}
