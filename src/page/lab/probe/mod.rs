//! The panel of the gradient probe: estimators on a snapshot of the network, compared with the exact gradient.

mod bars;
mod history;
mod scatter;
mod table;

use std::rc::Rc;

use web_sys::HtmlInputElement;
use yew::prelude::*;

use self::history::History;
use self::scatter::Scatter;
use self::table::Table;
use super::state::{LabMsg, Probe};
use crate::page::messages::lab::probe as text;
use crate::page::pieces::Choice;

/// Properties of [`ProbePanel`] and its parts.
#[derive(Clone, PartialEq, Properties)]
pub struct ProbeProps {
    /// Its state.
    pub probe: Rc<Probe>,
    /// Number of ticked estimators that can be measured.
    #[prop_or_default]
    pub measurable: usize,
    /// Sends the user's changes.
    pub send: Callback<LabMsg>,
}

/// The panel.
#[component]
pub fn ProbePanel(props: &ProbeProps) -> Html {
    let ProbeProps { probe, send, .. } = props;
    let measured = probe.measured.as_ref();
    let samples = measured.and_then(|m| m.rows.iter().map(|row| row.metrics.samples).min()).unwrap_or(0);
    html! {
        <section
            class="panel microscope" aria-labelledby="scope-title" data-samples={samples.to_string()}
            data-step={measured.map(|m| m.step.to_string())} data-done={measured.is_some_and(|m| m.done).to_string()}
            data-moments={probe.history.len().to_string()}
        >
            <div class="lab-head">
                <h2 id="scope-title">{ text::TITLE }</h2>
                <div class="lab-tools">
                    <Choice
                        label={text::NOISE_OF} names={vec![text::PER_DRAW.into(), text::EQUAL_COST.into()]}
                        chosen={usize::from(probe.equal_cost)}
                        choose={send.reform(|chosen: usize| LabMsg::EqualCost(chosen == 1))}
                    />
                    <label class="follow" title={text::FOLLOW_HINT}>
                        <input type="checkbox" checked={probe.follow} onchange={send.reform(|event: Event| {
                            LabMsg::Follow(event.target_unchecked_into::<HtmlInputElement>().checked())
                        })} />
                        <span>{ text::FOLLOW }</span>
                    </label>
                    <button
                        type="button" class="ghost" title={text::LOOK_HINT} disabled={probe.waiting.is_some()}
                        onclick={send.reform(|_: MouseEvent| LabMsg::Look)}
                    >{ text::LOOK }</button>
                </div>
                <p class="cap">{ text::what(measured.map(|m| m.step)) }</p>
            </div>
            { body(props) }
        </section>
    }
}

fn body(props: &ProbeProps) -> Html {
    let ProbeProps { probe, send, measurable } = props;
    if let Some(refusal) = &probe.refusal {
        return html! { <p class="lab-empty" role="alert">{ refusal }</p> };
    }
    let Some(measured) = &probe.measured else {
        return html! { <p class="lab-empty" role="status">{ text::WAITING }</p> };
    };
    if *measurable == 0 {
        return html! { <p class="lab-empty">{ text::NONE_MEASURABLE }</p> };
    }
    let reference = text::reference(measured.reference_error);
    html! {
        <>
            <Table probe={probe.clone()} send={send.clone()} />
            <p class="lab-foot">
                { reference }{ " " }
                { if probe.equal_cost { text::EQUAL_COST_MEANS } else { text::FOOT } }
            </p>
            <div class="lab-pair">
                <Scatter probe={probe.clone()} send={send.clone()} />
                <History probe={probe.clone()} send={send.clone()} />
            </div>
        </>
    }
}
