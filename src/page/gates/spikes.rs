//! Gates × last steps, newest at the right.

use std::cell::RefCell;

use yew::prelude::*;

use super::rows::{Rows, mean};
use super::{RasterProps, Summary, move_gate, pinned, toggle_gate, use_summary};
use crate::page::canvas::{Align, Pixels, Surface, use_drawing, use_reading};
use crate::page::live::{Live, LiveHandle, MarkKind, Need, Part, RASTER_WIDTH};
use crate::page::messages::pictures::gates as say;
use crate::page::palette::{Rgb, shade};
use crate::page::pieces::{Choice, GateCard, Move, PinLayer, Pointer};
use crate::protocol::RasterOf;

/// Height above the raster for the marks' labels, CSS pixels.
const HEAD: f64 = 20.0;

/// The raster.
#[component]
pub(super) fn Spikes(props: &RasterProps) -> Html {
    let live = &props.live;
    let image = use_memo((), |()| RefCell::new(Pixels::default()));
    let rows = props.rows.0.clone();
    let laid_out = rows.clone();
    let canvas = use_drawing(live, Part::Raster, Some(Need::Raster), (), move |surface, live| {
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
        Callback::from(move |touch: Pointer| toggle_gate(&live, gate_at(&touch, rows.get())))
    };
    let go = {
        let live = live.clone();
        Callback::from(move |step| move_gate(&live, step, [Move::Up, Move::Left], [Move::Down, Move::Right]))
    };
    html! {
        <>
            <div class="picture spikes">
                <canvas ref={canvas} role="img" aria-label={name} />
                <PinLayer label={say::PINNED} {now} {count} {text} hover={point} pin={press} {go} />
                if let Some(touch) = *hover && count > 0 {
                    <Hover live={live.clone()} gate={gate_at(&touch, rows.get())} x={touch.x} y={touch.y} />
                }
            </div>
            <Summary live={live.clone()}>
                <OfWhat live={live.clone()} />
            </Summary>
        </>
    }
}

/// The gate under the pointer.
fn gate_at(touch: &Pointer, rows: Rows) -> usize {
    let height = (touch.y / touch.down.max(1e-6)).max(1.0);
    let down = ((touch.y - HEAD) / (height - HEAD).max(1.0)).clamp(0.0, 0.999_999);
    rows.gate_at(down)
}

#[derive(Debug, Properties, PartialEq)]
struct HoverProps {
    live: LiveHandle,
    gate: usize,
    x: f64,
    y: f64,
}

#[component]
fn Hover(props: &HoverProps) -> Html {
    let gate = props.gate;
    let extra = use_reading(&props.live, 250.0, move |live| {
        let raster = live.raster();
        let columns: Vec<&[u8]> = (0..raster.len()).filter_map(|age| raster.column(age)).collect();
        let open = columns.iter().filter(|column| column.get(gate).is_some_and(|spike| *spike > 127)).count();
        (live.spikes_of() == RasterOf::Pinned && !columns.is_empty())
            .then(|| AttrValue::from(say::opened(open, columns.len())))
    });
    html! { <GateCard live={props.live.clone()} {gate} x={props.x} y={props.y} {extra} /> }
}

#[derive(Debug, Properties, PartialEq)]
struct OfWhatProps {
    live: LiveHandle,
}

#[component]
fn OfWhat(props: &OfWhatProps) -> Html {
    let (of, class) =
        use_reading(&props.live, 250.0, |live| (live.spikes_of(), live.pinned_class().map(str::to_owned)));
    let choose = {
        let live = props.live.clone();
        Callback::from(move |chosen| live.raster_of(if chosen == 0 { RasterOf::Pinned } else { RasterOf::Minibatch }))
    };
    let names = vec![AttrValue::from(say::one_digit(class.as_deref())), AttrValue::from(say::MINIBATCH)];
    html! { <Choice label={say::OF} {names} chosen={usize::from(of == RasterOf::Minibatch)} {choose} /> }
}

fn draw(surface: &Surface, live: &Live, image: &mut Pixels) -> Rows {
    let (width, height) = (surface.device(surface.width), surface.device(surface.height - HEAD));
    image.resize(width, height);
    let theme = &surface.theme;
    let own = live.current().map_or(theme.ink, |run| theme.estimator(run.estimator()));
    let gates = live.raster().gates();
    let rows = Rows::new(gates, height, 2);
    if gates == 0 || live.raster().is_empty() {
        surface.fill(theme.wash.towards(theme.panel, 0.7), 0.0, HEAD, surface.width, surface.height - HEAD);
        return rows;
    }
    // Shares of the minibatch are small, so they are raised for visibility.
    let lift = if live.spikes_of() == RasterOf::Minibatch || rows.per_row > 1 { 0.55 } else { 1.0 };
    let ramp = |full: Rgb, ground: Rgb| -> Vec<Rgb> {
        (0..=255_u8).map(|v| shade(ground, full, (f32::from(v) / 255.0).powf(lift))).collect()
    };
    let plain = ramp(theme.ink.towards(theme.wash, 0.12), theme.wash);
    let pinned = ramp(own, theme.wash.towards(own, 0.18));
    let chosen = live.pinned_gate().map(|gate| rows.row_of(gate));
    let columns: Vec<Option<&[u8]>> =
        (0..RASTER_WIDTH).map(|place| live.raster().column(RASTER_WIDTH - 1 - place)).collect();
    let across = |place: usize| place * width / RASTER_WIDTH;
    for row in 0..rows.count {
        let colours = if chosen == Some(row) { &pinned } else { &plain };
        let ground = colours.first().copied().unwrap_or(theme.wash);
        let ((from, to), (_, inner)) = (rows.pixels(row), rows.inner(row, 4));
        image.span(from, 0, width, ground);
        // Unrecorded steps have no background, unlike steps in which all gates were closed.
        for (place, _) in columns.iter().enumerate().filter(|(_, column)| column.is_none()) {
            image.span(from, across(place), across(place + 1), theme.wash.towards(theme.panel, 0.7));
        }
        image.repeat_row(from, to);
        for (place, column) in columns.iter().enumerate() {
            let value = column.map_or(0, |column| mean(column, rows.gates(row)));
            if value > 0 {
                let (left, right) = (across(place), across(place + 1));
                let right = if right - left >= 3 { right - 1 } else { right.max(left + 1) };
                image.span(from, left, right, colours.get(usize::from(value)).copied().unwrap_or(theme.ink));
            }
        }
        image.repeat_row(from, inner);
    }
    surface.image(image, 0.0, HEAD);
    draw_marks(surface, live);
    rows
}

/// Dashed verticals where something was changed, with a label above for another estimator.
fn draw_marks(surface: &Surface, live: &Live) {
    let Some(run) = live.current() else { return };
    let last = live.raster().last_step();
    let mut free = f64::INFINITY;
    surface.font(11.0, 600);
    for mark in run.marks.iter().rev() {
        let age = last.saturating_sub(mark.step);
        let age = age as f64 / live.raster().stride() as f64;
        if mark.step > last || age >= RASTER_WIDTH as f64 {
            continue;
        }
        let x = (surface.width * (RASTER_WIDTH as f64 - age) / RASTER_WIDTH as f64).min(surface.width - 0.75);
        let theme = &surface.theme;
        if mark.kind == MarkKind::Knob {
            surface.line(theme.faint, 1.5, (x, HEAD - 5.0), (x, HEAD + 5.0));
            continue;
        }
        surface.dash(&[4.0, 3.0]);
        surface.line(theme.ink, 1.5, (x, HEAD - 4.0), (x, surface.height));
        surface.dash(&[]);
        let wide = surface.text_width(&mark.label);
        let middle = x.clamp(wide / 2.0 + 1.0, surface.width - wide / 2.0 - 1.0);
        if middle + wide / 2.0 + 8.0 < free {
            surface.text(theme.ink, Align::Middle, &mark.label, middle, 8.0);
            free = middle - wide / 2.0;
        }
    }
}
