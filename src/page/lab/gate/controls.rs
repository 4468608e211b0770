//! The gate's settings: sliders with a field for exact numbers beside each.

use web_sys::{HtmlInputElement, InputEvent};
use yew::prelude::*;

use super::GateProps;
use crate::page::lab::state::{LabMsg, MOST_GATES, Spelling, Wish};
use crate::page::messages::lab::gate as text;
use crate::page::pieces::Choice;
use gatelab_engine::estimator::registry;

const SPELLINGS: [Spelling; 3] = [Spelling::Square, Spelling::Line, Spelling::Values];
/// Temperature at which its slider begins when nobody has moved it.
const TEMPERATURE: f64 = 0.5;

#[component]
pub fn Controls(props: &GateProps) -> Html {
    let (toy, send) = (&props.gate.toy, &props.send);
    let wish = |wish: fn(f64) -> Wish| send.reform(move |value: f64| LabMsg::Toy(wish(value)));
    let spelled = SPELLINGS.iter().position(|spelling| *spelling == toy.spelling).unwrap_or(0);
    let spell = send.reform(|k: usize| LabMsg::Toy(Wish::Spelling(SPELLINGS.get(k).copied().unwrap_or_default())));
    let softens = |id: &&str| registry::record(id).is_some_and(|r| r.knobs.iter().any(|key| key.name == "temperature"));
    let whole = |value: f64| Wish::Gates(value.round().max(1.0) as usize);
    html! {
        <div class="gate-controls">
            <div class="spelling" title={text::SPELLINGS_HINT}>
                <span class="knob-label">{ text::LOSS }</span>
                <Choice label={text::LOSS} names={text::SPELLINGS.map(AttrValue::from).to_vec()} chosen={spelled} choose={spell} />
            </div>
            if toy.spelling == Spelling::Values {
                <Setting id="gate-closed" label={text::CLOSED} value={toy.closed} min={-1.0} max=2.0 step=0.01 set={wish(Wish::Closed)} />
                <Setting id="gate-open" label={text::OPEN} value={toy.open} min={-1.0} max=2.0 step=0.01 set={wish(Wish::Open)} />
                <Setting id="gate-bend" label={text::BEND} value={toy.bend} min={-4.0} max=4.0 step=0.05 set={wish(Wish::Bend)} />
            } else {
                <Setting id="gate-t" label={text::TARGET} value={toy.t} min=0.0 max=1.0 step=0.01 set={wish(Wish::Target)} />
            }
            <Setting id="gate-p" label={text::PROBABILITY} value={toy.p} min=0.01 max=0.99 step=0.01 set={wish(Wish::Probability)} />
            if props.ticked.iter().any(softens) {
                <Setting
                    id="gate-temperature" label={text::TEMPERATURE} value={toy.temperature.unwrap_or(TEMPERATURE)}
                    shown={toy.temperature.is_none().then_some(text::OWN)}
                    min=0.05 max=2.0 step=0.01 set={wish(|value| Wish::Temperature(Some(value)))}
                />
            }
            <Setting
                id="gate-count" label={text::GATES} value={toy.gates as f64} min=1.0 max={MOST_GATES as f64} step=1.0
                set={wish(whole)}
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
    /// What the field shows instead of the value.
    #[prop_or_default]
    pub shown: Option<&'static str>,
    /// Left end of the slider.
    pub min: f64,
    /// Right end.
    pub max: f64,
    /// What an arrow key moves it by.
    pub step: f64,
    /// Takes a value.
    pub set: Callback<f64>,
}

/// A slider and a field. The field takes finer numbers than the slider, within the same ends.
#[component]
pub fn Setting(props: &SettingProps) -> Html {
    let SettingProps { id, label, value, min, max, step, .. } = *props;
    let share = ((value - min) / (max - min)).clamp(0.0, 1.0);
    let slider = use_node_ref();
    {
        let slider = slider.clone();
        use_effect_with((share * 1000.0) as i64, move |_| {
            if let Some(input) = slider.cast::<HtmlInputElement>() {
                // The object model's way: style attributes are forbidden by a strict policy.
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

/// As few decimals as say it all, at most four.
fn written(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').replace('-', "−")
}
