//! The panel of one digit: its pixels, the gates it opens, and the class probabilities.

mod draw;

use std::cell::RefCell;

use yew::prelude::*;

use self::draw::{Layout, draw};
use crate::page::canvas::{use_drawing, use_reading};
use crate::page::gates::{move_gate, toggle_gate};
use crate::page::live::{Live, LiveHandle, Need, Part};
use crate::page::messages::pictures::{self as words, one_digit as say};
use crate::page::pieces::{GateCard, Move, PinLayer, Pointer};

/// Properties of [`OneDigitPanel`].
#[derive(Debug, Properties, PartialEq)]
pub struct OneDigitProps {
    /// The store.
    pub live: LiveHandle,
}

#[derive(Clone, PartialEq)]
struct Facts {
    caption: String,
    verdict: Option<String>,
    place: String,
    count: usize,
}

/// The panel.
#[component]
pub fn OneDigitPanel(props: &OneDigitProps) -> Html {
    let live = &props.live;
    let facts = use_reading(live, 250.0, facts);
    let go = |on: bool| {
        let live = live.clone();
        Callback::from(move |_: MouseEvent| {
            let (now, count) = {
                let store = live.read();
                (store.pinned_probe(), store.digits().labels.len())
            };
            if count > 0 {
                live.pin((now + if on { 1 } else { count - 1 }) % count);
            }
        })
    };
    html! {
        <section class="panel one-digit" aria-labelledby="one-digit-title">
            <h2 id="one-digit-title">{ say::TITLE }</h2>
            <p class="cap">{ facts.caption }</p>
            <Picture live={live.clone()} />
            <div class="stats">
                <span class="steppers">
                    <button type="button" class="stepper" aria-label={say::PREVIOUS} disabled={facts.count == 0} onclick={go(false)}>
                        <svg viewBox="0 0 10 10" aria-hidden="true"><path d="M8 0.5v9L1 5z" /></svg>
                    </button>
                    <span class="place">{ facts.place }</span>
                    <button type="button" class="stepper" aria-label={say::NEXT} disabled={facts.count == 0} onclick={go(true)}>
                        <svg viewBox="0 0 10 10" aria-hidden="true"><path d="M2 0.5v9L9 5z" /></svg>
                    </button>
                </span>
                <span class="verdict">{ facts.verdict.unwrap_or_default() }</span>
            </div>
        </section>
    }
}

#[component]
fn Picture(props: &OneDigitProps) -> Html {
    let live = &props.live;
    let layout = use_memo((), |()| RefCell::new(Layout::default()));
    let canvas = {
        let layout = layout.clone();
        use_drawing(live, Part::OneDigit, Some(Need::OneDigit), (), move |surface, live| {
            layout.replace(draw(surface, live));
        })
    };
    let hover = use_state_eq(|| None::<Pointer>);
    let (now, count, text) = use_reading(live, 250.0, pinned);
    let name = use_reading(live, 5000.0, summary);
    let point = {
        let hover = hover.clone();
        Callback::from(move |touch| hover.set(touch))
    };
    let press = {
        let (live, layout) = (live.clone(), layout.clone());
        Callback::from(move |touch: Pointer| {
            let (gate, picture) = (layout.borrow().gate_at(touch.x, touch.y), layout.borrow().is_picture(touch.x));
            if let Some(gate) = gate {
                toggle_gate(&live, gate);
            } else if picture {
                another(&live);
            }
        })
    };
    let go = {
        let live = live.clone();
        Callback::from(move |step| move_gate(&live, step, [Move::Up, Move::Left], [Move::Down, Move::Right]))
    };
    let card = (*hover).and_then(|touch| layout.borrow().gate_at(touch.x, touch.y).map(|gate| (gate, touch)));
    html! {
        <div class="picture flow">
            <canvas ref={canvas} role="img" aria-label={name} />
            <PinLayer label={words::gates::PINNED} {now} {count} {text} hover={point} pin={press} {go} />
            if let Some((gate, touch)) = card {
                <GateCard live={live.clone()} {gate} x={touch.x} y={touch.y} />
            }
        </div>
    }
}

/// Pins the first digit of the next class.
fn another(live: &LiveHandle) {
    let next = {
        let store = live.read();
        let labels = &store.digits().labels;
        let now = store.pinned_label();
        labels.iter().position(|label| Some(*label) > now).unwrap_or(0)
    };
    live.pin(next);
}

/// Gates open, and the most probable class.
fn outcome(live: &Live) -> Option<(usize, usize, usize, f64)> {
    let one = live.one_digit()?;
    let open = one.gates.iter().filter(|value| **value != 0.0).count();
    let (guess, p) = one.classes.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1))?;
    Some((open, one.gates.len(), guess, f64::from(*p)))
}

fn facts(live: &Live) -> Facts {
    let count = live.digits().labels.len();
    let outcome = outcome(live);
    Facts {
        caption: outcome.map_or_else(|| words::WAITING.to_owned(), |(open, gates, ..)| say::opened(open, gates)),
        verdict: outcome
            .zip(live.pinned_class())
            .map(|((.., guess, p), class)| say::verdict(class, live.class(guess), p)),
        place: if count > 0 { say::place(live.pinned_probe(), count) } else { String::new() },
        count,
    }
}

fn summary(live: &Live) -> String {
    match (outcome(live), live.pinned_class()) {
        (Some((open, gates, guess, p)), Some(class)) => say::summary(class, open, gates, live.class(guess), p),
        _ => words::WAITING.to_owned(),
    }
}

fn pinned(live: &Live) -> (Option<usize>, usize, String) {
    let gate = live.pinned_gate();
    let text = gate.map_or_else(String::new, |gate| {
        let open = live.one_digit().and_then(|one| one.gates.get(gate)).is_some_and(|value| *value != 0.0);
        format!("{}, {}", words::gate(gate), if open { say::OPEN } else { say::CLOSED })
    });
    (gate, live.gates(), text)
}
