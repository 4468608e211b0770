//! The evaluations of the current run as a table, also for screen readers.

use yew::prelude::*;

use crate::page::canvas::use_reading;
use crate::page::live::LiveHandle;
use crate::page::messages::pictures::{self as words, curves as say};

/// Rows shown, newest first.
const ROWS: usize = 40;

/// Properties of [`Table`].
#[derive(Debug, Properties, PartialEq)]
pub(super) struct TableProps {
    /// The store.
    pub(super) live: LiveHandle,
}

/// The disclosure.
#[component]
pub(super) fn Table(props: &TableProps) -> Html {
    let open = use_state_eq(|| false);
    let toggle = {
        let open = open.clone();
        move |_: MouseEvent| open.set(!*open)
    };
    html! {
        <div class="as-table">
            <button type="button" class="disclosure" aria-expanded={open.to_string()} aria-controls="curves-table" onclick={toggle}>{ say::TABLE }</button>
            <div id="curves-table" hidden={!*open}>
                if *open { <Rows live={props.live.clone()} /> }
            </div>
        </div>
    }
}

#[component]
fn Rows(props: &TableProps) -> Html {
    let rows = use_reading(&props.live, 1000.0, |live| {
        let latest = live.current().map(|run| run.evaluations.iter().rev().take(ROWS).copied().collect::<Vec<_>>());
        latest.unwrap_or_default()
    });
    if rows.is_empty() {
        return html! { <p class="cap">{ say::EMPTY }</p> };
    }
    html! {
        <div class="table-scroll" tabindex="0" role="region" aria-label={say::TABLE}>
            <table>
                <thead><tr>{ for say::HEADS.iter().map(|head| html! { <th scope="col">{ *head }</th> }) }</tr></thead>
                <tbody>
                    { for rows.iter().map(|row| html! {
                        <tr key={row.step}>
                            <td>{ words::grouped(row.step) }</td>
                            <td>{ say::exact_percent(f64::from(row.error)) }</td>
                            <td>{ say::exact_percent(f64::from(row.gate_rate)) }</td>
                        </tr>
                    }) }
                </tbody>
            </table>
        </div>
    }
}
