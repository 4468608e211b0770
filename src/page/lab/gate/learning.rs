//! Training of the gate with one estimator.

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::GateProps;
use super::charts::Charts;
use crate::page::dom;
use crate::page::lab::state::{LabMsg, Spelling, Train, Trained};
use crate::page::messages::lab::gate as text;
use crate::page::palette::hue_class;
use crate::page::pieces::Choice;
use gatelab_engine::estimator::registry;
use gatelab_engine::lab::Method;

const RATES: [f64; 6] = [0.01, 0.05, 0.2, 1.0, 5.0, 20.0];
const BATCHES: [usize; 5] = [1, 8, 64, 512, 4096];

#[component]
pub fn Learning(props: &GateProps) -> Html {
    let GateProps { gate, send, .. } = props;
    use_frames(gate.playing, send);
    let trained = gate.trained.as_ref();
    let over = trained.is_some_and(Trained::is_drawn);
    let name = match (trained, gate.playing, over) {
        (_, true, _) => text::PAUSE,
        (Some(_), false, false) => text::GO_ON,
        (_, _, true) => text::ONCE_MORE,
        _ => text::START,
    };
    let now = trained.and_then(Trained::now);
    html! {
        <div
            class={classes!("gate-learning", hue_class(gate.estimator))} data-over={over.to_string()}
            data-step={now.map(|now| now.step.to_string())} data-p={now.map(|now| format!("{:.6}", now.mean_p))}
        >
            <div class="lab-head">
                <h3>{ text::LEARN }</h3>
                <p class="cap">{ text::LEARN_CAPTION }</p>
            </div>
            <div class="learning-row">
                <div class="learning-controls">
                    <label class="pick"><span>{ text::WITH }</span>{ rules(props) }</label>
                    <label class="pick"><span>{ text::RATE }</span>
                        { options(&RATES.map(|r| (r.to_string(), (r - gate.rate).abs() < 1e-12)), send.reform(|k: usize| {
                            LabMsg::Train(Train::Rate(RATES.get(k).copied().unwrap_or(1.0)))
                        })) }
                    </label>
                    <label class="pick"><span>{ text::BATCH }</span>
                        { options(&BATCHES.map(|b| (b.to_string(), b == gate.batch)), send.reform(|k: usize| {
                            LabMsg::Train(Train::Batch(BATCHES.get(k).copied().unwrap_or(64)))
                        })) }
                    </label>
                    <Choice
                        label={text::METHOD} names={text::METHODS.map(AttrValue::from).to_vec()}
                        chosen={usize::from(gate.method == Method::Adam)}
                        choose={send.reform(|chosen: usize| LabMsg::Train(Train::Adam(chosen == 1)))}
                    />
                    <button type="button" class="ghost strong" onclick={send.reform(|_: MouseEvent| LabMsg::Train(Train::Toggle))}>
                        { name }
                    </button>
                </div>
                <Charts gate={gate.clone()} />
            </div>
            <p class="explain" role="status">{ verdict(props) }</p>
        </div>
    }
}

/// The sentence under the curves.
fn verdict(props: &GateProps) -> Option<String> {
    let trained = props.gate.trained.as_ref()?;
    let (name, now) = (registry::record(trained.estimator)?.name, trained.now()?);
    let toy = &trained.toy;
    let at_target = toy.spelling == Spelling::Square && (now.mean_p - toy.t).abs() < 0.02;
    let elsewhere = toy.optimum().is_some_and(|best| (best - toy.t).abs() > 0.1);
    let mut words = text::stands(name, now.step, now.mean_p, now.expected);
    if trained.is_drawn() && at_target && elsewhere {
        words.push_str(". ");
        words.push_str(&text::stopped_at_target(name));
    }
    Some(words)
}

fn rules(props: &GateProps) -> Html {
    let gate = &props.gate;
    // The chosen estimator stays in the list if it is no longer ticked.
    let mut ids: Vec<&'static str> = props.ticked.to_vec();
    if !ids.contains(&gate.estimator) {
        ids.insert(0, gate.estimator);
    }
    let names: Vec<(String, bool)> = ids
        .iter()
        .map(|id| {
            (registry::record(id).map_or_else(String::new, |record| record.name.to_owned()), *id == gate.estimator)
        })
        .collect();
    let choose = props.send.clone();
    options(
        &names,
        Callback::from(move |k: usize| {
            if let Some(id) = ids.get(k) {
                choose.emit(LabMsg::Train(Train::With(id)));
            }
        }),
    )
}

fn options(names: &[(String, bool)], choose: Callback<usize>) -> Html {
    let onchange = Callback::from(move |event: Event| {
        if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
            choose.emit(usize::try_from(select.selected_index()).unwrap_or(0));
        }
    });
    html! {
        <select {onchange}>
            { for names.iter().map(|(name, selected)| html! { <option selected={*selected}>{ name }</option> }) }
        </select>
    }
}

/// While the curve is drawn, each display frame extends it; with reduced motion the whole curve is drawn at once.
#[hook]
fn use_frames(playing: bool, send: &Callback<LabMsg>) {
    let frame = use_state(|| 0.0_f64);
    let send = send.clone();
    let before = *frame;
    use_effect_with((playing, before.to_bits()), move |(playing, _)| {
        if *playing {
            let still = dom::window()
                .and_then(|window| window.match_media("(prefers-reduced-motion: reduce)").ok()?)
                .is_some_and(|query| query.matches());
            dom::before_paint(move || {
                let now = dom::now();
                // Time of a pause or of a hidden page does not count.
                let ms = if still { f64::INFINITY } else { (now - before).clamp(0.0, 50.0) };
                send.emit(LabMsg::Frame(ms));
                frame.set(now);
            });
        }
    });
}
