//! Epoch, step, speed and error.

use yew::prelude::*;

use crate::page::canvas::use_reading;
use crate::page::messages::{numbers, shell as text};
use crate::page::palette::hue_class;
use crate::page::view::LivePanelProps;
use crate::protocol::RunState;

/// Interval between updates, ms: readable, yet visibly live.
pub const READ_EVERY_MS: f64 = 125.0;

#[component]
pub fn Counters(props: &LivePanelProps) -> Html {
    let page = &props.page;
    let now = use_reading(&props.live, READ_EVERY_MS, |live| {
        let numbers = live.numbers();
        (numbers.run, numbers.step, numbers::epochs(numbers.epoch), numbers.examples_per_second, numbers.valid_error)
    });
    let (run, step, epoch, pace, error) = now;
    let mine = run == page.run;
    // The step of a paused run is exact; the last frame may be older.
    let step = if mine && page.state == RunState::Running { step.max(page.step) } else { page.step };
    let none = || text::NOT_YET.to_owned();
    let pace =
        if mine && page.state == RunState::Running && pace > 0.0 { numbers::rate(f64::from(pace)) } else { none() };
    let error = error.filter(|_| mine).map_or_else(none, |error| numbers::percent(f64::from(error)));
    let hue = hue_class(page.knobs.estimator());
    html! {
        <dl class="counters">
            <Counter name={text::EPOCH} value={if mine { epoch } else { numbers::epochs(0.0) }} class="of-epoch" />
            <Counter name={text::STEPS} value={numbers::counter(step)} class="of-step" />
            <Counter name={text::DIGITS_A_SECOND} value={pace} class="of-pace" />
            <Counter name={text::VALID_ERROR} value={error} class={format!("of-error {hue}")} />
        </dl>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct CounterProps {
    name: &'static str,
    value: String,
    #[prop_or_default]
    class: AttrValue,
}

#[component]
fn Counter(props: &CounterProps) -> Html {
    html! {
        <div class={classes!("counter", props.class.to_string())}>
            <dt>{ props.name }</dt>
            <dd>{ &props.value }</dd>
        </div>
    }
}
