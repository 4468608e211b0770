//! The control bar of the run: run and pause, step, replay, seed, speed, and the counters beside them.

mod chip;
mod counters;

use web_sys::HtmlSelectElement;
use yew::prelude::*;

use self::chip::Chip;
use self::counters::Counters;
use super::keyboard;
use super::messages::shell as text;
use super::state::{Msg, Page};
use super::view::LivePanelProps;
use crate::protocol::RunState;

/// Steps a second on offer.
const SPEEDS: [Option<f64>; 6] = [None, Some(100.0), Some(30.0), Some(10.0), Some(3.0), Some(1.0)];

/// Whether the button shows Pause.
fn goes(page: &Page) -> bool {
    page.health.gave_up.is_none() && page.wants_run && matches!(page.state, RunState::Running | RunState::Loading)
}

/// The bar.
#[component]
pub fn Transport(props: &LivePanelProps) -> Html {
    let LivePanelProps { page, send, live } = props.clone();
    let send_on_click = |make: fn() -> Msg| send.reform(move |_: MouseEvent| make());
    let goes = goes(&page);
    let label = if goes { text::PAUSE } else { text::RUN };
    html! {
        <section class="transport" aria-label={text::TRANSPORT}>
            <button
                type="button" class="play" aria-label={label} title={label} data-testid="run"
                onclick={send_on_click(|| Msg::Toggle)}
            >
                <svg viewBox="0 0 16 16" aria-hidden="true">
                    if goes {
                        <path d="M3.2 2h3.3v12H3.2zM9.5 2h3.3v12H9.5z" />
                    } else {
                        <path d="M4.5 1.8v12.4L14 8z" />
                    }
                </svg>
            </button>
            <div class="verbs">
                <button type="button" class="ghost" title={text::STEP_HINT} data-testid="step" onclick={send_on_click(|| Msg::Step)}>
                    { text::STEP }
                </button>
                <button
                    type="button" class="ghost" title={text::REPLAY_HINT} data-testid="replay"
                    onclick={send_on_click(|| Msg::Replay)}
                >
                    <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
                        <path class="glyph-line" d="M3.2 5.2A5.6 5.6 0 1 1 2.4 8M3 1.8v3.6h3.6" />
                    </svg>
                    { text::replay(page.config.seed) }
                </button>
                <button
                    type="button" class="ghost" title={text::NEW_SEED_HINT} data-testid="new-seed"
                    onclick={send_on_click(|| Msg::NewSeed(keyboard::new_seed()))}
                >{ text::NEW_SEED }</button>
                <Speed speed={page.speed} send={send.clone()} />
            </div>
            <Counters page={page.clone()} {send} {live} />
            <Chip {page} />
        </section>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct SpeedProps {
    speed: Option<f64>,
    send: Callback<Msg>,
}

#[component]
fn Speed(props: &SpeedProps) -> Html {
    let onchange = props.send.reform(|event: Event| {
        let index = event.target_unchecked_into::<HtmlSelectElement>().selected_index();
        Msg::Speed(usize::try_from(index).ok().and_then(|index| SPEEDS.get(index).copied()).flatten())
    });
    html! {
        <select class="ghost speed" aria-label={text::SPEED} data-testid="speed" {onchange}>
            { for SPEEDS.iter().map(|speed| html! {
                <option selected={*speed == props.speed}>{ text::speed(*speed) }</option>
            }) }
        </select>
    }
}
