//! One setting: a slider for the useful part of its range with a field for exact numbers, or a choice.

use web_sys::{HtmlInputElement, InputEvent};
use yew::prelude::*;

use super::scale::{place, places, value_at};
use crate::page::dom;
use crate::page::messages::{knobs as text, numbers};
use crate::page::state::Msg;
use gatelab_engine::schema::Value;
use gatelab_engine::schema::{Range, Setting};
use gatelab_engine::training::settings::lookup;

/// Interval between changes of a dragged slider, ms: each change is recorded in the run.
const SEND_EVERY_MS: f64 = 200.0;

#[derive(Clone, PartialEq, Properties)]
pub struct KnobProps {
    /// Which setting.
    pub setting: &'static Setting,
    /// Its value.
    pub value: Value,
    /// Its default.
    pub default: Value,
    /// The user's wishes.
    pub send: Callback<Msg>,
}

#[component]
pub fn Knob(props: &KnobProps) -> Html {
    let key = props.setting;
    let changed = props.value != props.default;
    let reset = {
        let label = text::reset(key.label, &numbers::value(&props.default));
        html! {
            <button
                type="button" class="reset" aria-label={label.clone()} title={label} hidden={!changed}
                onclick={props.send.reform(move |_: MouseEvent| Msg::Reset(key.name.to_owned()))}
            >
                <svg viewBox="0 0 16 16" aria-hidden="true"><path d="M4 6h5.5a3 3 0 0 1 0 6H7M6.5 3.5 4 6l2.5 2.5" /></svg>
            </button>
        }
    };
    match (&key.range, &props.value) {
        (Range::Number { .. }, Value::Number(number)) => html! {
            <NumberKnob setting={key} number={*number} send={props.send.clone()} {changed} {reset} />
        },
        (Range::Choice(names), Value::Choice(chosen)) => html! {
            <div class="knob" title={key.help}>
                <span class="knob-label" id={format!("knob-{}", key.name)}>{ key.label }</span>
                { reset }
                <div class="segments" role="radiogroup" aria-labelledby={format!("knob-{}", key.name)}>
                    { for names.iter().map(|name| html! {
                        <label>
                            <input
                                type="radio" name={format!("knob-{}", key.name)} checked={name == chosen}
                                onchange={props.send.reform(move |_: Event| {
                                    Msg::Set(key.name.to_owned(), Value::Choice((*name).to_owned()))
                                })}
                            />
                            <span>{ text::choice(name) }</span>
                        </label>
                    }) }
                </div>
            </div>
        },
        _ => Html::default(),
    }
}

#[derive(Clone, PartialEq, Properties)]
struct NumberProps {
    setting: &'static Setting,
    number: f64,
    changed: bool,
    send: Callback<Msg>,
    reset: Html,
}

#[component]
fn NumberKnob(props: &NumberProps) -> Html {
    let key = props.setting;
    let drag = use_state(|| None::<f64>);
    let sent = use_mut_ref(|| (0.0, None::<f64>));
    let shown = drag.unwrap_or(props.number);
    let say = {
        let send = props.send.clone();
        move |number: f64| send.emit(Msg::Set(key.name.to_owned(), Value::Number(number)))
    };
    let oninput = {
        let (drag, sent, say) = (drag.clone(), sent.clone(), say.clone());
        Callback::from(move |event: InputEvent| {
            let number = value_at(&key.range, slider_of(&event));
            drag.set(Some(number));
            let (last, what) = *sent.borrow();
            if dom::now() - last >= SEND_EVERY_MS && what != Some(number) {
                sent.replace((dom::now(), Some(number)));
                say(number);
            }
        })
    };
    let onchange = {
        let (drag, number) = (drag.clone(), props.number);
        Callback::from(move |event: Event| {
            let wanted = value_at(&key.range, slider_of(&event));
            drag.set(None);
            let before = sent.replace((0.0, None)).1.unwrap_or(number);
            if before.to_bits() != wanted.to_bits() {
                say(wanted);
            }
        })
    };
    let (id, at) = (format!("knob-{}", key.name), place(&key.range, shown));
    let slider = use_fill(at / places(&key.range));
    html! {
        <div class={classes!("knob", props.changed.then_some("changed"))} title={key.help}>
            <label class="knob-label" for={id.clone()}>
                { key.label }
                if !key.symbol.is_empty() { { " " }<i class="math">{ key.symbol }</i> }
            </label>
            { props.reset.clone() }
            <Exact setting={key} number={shown} send={props.send.clone()} />
            <input
                {id} class="slider" type="range" min="0" max={places(&key.range).to_string()} step="1" value={at.to_string()}
                aria-valuetext={numbers::short(shown)} {oninput} {onchange} ref={slider}
            />
        </div>
    }
}

fn slider_of<E: AsRef<web_sys::Event>>(event: &E) -> f64 {
    use wasm_bindgen::JsCast;
    event
        .as_ref()
        .target()
        .and_then(|target| target.dyn_into::<HtmlInputElement>().ok())
        .map_or(0.0, |input| input.value_as_number())
}

/// Sets the filled part of a slider's track. A strict content policy forbids `style="…"` attributes, but not the style
/// object.
#[hook]
fn use_fill(share: f64) -> NodeRef {
    let node = use_node_ref();
    let slider = node.clone();
    use_effect_with((share * 1000.0) as i64, move |_| {
        if let Some(input) = slider.cast::<HtmlInputElement>() {
            let _ = input.style().set_property("--fill", &format!("{:.1}%", share * 100.0));
        }
    });
    node
}

#[derive(Clone, PartialEq, Properties)]
pub struct ExactProps {
    /// Which setting.
    pub setting: &'static Setting,
    /// Its value.
    pub number: f64,
    /// The user's wishes.
    pub send: Callback<Msg>,
}

/// A field for an exact number. A value out of range is reported at the field and not sent.
#[component]
pub fn Exact(props: &ExactProps) -> Html {
    let key = props.setting;
    let wrong = use_state(|| None::<String>);
    // A render must not replace a half-typed number.
    let typing = use_state(|| None::<String>);
    {
        // A new value from elsewhere removes the error message.
        let (wrong, typing) = (wrong.clone(), typing.clone());
        use_effect_with(props.number.to_bits(), move |_| {
            wrong.set(None);
            typing.set(None);
        });
    }
    let oninput = {
        let typing = typing.clone();
        Callback::from(move |event: InputEvent| {
            typing.set(Some(event.target_unchecked_into::<HtmlInputElement>().value()));
        })
    };
    let onchange = {
        let (wrong, typing, send, number) = (wrong.clone(), typing.clone(), props.send.clone(), props.number);
        Callback::from(move |event: Event| {
            let input = event.target_unchecked_into::<HtmlInputElement>();
            // Minus signs and decimal commas as people type them.
            let typed = input.value().trim().replace('−', "-").replace(',', ".");
            match lookup::parse(key.name, &typed) {
                Ok(value) => {
                    wrong.set(None);
                    typing.set(None);
                    if value != Value::Number(number) {
                        send.emit(Msg::Set(key.name.to_owned(), value));
                    }
                }
                Err(error) => wrong.set(Some(error.to_string())),
            }
        })
    };
    html! {
        <>
            <input
                class="exact" type="text" inputmode="decimal" autocomplete="off" spellcheck="false"
                aria-label={text::exact(key.label)} aria-invalid={wrong.is_some().then_some("true")}
                value={(*typing).clone().unwrap_or_else(|| numbers::short(props.number))} {oninput} {onchange}
            />
            if let Some(error) = &*wrong {
                <p class="field-error" role="alert">{ error }</p>
            }
        </>
    }
}
