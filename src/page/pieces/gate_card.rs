//! The card of a gate: the same in every picture, with live values.

use yew::prelude::*;

use super::card::Card;
use crate::page::abbreviation::abbreviations;
use crate::page::canvas::use_reading;
use crate::page::live::LiveHandle;
use crate::page::messages::pictures as say;
use gatelab_engine::data::CLASSES;

/// Properties of [`GateCard`].
#[derive(Debug, Properties, PartialEq)]
pub struct GateCardProps {
    /// The store.
    pub live: LiveHandle,
    /// Which gate.
    pub gate: usize,
    /// CSS pixels from the left of the picture.
    pub x: f64,
    /// CSS pixels from its top.
    pub y: f64,
    /// An additional line of this picture.
    #[prop_or_default]
    pub extra: Option<AttrValue>,
}

#[derive(Clone, PartialEq)]
struct Facts {
    rate: Option<String>,
    favourite: String,
    by_class: Vec<u32>,
    classes: Vec<String>,
    best: Option<usize>,
    pinned: bool,
    estimator: String,
}

/// The card.
#[component]
pub fn GateCard(props: &GateCardProps) -> Html {
    let gate = props.gate;
    let facts = use_reading(&props.live, 250.0, move |live| {
        let best = live.favourite(gate).map(usize::from);
        let share = |class: usize| f64::from(live.by_class(gate, class).unwrap_or_default());
        let measured = live.by_class(gate, 0).is_some();
        Facts {
            rate: live.rates().get(gate).map(|rate| say::fires(f64::from(*rate))),
            favourite: match best {
                Some(class) => say::favourite(live.class(class), share(class)),
                None if measured => say::NO_FAVOURITE.to_owned(),
                None => say::NOT_MEASURED.to_owned(),
            },
            by_class: (0..CLASSES).map(|class| (share(class) * 24.0).round() as u32).collect(),
            classes: live.classes().to_vec(),
            best,
            pinned: live.pinned_gate() == Some(gate),
            estimator: live.current().map(|run| run.estimator().to_owned()).unwrap_or_default(),
        }
    });
    let short = abbreviations(&facts.classes);
    let bar = |(k, height): (usize, &u32)| {
        let class = if facts.best == Some(k) { "best" } else { "" };
        html! {
            <g {class}>
                <rect x={(k * 13).to_string()} y={(24 - height).to_string()} width="11" height={(height + 1).to_string()} />
                <text x={(k * 13 + 5).to_string()} y="36">{ short.get(k).cloned().unwrap_or_default() }</text>
            </g>
        }
    };
    html! {
        <Card x={props.x} y={props.y}>
            <b class="tip-title">{ say::gate(gate) }{ if facts.pinned { html!{ <small>{ say::PINNED }</small> } } else { html!{} } }</b>
            if let Some(extra) = &props.extra { <span>{ extra.clone() }</span> }
            if let Some(rate) = &facts.rate { <span>{ rate.clone() }</span> }
            <span>{ facts.favourite.clone() }</span>
            <svg class={classes!("tip-bars", crate::page::palette::hue_class(&facts.estimator))} viewBox="0 0 130 38" width="130" height="38">
                { for facts.by_class.iter().enumerate().map(bar) }
            </svg>
        </Card>
    }
}
