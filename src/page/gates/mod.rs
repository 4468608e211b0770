//! The panel of gates firing: spikes of the last steps, probabilities for fixed probe digits, and firing rates.

mod probes;
mod rates;
mod rows;
mod spikes;

use std::cell::Cell;
use std::rc::Rc;

use yew::prelude::*;

use self::probes::Probes;
use self::rates::Rates;
use self::rows::Rows;
use self::spikes::Spikes;
use crate::page::canvas::use_reading;
use crate::page::live::{Live, LiveHandle};
use crate::page::messages::pictures::{self as words, gates as say};
use crate::page::pieces::{Move, Tabs};

/// Properties of [`GatesPanel`].
#[derive(Debug, Properties, PartialEq)]
pub struct GatesProps {
    /// The store.
    pub live: LiveHandle,
}

/// The panel.
#[component]
pub fn GatesPanel(props: &GatesProps) -> Html {
    let tab = use_state_eq(|| 0_usize);
    let choose = {
        let tab = tab.clone();
        Callback::from(move |chosen| tab.set(chosen))
    };
    let live = props.live.clone();
    let rows = SharedRows(use_memo((), |()| Cell::new(Rows::default())));
    html! {
        <section class="panel gates" aria-labelledby="gates-title">
            <div class="panel-head">
                <h2 id="gates-title">{ say::TITLE }</h2>
                <Caption live={live.clone()} tab={*tab} rows={rows.clone()} />
                <Tabs id="gates" label={say::TITLE} names={&say::TABS[..]} chosen={*tab} {choose} />
            </div>
            <div role="tabpanel" id="gates-panel" aria-labelledby={format!("gates-tab-{}", *tab)} class="tab-panel">
                { match *tab {
                    0 => html! { <Spikes live={live.clone()} rows={rows.clone()} /> },
                    1 => html! { <Probes live={live.clone()} rows={rows.clone()} /> },
                    _ => html! { <Rates live={live.clone()} /> },
                } }
            </div>
        </section>
    }
}

/// The row layout of the picture shown. The drawing writes it; pointer and caption read it.
#[derive(Clone, Debug)]
pub(super) struct SharedRows(Rc<Cell<Rows>>);

impl PartialEq for SharedRows {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Properties of a picture of rows.
#[derive(Debug, Properties, PartialEq)]
pub(super) struct RasterProps {
    /// The store.
    pub(super) live: LiveHandle,
    /// Its rows.
    pub(super) rows: SharedRows,
}

#[derive(Debug, Properties, PartialEq)]
struct CaptionProps {
    live: LiveHandle,
    tab: usize,
    rows: SharedRows,
}

#[component]
fn Caption(props: &CaptionProps) -> Html {
    let (tab, rows) = (props.tab, props.rows.clone());
    let text = use_reading(&props.live, 500.0, move |live| match tab {
        0 => say::spikes(live.gates(), rows.0.get().per_row, live.raster().stride()),
        1 => say::probes(live.gates(), rows.0.get().per_row, live.digits().labels.len()),
        _ => say::rates(live.gates()),
    });
    html! { <p class="cap">{ text }</p> }
}

/// Properties of [`Summary`].
#[derive(Debug, Properties, PartialEq)]
pub(super) struct SummaryProps {
    /// The store.
    pub(super) live: LiveHandle,
    /// Controls at the end of the row.
    #[prop_or_default]
    pub(super) children: Html,
}

/// "6.6 of 64 open · 3 dead · 1 always on · 60 in use".
#[component]
pub(super) fn Summary(props: &SummaryProps) -> Html {
    let (open, gates, dead, always, in_use) = use_reading(&props.live, 250.0, |live| {
        let now = live.summary();
        (format!("{:.1}", now.open), now.gates, now.dead, now.always_on, now.in_use)
    });
    html! {
        <div class="stats">
            <span class="open-now"><b>{ open }</b>{ " " }{ say::of_open(gates) }</span>
            <span><b>{ words::grouped(dead as u64) }</b>{ " " }{ say::DEAD }</span>
            <span><b>{ words::grouped(always as u64) }</b>{ " " }{ say::ALWAYS_ON }</span>
            <span><b>{ words::grouped(in_use as u64) }</b>{ " " }{ say::IN_USE }</span>
            { props.children.clone() }
        </div>
    }
}

/// The pinned gate for a [`PinLayer`](crate::page::pieces::PinLayer): its position, the count, its text.
pub(super) fn pinned(live: &Live) -> (Option<usize>, usize, String) {
    let gate = live.pinned_gate();
    let text = gate.map_or_else(String::new, |gate| {
        let rate = live.rates().get(gate).map(|rate| format!(", {}", words::fires(f64::from(*rate))));
        format!("{}{}", words::gate(gate), rate.unwrap_or_default())
    });
    (gate, live.gates(), text)
}

/// Moves the pinned gate by keyboard.
pub(crate) fn move_gate(live: &LiveHandle, step: Move, back: [Move; 2], on: [Move; 2]) {
    let (now, count) = {
        let store = live.read();
        (store.pinned_gate(), store.gates())
    };
    live.pin_gate(step.along(now, count, back, on));
}

/// Pins a gate, or unpins it if it is pinned.
pub(crate) fn toggle_gate(live: &LiveHandle, gate: usize) {
    let now = live.read().pinned_gate();
    live.pin_gate((now != Some(gate)).then_some(gate));
}

/// Summary of the picture for its accessible name, renewed at most every five seconds.
#[hook]
pub(super) fn use_summary(live: &LiveHandle) -> String {
    use_reading(live, 5000.0, |live| {
        let now = live.summary();
        say::summary(now.open, now.gates, now.dead, now.always_on, now.in_use)
    })
}
