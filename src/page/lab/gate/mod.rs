//! The panel of one gate: the slope of its loss, the area under it, each estimator's estimate of that area, and training with
//! one estimator.

mod charts;
mod controls;
mod drag;
mod learning;
mod levels;
mod picture;
mod table;

use std::rc::Rc;

use yew::prelude::*;

use self::controls::Controls;
use self::learning::Learning;
use self::picture::Picture;
use self::table::Table;
use super::rule::slope_use;
use super::state::{Gate, LabMsg};
use crate::page::messages::lab::gate as text;
use gatelab_engine::estimator::registry;

/// Properties of [`OneGate`] and its parts.
#[derive(Clone, PartialEq, Properties)]
pub struct GateProps {
    /// Its state.
    pub gate: Rc<Gate>,
    /// Ids of the estimators compared.
    pub ticked: Rc<Vec<&'static str>>,
    /// Sends the user's changes.
    pub send: Callback<LabMsg>,
}

impl GateProps {
    /// The estimator that is explained: the chosen one, else ST × σ′, else the first of the list.
    fn explained(&self) -> Option<&'static str> {
        let ticked = || self.ticked.iter().copied();
        self.gate
            .explained
            .filter(|id| self.ticked.contains(id))
            .or_else(|| ticked().find(|id| *id == "st-sigmoid"))
            .or_else(|| ticked().next())
    }
}

/// The panel.
#[component]
pub fn OneGate(props: &GateProps) -> Html {
    let GateProps { gate, ticked, send } = props.clone();
    let explained = props.explained();
    let sentence = explained.and_then(registry::record).filter(|_| gate.toy.gates == 1).map(|record| {
        let guess = gate.latest_guess(record.id).and_then(|guess| guess.area);
        text::explain(record.name, &slope_use(record.id, gate.toy.p), &gate.toy, guess)
    });
    let sentence = if gate.toy.gates > 1 { Some(text::SEVERAL.to_owned()) } else { sentence };
    html! {
        <section class="panel one-gate" aria-labelledby="gate-title" data-done={gate.done.to_string()}>
            <div class="lab-head">
                <h2 id="gate-title">{ text::TITLE }</h2>
                <p class="cap">{ text::CAPTION }</p>
            </div>
            <Controls gate={gate.clone()} ticked={ticked.clone()} send={send.clone()} />
            if let Some(refusal) = &gate.refusal {
                <p class="field-error" role="alert">{ refusal }</p>
            }
            <div class="gate-top">
                <div class="gate-picture">
                    <Picture gate={gate.clone()} ticked={ticked.clone()} send={send.clone()} />
                    <p class="explain" id="gate-explains">{ sentence }</p>
                </div>
                <Table gate={gate.clone()} ticked={ticked.clone()} send={send.clone()} />
            </div>
            <Learning {gate} {ticked} {send} />
        </section>
    }
}
