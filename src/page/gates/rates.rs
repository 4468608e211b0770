//! The firing rate of each gate, with the target and the bands of gates that are dead or always on.

use yew::prelude::*;

use super::{Summary, move_gate, pinned, toggle_gate, use_summary};
use crate::page::canvas::{Align, Surface, use_drawing, use_reading};
use crate::page::live::{Live, LiveHandle, Part};
use crate::page::messages::pictures::gates as say;
use crate::page::pieces::{Choice, GateCard, Move, PinLayer, Pointer};

/// Width of the tick labels, CSS pixels.
const LEFT: f64 = 44.0;
const TOP: f64 = 8.0;
const BOTTOM: f64 = 8.0;
/// Tick values.
const TICKS: [f64; 6] = [0.0, 0.01, 0.1, 0.25, 0.5, 0.99];

#[derive(Debug, Properties, PartialEq)]
pub(super) struct RatesProps {
    pub(super) live: LiveHandle,
}

/// The rates.
#[component]
pub(super) fn Rates(props: &RatesProps) -> Html {
    let live = &props.live;
    let sorted = use_state_eq(|| true);
    let by_rate = *sorted;
    let canvas = use_drawing(live, Part::Rates, None, by_rate, move |surface, live| draw(surface, live, by_rate));
    let hover = use_state_eq(|| None::<Pointer>);
    let (now, count, text) = use_reading(live, 250.0, pinned);
    let name = use_summary(live);
    let point = {
        let hover = hover.clone();
        Callback::from(move |touch| hover.set(touch))
    };
    let press = {
        let live = live.clone();
        Callback::from(move |touch: Pointer| {
            let gate = gate_at(&touch, &order(&live.read(), by_rate));
            if let Some(gate) = gate {
                toggle_gate(&live, gate);
            }
        })
    };
    let go = {
        let live = live.clone();
        Callback::from(move |step| move_gate(&live, step, [Move::Up, Move::Left], [Move::Down, Move::Right]))
    };
    let choose = {
        let sorted = sorted.clone();
        Callback::from(move |chosen| sorted.set(chosen == 0))
    };
    let names = vec![AttrValue::from(say::SORTED), AttrValue::from(say::BY_NUMBER)];
    let gate = (*hover).and_then(|touch| gate_at(&touch, &order(&live.read(), by_rate)).map(|gate| (gate, touch)));
    html! {
        <>
            <div class="picture spikes">
                <canvas ref={canvas} role="img" aria-label={name} />
                <PinLayer label={say::PINNED} {now} {count} {text} hover={point} pin={press} {go} horizontal=true />
                if let Some((gate, touch)) = gate {
                    <GateCard live={live.clone()} {gate} x={touch.x} y={touch.y} />
                }
            </div>
            <Summary live={live.clone()}>
                <Choice label={say::ORDER} {names} chosen={usize::from(!by_rate)} {choose} />
            </Summary>
        </>
    }
}

/// Gates from left to right.
fn order(live: &Live, by_rate: bool) -> Vec<usize> {
    let mut order: Vec<usize> = (0..live.rates().len()).collect();
    if by_rate {
        order.sort_by(|a, b| {
            let rate = |gate: &usize| live.rates().get(*gate).copied().unwrap_or_default();
            rate(b).total_cmp(&rate(a))
        });
    }
    order
}

fn gate_at(touch: &Pointer, order: &[usize]) -> Option<usize> {
    let width = touch.x / touch.across.max(1e-6);
    let share = (touch.x - LEFT) / (width - LEFT).max(1.0);
    order.get(((share.clamp(0.0, 0.999_999)) * order.len() as f64) as usize).copied()
}

fn draw(surface: &Surface, live: &Live, by_rate: bool) {
    let theme = &surface.theme;
    let (width, height) = (surface.width - LEFT, surface.height - TOP - BOTTOM);
    // A square-root axis: most rates are near the target and a few near 100 %, and rates near 0 must be
    // distinguishable.
    let y = |rate: f64| TOP + height * (1.0 - rate.clamp(0.0, 1.0).sqrt());
    let end = surface.width;
    surface.fill(theme.wash, LEFT, y(1.0), width, y(0.99) - y(1.0));
    surface.fill(theme.wash, LEFT, y(0.01), width, y(0.0) - y(0.01));
    surface.font(11.0, 400);
    for tick in TICKS {
        surface.line(theme.rule, 1.0, (LEFT, y(tick).round() + 0.5), (end, y(tick).round() + 0.5));
        surface.text(theme.soft, Align::Right, &format!("{:.0} %", tick * 100.0), LEFT - 8.0, y(tick));
    }
    let order = order(live, by_rate);
    let own = live.current().map_or(theme.ink, |run| theme.estimator(run.estimator()));
    let step = width / order.len().max(1) as f64;
    for (place, gate) in order.iter().enumerate() {
        let rate = f64::from(live.rates().get(*gate).copied().unwrap_or_default());
        let chosen = live.pinned_gate() == Some(*gate);
        let colour = if chosen { own } else { theme.ink.towards(theme.panel, 0.2) };
        let stem = if chosen { own } else { theme.ink.towards(theme.panel, 0.62) };
        let x = LEFT + (place as f64 + 0.5) * step;
        let wide = if step >= 5.0 { 1.5 } else { step.clamp(0.5, 1.5) };
        surface.line(if step >= 5.0 { stem } else { colour }, wide, (x, y(0.0)), (x, y(rate)));
        if step >= 5.0 {
            surface.disc(colour, x, y(rate), if chosen { 4.5 } else { (step * 0.36).min(3.5) });
        } else if chosen {
            surface.disc(colour, x, y(rate), 4.5);
        }
    }
    draw_target(surface, live, y);
}

fn draw_target(surface: &Surface, live: &Live, y: impl Fn(f64) -> f64) {
    let theme = &surface.theme;
    surface.font(11.0, 500);
    surface.text(theme.faint, Align::Right, say::DEAD, LEFT - 8.0, f64::midpoint(y(0.0), y(0.01)));
    surface.text(theme.faint, Align::Right, say::ALWAYS_ON, surface.width - 4.0, y(0.99) + 9.0);
    let Some(run) = live.current() else { return };
    let at = y(run.target);
    surface.dash(&[5.0, 4.0]);
    surface.line(theme.ink, 1.25, (LEFT, at), (surface.width, at));
    surface.dash(&[]);
    let text = format!("{} {:.0} %", say::TARGET, run.target * 100.0);
    let wide = surface.text_width(&text);
    surface.fill(theme.panel, surface.width - wide - 8.0, at - 17.0, wide + 8.0, 14.0);
    surface.text(theme.ink, Align::Right, &text, surface.width - 4.0, at - 9.5);
}
