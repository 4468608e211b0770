//! The structural settings. Typed values are applied together, by a new run.

use std::collections::BTreeMap;

use web_sys::{HtmlInputElement, HtmlSelectElement, SubmitEvent};
use yew::prelude::*;

use crate::page::messages::{numbers, setup as text};
use crate::page::state::Msg;
use crate::page::view::PanelProps;
use gatelab_engine::schema::SHARED;
use gatelab_engine::schema::Value;
use gatelab_engine::schema::{Range, Setting};
use gatelab_engine::training::settings::lookup;

fn structural() -> impl Iterator<Item = &'static Setting> {
    SHARED.iter().filter(|key| !key.live)
}

/// Changes that reset every size to the preset's.
pub(super) fn as_preset() -> Vec<(String, Option<Value>)> {
    structural().map(|key| (key.name.to_owned(), None)).collect()
}

#[component]
pub fn Sizes(props: &PanelProps) -> Html {
    let PanelProps { page, send } = props;
    let draft = use_state(BTreeMap::<&'static str, Typed>::new);
    {
        // A new run's values replace what was typed for the one before.
        let draft = draft.clone();
        use_effect_with((page.run, page.config.preset), move |_| draft.set(BTreeMap::new()));
    }
    let onsubmit = {
        let (draft, send, preset) = (draft.clone(), send.clone(), page.config.preset);
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let values: Vec<_> = draft
                .iter()
                .filter_map(|(name, typed)| Some(((*name).to_owned(), Some(typed.value.as_ref().ok()?.clone()))))
                .collect();
            if draft.values().all(|typed| typed.value.is_ok()) {
                send.emit(Msg::SetUp(preset, values));
            }
        })
    };
    let differs = structural().any(|key| page.knobs.differs(key.name));
    let back = {
        let preset = page.config.preset;
        send.reform(move |_: MouseEvent| Msg::SetUp(preset, as_preset()))
    };
    html! {
        <details class="sizes" open={false}>
            <summary>{ text::STRUCTURE }<small>{ text::APPLIES }</small></summary>
            <form {onsubmit}>
                { for structural().filter_map(|key| {
                    let value = page.knobs.value(key.name)?;
                    let typed = draft.get(key.name).cloned();
                    Some(field(key, &value, typed.as_ref(), &draft))
                }) }
                <div class="row">
                    <button class="ghost" disabled={draft.is_empty() || draft.values().any(|typed| typed.value.is_err())}>
                        { text::APPLY }
                    </button>
                    if differs {
                        <button type="button" class="quiet" onclick={back}>{ text::AS_PRESET }</button>
                    }
                </div>
            </form>
        </details>
    }
}

/// A typed value that is not in force.
#[derive(Clone, PartialEq)]
struct Typed {
    text: String,
    value: Result<Value, String>,
    /// The field has lost the focus: from then on an error is shown.
    left: bool,
}

type Draft = UseStateHandle<BTreeMap<&'static str, Typed>>;

fn field(key: &'static Setting, value: &Value, typed: Option<&Typed>, draft: &Draft) -> Html {
    let take = {
        let (draft, value) = (draft.clone(), value.clone());
        move |text: String, left: bool| {
            let mut next = (*draft).clone();
            let parsed = lookup::parse(key.name, text.trim()).map_err(|error| error.to_string());
            if left && parsed.as_ref() == Ok(&value) {
                next.remove(key.name);
            } else {
                next.insert(key.name, Typed { text, value: parsed, left });
            }
            draft.set(next);
        }
    };
    let id = format!("size-{}", key.name);
    let error = typed.filter(|typed| typed.left).and_then(|typed| typed.value.as_ref().err());
    let control = match (&key.range, value) {
        (Range::Choice(names), Value::Choice(chosen)) => html! {
            <select
                id={id.clone()} class="exact"
                onchange={move |event: Event| take(event.target_unchecked_into::<HtmlSelectElement>().value(), true)}
            >
                { for names.iter().map(|name| html! {
                    <option value={*name} selected={*name == typed.map_or(chosen, |typed| &typed.text)}>{ *name }</option>
                }) }
            </select>
        },
        _ => html! {
            <input
                id={id.clone()} class="exact" type="text" inputmode="decimal" autocomplete="off"
                aria-invalid={error.is_some().then_some("true")}
                value={typed.map_or_else(|| numbers::value(value), |typed| typed.text.clone())}
                oninput={
                    let take = take.clone();
                    move |event: InputEvent| take(event.target_unchecked_into::<HtmlInputElement>().value(), false)
                }
                onchange={move |event: Event| take(event.target_unchecked_into::<HtmlInputElement>().value(), true)}
            />
        },
    };
    html! {
        <div class="knob" title={key.help}>
            <label class="knob-label" for={id}>{ key.label }</label>
            { control }
            if let Some(error) = error { <p class="field-error" role="alert">{ error }</p> }
        </div>
    }
}
