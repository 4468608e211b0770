//! The compute meter: multiply-adds counted in the kernels, compared with every gate open.

mod kernels;

use yew::prelude::*;

use self::kernels::KernelsRow;
pub use self::kernels::relaxed;

use crate::page::canvas::use_reading;
use crate::page::live::LiveHandle;
use crate::page::messages::pictures::{self as words, meter as say};
use crate::page::palette::hue_class;
use crate::page::state::Msg;
use crate::page::view::View;
use gatelab_engine::estimator::Record;

/// Properties of [`MeterPanel`].
#[derive(Properties, PartialEq)]
pub struct MeterProps {
    /// The store.
    pub live: LiveHandle,
    /// The estimator in force.
    pub record: &'static Record,
    /// The state.
    pub page: View,
    /// The user's wishes.
    pub send: Callback<Msg>,
}

/// One bar: done, dense.
type Row = (u64, u64);

/// The panel.
#[component]
pub fn MeterPanel(props: &MeterProps) -> Html {
    let (rows, time) = use_reading(&props.live, 500.0, |live| {
        let meter = live.summary().meter;
        let whole = |value: f64| value.max(0.0).round() as u64;
        let rows: [Row; 3] = [
            (whole(meter.forward), whole(meter.forward_dense)),
            (whole(meter.backward), whole(meter.backward_dense)),
            (whole(meter.test), whole(meter.test_dense)),
        ];
        (rows, (meter.step_ms > 0.0).then(|| say::milliseconds(meter.step_ms)))
    });
    let bar = |(row, name): (&Row, &&'static str)| {
        let (done, dense) = (row.0 as f64, row.1 as f64);
        // Estimators that run the output layer several times can exceed a dense step.
        let share = if dense > 0.0 { done / dense } else { 0.0 };
        html! {
            <>
                <dt>{ *name }</dt>
                <dd>
                    <svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
                        <rect class="track" width="100" height="10" />
                        <rect class="done" width={format!("{:.2}", (share * 100.0).clamp(0.0, 100.0))} height="10" />
                    </svg>
                    if dense > 0.0 {
                        <b>{ words::percent(share) }</b>
                        <small>{ say::of(done, dense) }</small>
                    } else {
                        <b>{ words::NOTHING }</b>
                    }
                </dd>
            </>
        }
    };
    html! {
        <section class={classes!("panel", "meter", hue_class(props.record.id))} aria-labelledby="meter-title">
            <h2 id="meter-title">{ say::TITLE }</h2>
            <p class="cap">{ say::CAPTION }</p>
            <dl>
                { for rows.iter().zip(say::ROWS.iter()).map(bar) }
                <dt>{ say::TIME }</dt>
                <dd><b class="time">{ time.unwrap_or_else(|| words::NOTHING.to_owned()) }</b></dd>
                <KernelsRow page={props.page.clone()} send={props.send.clone()} />
            </dl>
            <p class="why">{ say::why(props.record.name, props.record.needs) }</p>
            if !props.page.backend.repeatable {
                <p class="why">{ say::NOT_REPEATABLE }</p>
            }
        </section>
    }
}
