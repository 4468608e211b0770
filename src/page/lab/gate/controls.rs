//! The gate's settings: a slider and a field for exact numbers for each.

use web_sys::{HtmlInputElement, InputEvent};
use yew::prelude::*;

use super::GateProps;
use crate::page::lab::state::{LabMsg, MOST_GATES, Spelling, ToyEdit};
use crate::page::messages::lab::gate as text;
use crate::page::pieces::Choice;
use gatelab_engine::estimator::registry;

const SPELLINGS: [Spelling; 3] = [Spelling::Square, Spelling::Line, Spelling::Values];
/// Position of the temperature slider before it is moved.
const TEMPERATURE: f64 = 0.5;

#[component]
pub fn Controls(props: &GateProps) -> Html {
    let (toy, send) = (&props.gate.toy, &props.send);
    let edit = |edit: fn(f64) -> ToyEdit| send.reform(move |value: f64| LabMsg::Toy(edit(value)));
    let spelled = SPELLINGS.iter().position(|spelling| *spelling == toy.spelling).unwrap_or(0);
    let spell = send.reform(|k: usize| LabMsg::Toy(ToyEdit::Spelling(SPELLINGS.get(k).copied().unwrap_or_default())));
    let softens = |id: &&str| registry::record(id).is_some_and(|r| r.knobs.iter().any(|key| key.name == "temperature"));
    let whole = |value: f64| ToyEdit::Gates(value.round().max(1.0) as usize);
    html! {
        <div class="gate-controls">
            <div class="spelling" title={text::SPELLINGS_HINT}>
                <span class="knob-label">{ text::LOSS }</span>
                <Choice label={text::LOSS} names={text::SPELLINGS.map(AttrValue::from).to_vec()} chosen={spelled} choose={spell} />
            </div>
            if toy.spelling == Spelling::Values {
                <Setting id="gate-closed" label={text::CLOSED} value={toy.closed} min={-1.0} max=2.0 step=0.01 set={edit(ToyEdit::Closed)} />
                <Setting id="gate-open" label={text::OPEN} value={toy.open} min={-1.0} max=2.0 step=0.01 set={edit(ToyEdit::Open)} />
                <Setting id="gate-bend" label={text::BEND} value={toy.bend} min={-4.0} max=4.0 step=0.05 set={edit(ToyEdit::Bend)} />
            } else {
                <Setting id="gate-t" label={text::TARGET} value={toy.t} min=0.0 max=1.0 step=0.01 set={edit(ToyEdit::Target)} />
            }
            <Setting id="gate-p" label={text::PROBABILITY} value={toy.p} min=0.01 max=0.99 step=0.01 set={edit(ToyEdit::Probability)} />
            if props.ticked.iter().any(softens) {
                <Setting
                    id="gate-temperature" label={text::TEMPERATURE} value={toy.temperature.unwrap_or(TEMPERATURE)}
                    shown={toy.temperature.is_none().then_some(text::OWN)}
                    min=0.05 max=2.0 step=0.01 set={edit(|value| ToyEdit::Temperature(Some(value)))}
                />
            }
            <Setting
                id="gate-count" label={text::GATES} value={toy.gates as f64} min=1.0 max={MOST_GATES as f64} step=1.0
                set={edit(whole)}
            />
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
pub struct SettingProps {
    /// Id of the slider; the field's ends in `-exact`.
    pub id: &'static str,
    /// Its name.
    pub label: &'static str,
    /// Its value.
    pub value: f64,
    /// Text of the field instead of the value.
    #[prop_or_default]
    pub shown: Option<&'static str>,
    /// Left end of the slider.
    pub min: f64,
    /// Right end.
    pub max: f64,
    /// Change per arrow key.
    pub step: f64,
    /// Called with a new value.
    pub set: Callback<f64>,
}

/// A slider and a field. The field accepts any number within the slider's ends.
#[component]
pub fn Setting(props: &SettingProps) -> Html {
    let SettingProps { id, label, value, min, max, step, .. } = *props;
    let share = ((value - min) / (max - min)).clamp(0.0, 1.0);
    let slider = use_node_ref();
    {
        let slider = slider.clone();
        use_effect_with((share * 1000.0) as i64, move |_| {
            if let Some(input) = slider.cast::<HtmlInputElement>() {
                // Set through the object model: the page's policy forbids style attributes.
                let _ = input.style().set_property("--fill", &format!("{:.1}%", share * 100.0));
            }
        });
    }
    let oninput = props.set.reform(move |event: InputEvent| {
        event.target_unchecked_into::<HtmlInputElement>().value_as_number().clamp(min, max)
    });
    let onchange = {
        let set = props.set.clone();
        Callback::from(move |event: Event| {
            let input = event.target_unchecked_into::<HtmlInputElement>();
            match input.value().trim().replace('−', "-").replace(',', ".").parse::<f64>() {
                Ok(typed) if typed.is_finite() => set.emit(typed.clamp(min, max)),
                _ => input.set_value(&written(value)),
            }
        })
    };
    let text = props.shown.map_or_else(|| written(value), str::to_owned);
    html! {
        <div class="knob">
            <label class="knob-label" for={id}>{ label }</label>
            <input
                class="exact" id={format!("{id}-exact")} type="text" inputmode="decimal" autocomplete="off"
                aria-label={crate::page::messages::knobs::exact(label)} value={text} {onchange}
            />
            <input
                {id} ref={slider} class="slider" type="range" min={min.to_string()} max={max.to_string()}
                step={step.to_string()} value={value.to_string()} aria-valuetext={written(value)} {oninput}
            />
        </div>
    }
}

/// A number with at most four decimals, without trailing zeros.
fn written(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').replace('-', "−")
}
