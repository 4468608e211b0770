//! The microscope: estimators on a frozen copy of the network, with the exact gradient as the judge.

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
use super::state::{LabMsg, Scope};
use crate::page::messages::lab::scope as text;
use crate::page::pieces::Choice;

/// Properties of [`Microscope`].
#[derive(Clone, PartialEq, Properties)]
pub struct ScopeProps {
    /// What it knows.
    pub scope: Rc<Scope>,
    /// How many of the ticked estimators can be measured.
    #[prop_or_default]
    pub measurable: usize,
    /// The user's wishes.
    pub send: Callback<LabMsg>,
}

/// The panel.
#[component]
pub fn Microscope(props: &ScopeProps) -> Html {
    let ScopeProps { scope, send, .. } = props;
    let measured = scope.measured.as_ref();
    let samples = measured.and_then(|m| m.rows.iter().map(|row| row.metrics.samples).min()).unwrap_or(0);
    html! {
        <section
            class="panel microscope" aria-labelledby="scope-title" data-samples={samples.to_string()}
            data-step={measured.map(|m| m.step.to_string())} data-done={measured.is_some_and(|m| m.done).to_string()}
            data-moments={scope.history.len().to_string()}
        >
            <div class="lab-head">
                <h2 id="scope-title">{ text::TITLE }</h2>
                <div class="lab-tools">
                    <Choice
                        label={text::NOISE_OF} names={vec![text::PER_DRAW.into(), text::EQUAL_COST.into()]}
                        chosen={usize::from(scope.equal_cost)}
                        choose={send.reform(|chosen: usize| LabMsg::EqualCost(chosen == 1))}
                    />
                    <label class="follow" title={text::FOLLOW_HINT}>
                        <input type="checkbox" checked={scope.follow} onchange={send.reform(|event: Event| {
                            LabMsg::Follow(event.target_unchecked_into::<HtmlInputElement>().checked())
                        })} />
                        <span>{ text::FOLLOW }</span>
                    </label>
                    <button
                        type="button" class="ghost" title={text::LOOK_HINT} disabled={scope.waiting.is_some()}
                        onclick={send.reform(|_: MouseEvent| LabMsg::Look)}
                    >{ text::LOOK }</button>
                </div>
                <p class="cap">{ text::what(measured.map(|m| m.step)) }</p>
            </div>
            { body(props) }
        </section>
    }
}

fn body(props: &ScopeProps) -> Html {
    let ScopeProps { scope, send, measurable } = props;
    if let Some(refusal) = &scope.refusal {
        return html! { <p class="lab-empty" role="alert">{ refusal }</p> };
    }
    let Some(measured) = &scope.measured else {
        return html! { <p class="lab-empty" role="status">{ text::WAITING }</p> };
    };
    if *measurable == 0 {
        return html! { <p class="lab-empty">{ text::NOBODY }</p> };
    }
    let judge = text::judge(measured.reference_error);
    html! {
        <>
            <Table scope={scope.clone()} send={send.clone()} />
            <p class="lab-foot">
                { judge }{ " " }
                { if scope.equal_cost { text::EQUAL_COST_MEANS } else { text::FOOT } }
            </p>
            <div class="lab-pair">
                <Scatter scope={scope.clone()} send={send.clone()} />
                <History scope={scope.clone()} send={send.clone()} />
            </div>
        </>
    }
}
