//! Gates × fixed probe digits, sorted by class. The digits stay the same, so every change is due to learning.

use std::cell::RefCell;

use yew::prelude::*;

use super::rows::Rows;
use super::{RasterProps, Summary, move_gate, pinned, toggle_gate, use_summary};
use crate::page::abbreviation::elide;
use crate::page::canvas::{Align, Pixels, Surface, use_drawing, use_reading};
use crate::page::live::{Live, LiveHandle, Need, Part};
use crate::page::messages::pictures::gates as say;
use crate::page::palette::{Rgb, shade};
use crate::page::pieces::{GateCard, Move, PinLayer, Pointer};

/// Height of the row of class names, CSS pixels.
const HEAD: f64 = 20.0;

/// The probe raster. Up and down move the pinned gate, left and right the pinned digit.
#[component]
pub(super) fn Probes(props: &RasterProps) -> Html {
    let live = &props.live;
    let image = use_memo((), |()| RefCell::new(Pixels::default()));
    let rows = props.rows.0.clone();
    let laid_out = rows.clone();
    let canvas = use_drawing(live, Part::Probes, Some(Need::Probes), (), move |surface, live| {
        laid_out.set(draw(surface, live, &mut image.borrow_mut()));
    });
    let hover = use_state_eq(|| None::<Pointer>);
    let (now, count, text) = use_reading(live, 250.0, pinned);
    let name = use_summary(live);
    let point = {
        let hover = hover.clone();
        Callback::from(move |touch| hover.set(touch))
    };
    let press = {
        let (live, rows) = (live.clone(), rows.clone());
        Callback::from(move |touch: Pointer| {
            let probes = live.read().probes().probes as usize;
            if probes > 0 {
                live.pin(touch.column(probes));
            }
            if touch.y > HEAD {
                toggle_gate(&live, gate_at(&touch, rows.get()));
            }
        })
    };
    let go = {
        let live = live.clone();
        Callback::from(move |step| {
            let now = live.read().pinned_probe();
            match step {
                Move::Left => live.pin(now.saturating_sub(1)),
                Move::Right => live.pin(now + 1),
                _ => move_gate(&live, step, [Move::Up; 2], [Move::Down; 2]),
            }
        })
    };
    html! {
        <>
            <div class="picture spikes">
                <canvas ref={canvas} role="img" aria-label={name} />
                <PinLayer label={say::PINNED} {now} {count} {text} hover={point} pin={press} {go} />
                if let Some(touch) = *hover && count > 0 {
                    <Hover live={live.clone()} {touch} gate={gate_at(&touch, rows.get())} />
                }
            </div>
            <Summary live={live.clone()} />
        </>
    }
}

fn gate_at(touch: &Pointer, rows: Rows) -> usize {
    let height = (touch.y / touch.down.max(1e-6)).max(1.0);
    let down = ((touch.y - HEAD) / (height - HEAD).max(1.0)).clamp(0.0, 0.999_999);
    rows.gate_at(down)
}

#[derive(Debug, Properties, PartialEq)]
struct HoverProps {
    live: LiveHandle,
    touch: Pointer,
    gate: usize,
}

#[component]
fn Hover(props: &HoverProps) -> Html {
    let (touch, gate) = (props.touch, props.gate);
    let extra = use_reading(&props.live, 250.0, move |live| {
        let view = live.probes();
        let probe = touch.column(view.probes as usize);
        let label = *live.digits().labels.get(probe)?;
        let answer = *view.probability.get(gate * view.probes as usize + probe)?;
        Some(AttrValue::from(say::answer(live.class(label.into()), f64::from(answer) / 255.0)))
    });
    html! { <GateCard live={props.live.clone()} {gate} x={touch.x} y={touch.y} {extra} /> }
}

fn draw(surface: &Surface, live: &Live, image: &mut Pixels) -> Rows {
    let theme = &surface.theme;
    let view = live.probes();
    let (gates, probes) = (view.gates as usize, view.probes as usize);
    if gates == 0 || probes == 0 {
        surface.fill(theme.wash, 0.0, HEAD, surface.width, surface.height - HEAD);
        return Rows::default();
    }
    let (width, height) = (surface.device(surface.width), surface.device(surface.height - HEAD));
    image.resize(width, height);
    let rows = Rows::new(gates, height, 2);
    let own = live.current().map_or(theme.ink, |run| theme.estimator(run.estimator()));
    let ramp = |full: Rgb, ground: Rgb| -> Vec<Rgb> {
        (0..=255_u8).map(|v| shade(ground, full, f32::from(v) / 255.0)).collect()
    };
    let (plain, pinned) = (ramp(theme.ink, theme.wash), ramp(own, theme.wash.towards(own, 0.18)));
    let chosen = live.pinned_gate().map(|gate| rows.row_of(gate));
    for row in 0..rows.count {
        let colours = if chosen == Some(row) { &pinned } else { &plain };
        let ((from, to), (_, inner)) = (rows.pixels(row), rows.inner(row, 4));
        image.span(from, 0, width, theme.wash);
        image.repeat_row(from, to);
        for probe in 0..probes {
            let share = rows.gates(row);
            let n = share.len().max(1) as u32;
            let sum: u32 =
                share.filter_map(|gate| view.probability.get(gate * probes + probe)).map(|p| u32::from(*p)).sum();
            let colour = colours.get((sum / n) as usize).copied().unwrap_or(theme.ink);
            image.span(from, probe * width / probes, (probe + 1) * width / probes, colour);
        }
        image.repeat_row(from, inner);
    }
    surface.image(image, 0.0, HEAD);
    draw_classes(surface, live, probes);
    rows
}

/// Class borders, names of classes above them, and the pinned digit.
fn draw_classes(surface: &Surface, live: &Live, probes: usize) {
    let theme = &surface.theme;
    let across = |probe: usize| probe as f64 / probes as f64 * surface.width;
    let labels = &live.digits().labels;
    surface.font(11.5, 500);
    let mut start = 0;
    while let Some(label) = labels.get(start) {
        let end = start + labels.iter().skip(start).take_while(|other| *other == label).count();
        let own = live.pinned_label() == Some(*label);
        let colour = if own { theme.ink } else { theme.soft };
        let name =
            elide(live.class(usize::from(*label)), across(end) - across(start) - 4.0, |text| surface.text_width(text));
        surface.text(colour, Align::Middle, &name, f64::midpoint(across(start), across(end)), 9.0);
        if start > 0 {
            surface.line(theme.panel, 2.0, (across(start), HEAD - 2.0), (across(start), surface.height));
        }
        start = end;
    }
    let at = live.pinned_probe();
    let (left, right) = (across(at), across(at + 1));
    surface.pen.set_stroke_style_str(&theme.ink.css());
    surface.pen.set_line_width(1.5);
    surface.pen.stroke_rect(left - 0.75, HEAD + 0.75, (right - left).max(2.0) + 1.5, surface.height - HEAD - 1.5);
}
