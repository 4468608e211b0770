//! The list of estimators: a selection first, a drawer with the others, and a search through all of them.

use web_sys::{HtmlInputElement, InputEvent, KeyboardEvent};
use yew::prelude::*;

use super::families::{self, Kin, Shelf};
use crate::page::dom;
use crate::page::messages::chooser as text;
use crate::page::messages::shell;
use crate::page::palette::hue_class;
use crate::page::state::Msg;
use crate::page::view::{PanelProps, View};
use gatelab_engine::estimator::{Level, Record, registry};

/// From this many estimators on, the list has a search.
const WORTH_A_SEARCH: usize = 8;

#[component]
pub fn List(props: &PanelProps) -> Html {
    let PanelProps { page, send } = props;
    let chosen = registry::record(page.knobs.estimator());
    let hidden = chosen.is_some_and(|record| record.level == Level::Advanced);
    let query = use_state(String::new);
    let open = use_state(|| hidden);
    let list = use_node_ref();
    {
        // The chosen estimator is always visible, whether a link, a key or a search chose it.
        let (open, list) = (open.clone(), list.clone());
        use_effect_with((chosen.map(|record| record.id), query.is_empty()), move |_| {
            if hidden {
                open.set(true);
            }
            dom::before_paint(move || show_chosen(&list));
        });
    }
    let (advanced, rows) = (families::advanced(), Rows { page, send, chosen });
    let drawer = families::count(&advanced);
    let body = if query.trim().is_empty() {
        html! {
            <>
                { rows.shelves(families::essential()) }
                if drawer > 0 {
                    <details class="drawer" open={*open} ontoggle={toggled(&open)}>
                        <summary>
                            { text::MORE }
                            if let (Some(record), true, false) = (chosen, hidden, *open) {
                                <span class={classes!("drawer-chosen", hue_class(record.id))}>{ record.short }</span>
                            }
                            <small>{ drawer }</small>
                        </summary>
                        { rows.shelves(advanced) }
                    </details>
                }
            </>
        }
    } else {
        rows.shelves(families::found(query.trim(), page.knobs.estimator()))
    };
    html! {
        <>
            if registry::RECORDS.len() >= WORTH_A_SEARCH {
                <Search query={query.clone()} page={page.clone()} send={send.clone()} />
            }
            <div id="estimators" class={classes!("estimators", (!query.trim().is_empty()).then_some("searching"))} role="radiogroup" aria-labelledby="chooser-title" ref={list}>
                { body }
            </div>
        </>
    }
}

/// Scrolls the list (not the page) until the chosen row is visible.
fn show_chosen(list: &NodeRef) {
    let Some(list) = list.cast::<web_sys::Element>() else { return };
    let Ok(Some(radio)) = list.query_selector("input:checked") else { return };
    let row = radio.parent_element().unwrap_or(radio);
    let (row, frame) = (row.get_bounding_client_rect(), list.get_bounding_client_rect());
    // In a closed drawer the row has no position.
    if row.height() == 0.0 {
        return;
    }
    let (above, below) = (row.top() - frame.top(), row.bottom() - frame.bottom());
    if above < 0.0 || below > 0.0 {
        let middle = above - (frame.height() - row.height()) / 2.0;
        list.set_scroll_top(list.scroll_top() + middle as i32);
    }
}

/// Stores whether the user opened the drawer.
fn toggled(open: &UseStateHandle<bool>) -> Callback<Event> {
    let open = open.clone();
    Callback::from(move |event: Event| {
        if let Some(drawer) = event.target_dyn_into::<web_sys::Element>() {
            open.set(drawer.has_attribute("open"));
        }
    })
}

#[derive(Clone, PartialEq, Properties)]
struct SearchProps {
    query: UseStateHandle<String>,
    page: View,
    send: Callback<Msg>,
}

#[component]
fn Search(props: &SearchProps) -> Html {
    let SearchProps { query, page, send } = props;
    let oninput = {
        let query = query.clone();
        Callback::from(move |event: InputEvent| query.set(event.target_unchecked_into::<HtmlInputElement>().value()))
    };
    let onkeydown = {
        let (query, page, send) = (query.clone(), page.clone(), send.clone());
        Callback::from(move |event: KeyboardEvent| match event.key().as_str() {
            "Escape" if !query.is_empty() => {
                event.prevent_default();
                query.set(String::new());
            }
            "Escape" => drop(event.target_unchecked_into::<HtmlInputElement>().blur()),
            "Enter" if !query.trim().is_empty() => {
                let shelves = families::found(query.trim(), "");
                if let Some(record) = families::first(&shelves, |record| !page.withholds(record)) {
                    send.emit(Msg::Choose(record.id.to_owned()));
                }
            }
            _ => {}
        })
    };
    let hits = families::count(&families::found(query.trim(), ""));
    let searching = !query.trim().is_empty();
    html! {
        <div class="search">
            <svg class="glyph glyph-line" viewBox="0 0 16 16" aria-hidden="true">
                <circle cx="7" cy="7" r="4.2" /><path d="m10.2 10.2 3.3 3.3" />
            </svg>
            <input
                id="estimator-search" type="search" placeholder={text::SEARCH} aria-label={text::SEARCH}
                aria-keyshortcuts="/" autocomplete="off" spellcheck="false" value={(**query).clone()} {oninput} {onkeydown}
            />
            <kbd aria-hidden="true" hidden={searching}>{ "/" }</kbd>
            <span class="hits" role="status">
                if searching { { text::hits(hits, registry::RECORDS.len()) } }
            </span>
        </div>
    }
}

/// What rows need.
struct Rows<'a> {
    page: &'a View,
    send: &'a Callback<Msg>,
    chosen: Option<&'static Record>,
}

impl Rows<'_> {
    fn shelves(&self, shelves: Vec<Shelf>) -> Html {
        shelves
            .into_iter()
            .map(|(family, kin)| {
                html! {
                    <div class="family" role="group" aria-label={shell::family(family)}>
                        <h3 class="overline">{ shell::family(family) }</h3>
                        { for kin.iter().map(|kin| self.kin(kin)) }
                    </div>
                }
            })
            .collect()
    }

    fn kin(&self, kin: &Kin) -> Html {
        let main = kin.main;
        html! {
            <div class={classes!("kin", hue_class(main.id))} key={main.id}>
                if kin.listed {
                    <label class={classes!("estimator", self.state_of(main))} title={self.hint(main)}>
                        { self.radio(main) }
                        <span class="name">{ main.name }</span>
                        <small class="bias">{ shell::bias(main.bias) }</small>
                    </label>
                } else {
                    <p class="of-main">{ main.name }</p>
                }
                if !kin.variants.is_empty() {
                    <div class="variants" role="group" aria-label={format!("{}, {}", main.name, shell::VARIANTS)}>
                        { for kin.variants.iter().copied().map(|variant| html! {
                            <label
                                class={classes!("variant", hue_class(variant.id), self.state_of(variant))}
                                title={self.hint(variant)}
                            >
                                { self.radio(variant) }
                                <span>{ families::own_part(variant, main) }</span>
                            </label>
                        }) }
                    </div>
                }
            </div>
        }
    }

    fn state_of(&self, record: &'static Record) -> Option<&'static str> {
        if self.chosen.is_some_and(|chosen| chosen.id == record.id) {
            Some("on")
        } else if self.page.withholds(record) {
            Some("withheld")
        } else {
            None
        }
    }

    fn hint(&self, record: &'static Record) -> String {
        if self.page.withholds(record) { text::needs_slope(record.name) } else { shell::bias_hint(record.bias).into() }
    }

    fn radio(&self, record: &'static Record) -> Html {
        let checked = self.chosen.is_some_and(|chosen| chosen.id == record.id);
        let onchange = self.send.reform(|_: Event| Msg::Choose(record.id.to_owned()));
        let withheld = self.page.withholds(record);
        html! {
            <input
                type="radio" name="estimator" value={record.id} aria-label={record.name} {checked} disabled={withheld}
                aria-description={withheld.then(|| text::needs_slope(record.name))} {onchange}
            />
        }
    }
}
