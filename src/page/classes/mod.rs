//! The panel by class: P(fires | digit), gates × classes.

mod order;

use std::cell::RefCell;
use std::rc::Rc;

use yew::prelude::*;

use self::order::Order;
use crate::page::abbreviation::elide;
use crate::page::canvas::{Align, Pixels, Surface, use_drawing, use_reading};
use crate::page::gates::{move_gate, toggle_gate};
use crate::page::live::{Live, LiveHandle, Need, Part};
use crate::page::messages::pictures::{self as words, classes as say};
use crate::page::palette::shade;
use crate::page::pieces::{Choice, GateCard, Move, PinLayer, Pointer};
use gatelab_engine::data::CLASSES;

/// Width of the column of class names: at least, CSS pixels, and at most, as a share of the picture's width.
const LEFT: f64 = 18.0;
const LEFT_SHARE: f64 = 0.24;

/// Properties of [`ClassesPanel`].
#[derive(Debug, Properties, PartialEq)]
pub struct ClassesProps {
    /// The store.
    pub live: LiveHandle,
}

/// What is kept between drawings.
#[derive(Default)]
struct Kept {
    order: Order,
    shown: Vec<usize>,
    /// Width of the column of class names, CSS pixels.
    left: f64,
    image: Pixels,
}

/// The panel.
#[component]
pub fn ClassesPanel(props: &ClassesProps) -> Html {
    let live = &props.live;
    let by_number = use_state_eq(|| false);
    let numbered = *by_number;
    let kept = use_memo((), |()| RefCell::new(Kept::default()));
    let canvas = {
        let kept = kept.clone();
        use_drawing(live, Part::Probes, Some(Need::Classes), numbered, move |surface, live| {
            draw(surface, live, numbered, &mut kept.borrow_mut());
        })
    };
    let choose = {
        let by_number = by_number.clone();
        Callback::from(move |chosen| by_number.set(chosen == 1))
    };
    let per_column = use_reading(live, 1000.0, |live| per_column(live.gates(), 300.0 - LEFT));
    let names = vec![AttrValue::from(say::BY_FAVOURITE), AttrValue::from(say::BY_NUMBER)];
    html! {
        <section class="panel classes" aria-labelledby="classes-title">
            <h2 id="classes-title">{ say::TITLE }</h2>
            <p class="cap">{ say::caption(numbered, per_column) }</p>
            <Picture live={live.clone()} {kept} {canvas} />
            <div class="stats">
                <Choice label={say::ORDER} {names} chosen={usize::from(numbered)} {choose} />
            </div>
        </section>
    }
}

#[derive(Properties)]
struct PictureProps {
    live: LiveHandle,
    kept: Rc<RefCell<Kept>>,
    canvas: NodeRef,
}

impl PartialEq for PictureProps {
    fn eq(&self, other: &Self) -> bool {
        self.live == other.live && Rc::ptr_eq(&self.kept, &other.kept)
    }
}

#[component]
fn Picture(props: &PictureProps) -> Html {
    let live = &props.live;
    let hover = use_state_eq(|| None::<Pointer>);
    let (now, count, text) = use_reading(live, 250.0, pinned);
    let name = use_reading(live, 5000.0, summary);
    let point = {
        let hover = hover.clone();
        Callback::from(move |touch| hover.set(touch))
    };
    let under = {
        let kept = props.kept.clone();
        move |touch: &Pointer| gate_at(touch, &kept.borrow())
    };
    let press = {
        let (live, under) = (live.clone(), under.clone());
        Callback::from(move |touch: Pointer| {
            if let Some(gate) = under(&touch) {
                toggle_gate(&live, gate);
            }
        })
    };
    let go = {
        let (live, kept) = (live.clone(), props.kept.clone());
        Callback::from(move |step| walk(&live, &kept.borrow().shown, step))
    };
    let card = (*hover).and_then(|touch| under(&touch).map(|gate| (gate, touch)));
    html! {
        <div class="picture heat">
            <canvas ref={props.canvas.clone()} role="img" aria-label={name} />
            <PinLayer label={words::gates::PINNED} {now} {count} {text} hover={point} pin={press} {go} horizontal=true />
            if let Some((gate, touch)) = card {
                <Hover live={live.clone()} {gate} {touch} />
            }
        </div>
    }
}

/// Moves the pinned gate along the order shown, not by number.
fn walk(live: &LiveHandle, shown: &[usize], step: Move) {
    let now = live.read().pinned_gate();
    let place = now.and_then(|gate| shown.iter().position(|other| *other == gate));
    if shown.is_empty() {
        move_gate(live, step, [Move::Up, Move::Left], [Move::Down, Move::Right]);
        return;
    }
    let next = step.along(place, shown.len(), [Move::Up, Move::Left], [Move::Down, Move::Right]);
    live.pin_gate(next.and_then(|place| shown.get(place).copied()));
}

#[derive(Debug, Properties, PartialEq)]
struct HoverProps {
    live: LiveHandle,
    gate: usize,
    touch: Pointer,
}

#[component]
fn Hover(props: &HoverProps) -> Html {
    let (gate, class) = (props.gate, props.touch.row(CLASSES));
    let extra = use_reading(&props.live, 250.0, move |live| {
        let share = live.by_class(gate, class)?;
        Some(AttrValue::from(say::cell(live.class(class), &words::percent(f64::from(share)))))
    });
    html! { <GateCard live={props.live.clone()} {gate} x={props.touch.x} y={props.touch.y} {extra} /> }
}

fn pinned(live: &Live) -> (Option<usize>, usize, String) {
    let gate = live.pinned_gate();
    let text = gate.map_or_else(String::new, |gate| {
        let what = live.favourite(gate).map(usize::from).map_or_else(
            || words::NO_FAVOURITE.to_owned(),
            |class| words::favourite(live.class(class), live.by_class(gate, class).unwrap_or_default().into()),
        );
        format!("{}, {what}", words::gate(gate))
    });
    (gate, live.gates(), text)
}

fn summary(live: &Live) -> String {
    let mut counts = [0; CLASSES];
    let mut none = 0;
    if live.probes().by_class.is_empty() {
        return words::WAITING.to_owned();
    }
    for gate in 0..live.gates() {
        match live.favourite(gate).and_then(|digit| counts.get_mut(usize::from(digit))) {
            Some(count) => *count += 1,
            None => none += 1,
        }
    }
    say::summary(&counts, live.classes(), none)
}

/// Gates per column where columns would be thinner than a CSS pixel.
fn per_column(gates: usize, width: f64) -> usize {
    gates.div_ceil(width.max(1.0) as usize).max(1)
}

fn gate_at(touch: &Pointer, Kept { shown, left, .. }: &Kept) -> Option<usize> {
    let width = touch.x / touch.across.max(1e-6);
    let share = ((touch.x - left) / (width - left).max(1.0)).clamp(0.0, 0.999_999);
    shown.get((share * shown.len() as f64) as usize).copied()
}

fn draw(surface: &Surface, live: &Live, numbered: bool, kept: &mut Kept) {
    let theme = surface.theme.clone();
    let gates = live.probes().gates as usize;
    let row = surface.height / CLASSES as f64;
    surface.font(11.5, 500);
    let measure = |text: &str| surface.text_width(text);
    let widest = live.classes().iter().map(|name| measure(name)).fold(0.0, f64::max);
    kept.left = (widest + 8.0).min(LEFT_SHARE * surface.width).max(LEFT).ceil();
    for (class, name) in live.classes().iter().enumerate() {
        let name = elide(name, kept.left - 6.0, measure);
        surface.text(theme.soft, Align::Left, &name, 1.0, (class as f64 + 0.5) * row);
    }
    if gates == 0 {
        surface.fill(theme.wash, kept.left, 0.0, surface.width - kept.left, surface.height);
        return;
    }
    let favourites: Vec<Option<u8>> = (0..gates).map(|gate| live.favourite(gate)).collect();
    kept.shown = if numbered {
        (0..gates).collect()
    } else {
        kept.order.by_favourite(&favourites, js_sys::Date::now()).to_vec()
    };
    let per = per_column(gates, surface.width - kept.left);
    paint(surface, live, kept, per);
    mark_pinned(surface, live, kept);
}

/// The cells, by device pixels.
fn paint(surface: &Surface, live: &Live, kept: &mut Kept, per: usize) {
    let theme = &surface.theme;
    let own = live.current().map_or(theme.ink, |run| theme.estimator(run.estimator()));
    let (width, height) = (surface.device(surface.width - kept.left), surface.device(surface.height));
    kept.image.resize(width, height);
    let columns = kept.shown.len().div_ceil(per);
    let gap = if width / columns.max(1) >= 4 { surface.ratio.round() as usize } else { 0 };
    for class in 0..CLASSES {
        let (from, to) = (class * height / CLASSES, (class + 1) * height / CLASSES);
        kept.image.span(from, 0, width, theme.panel);
        for (place, share) in kept.shown.chunks(per).enumerate() {
            let mean = share.iter().filter_map(|gate| live.by_class(*gate, class)).sum::<f32>() / share.len() as f32;
            let (left, right) = (place * width / columns, (place + 1) * width / columns);
            kept.image.span(from, left, right.saturating_sub(gap).max(left + 1), shade(theme.wash, own, mean));
        }
        let line = surface.ratio.round() as usize;
        kept.image.repeat_row(from, to.saturating_sub(line));
        kept.image.span(to - line, 0, width, theme.panel);
        kept.image.repeat_row(to - line, to);
    }
    surface.image(&kept.image, kept.left, 0.0);
}

fn mark_pinned(surface: &Surface, live: &Live, kept: &Kept) {
    let Some(place) = live.pinned_gate().and_then(|gate| kept.shown.iter().position(|other| *other == gate)) else {
        return;
    };
    let step = (surface.width - kept.left) / kept.shown.len() as f64;
    let x = kept.left + place as f64 * step;
    surface.pen.set_stroke_style_str(&surface.theme.ink.css());
    surface.pen.set_line_width(1.5);
    surface.pen.stroke_rect(x - 0.75, 0.75, step.max(2.0) + 0.5, surface.height - 1.5);
}
