//! The list of runs with their line styles; a click shows or hides a run, a button removes it.

use yew::prelude::*;

use crate::page::canvas::use_reading;
use crate::page::live::LiveHandle;
use crate::page::messages::pictures::curves as say;
use crate::page::palette::{DASHES, hue_class};

/// Properties of [`Legend`].
#[derive(Debug, Properties, PartialEq)]
pub(super) struct LegendProps {
    /// The store.
    pub(super) live: LiveHandle,
}

#[derive(Clone, PartialEq)]
struct Row {
    id: u32,
    label: String,
    hue: String,
    dash: String,
    visible: bool,
    current: bool,
}

/// The list.
#[component]
pub(super) fn Legend(props: &LegendProps) -> Html {
    let rows = use_reading(&props.live, 500.0, |live| {
        let current = live.current().map(|run| run.id);
        let row = |run: &crate::page::live::Run| {
            let dash = DASHES.get(run.slot).copied().unwrap_or_default();
            let own = current == Some(run.id);
            Row {
                id: run.id,
                label: live.label(run),
                hue: hue_class(run.estimator()),
                dash: if own { String::new() } else { dash.iter().map(f64::to_string).collect::<Vec<_>>().join(" ") },
                visible: run.visible,
                current: own,
            }
        };
        live.runs().iter().rev().map(row).collect::<Vec<_>>()
    });
    let item = |row: Row| {
        let show = {
            let (live, id, visible) = (props.live.clone(), row.id, row.visible);
            move |_| live.show_run(id, !visible)
        };
        let remove = {
            let (live, id) = (props.live.clone(), row.id);
            move |_| live.remove_run(id)
        };
        html! {
            <li key={row.id} class={row.hue}>
                <button type="button" class="run" aria-pressed={row.visible.to_string()} onclick={show}>
                    <svg width="24" height="10" viewBox="0 0 24 10" aria-hidden="true">
                        <line x1="0" y1="5" x2="24" y2="5" stroke-dasharray={row.dash} />
                    </svg>
                    <span>{ row.label.clone() }</span>
                </button>
                if !row.current {
                    <button type="button" class="remove" aria-label={say::remove(&row.label)} title={say::remove(&row.label)} onclick={remove}>{ "×" }</button>
                }
            </li>
        }
    };
    html! { <ul class="runs" aria-label={say::RUNS}>{ for rows.into_iter().map(item) }</ul> }
}
