//! The panel of curves: validation error, training loss and gate rate of all runs, with marks at changes.

mod axis;
mod base;
mod chart;
mod legend;
mod lines;
mod table;

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::{HtmlCanvasElement, HtmlInputElement};
use yew::prelude::*;

use self::chart::{Chart, MARGIN, Quantity};
use self::legend::Legend;
use self::table::Table;
use crate::page::canvas::{fit, use_drawing, use_reading};
use crate::page::dom;
use crate::page::live::{Live, LiveHandle, Part};
use crate::page::messages::pictures::{self as words, curves as say};
use crate::page::palette::hue_class;
use crate::page::pieces::{Card, Move, PinLayer, Pointer, Tabs};

/// Half-lives of the smoothing, in shares of the step axis.
const SMOOTHING: [f64; 7] = [0.0, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1];

/// Properties of [`CurvesPanel`].
#[derive(Debug, Properties, PartialEq)]
pub struct CurvesProps {
    /// The store.
    pub live: LiveHandle,
}

/// The panel.
#[component]
pub fn CurvesPanel(props: &CurvesProps) -> Html {
    let live = &props.live;
    let tab = use_state_eq(|| 0_usize);
    let smoothing = use_state_eq(|| 2_usize);
    let choose = {
        let tab = tab.clone();
        Callback::from(move |chosen| tab.set(chosen))
    };
    let title = say::TITLES.get(*tab).copied().unwrap_or_default();
    let chart = use_memo((), |()| RefCell::new(Chart::default()));
    html! {
        <section class="panel curves" aria-labelledby="curves-title">
            <div class="panel-head">
                <h2 id="curves-title">{ title }</h2>
                <Tabs id="curves" label={say::QUANTITY} names={&say::TABS[..]} chosen={*tab} {choose} />
            </div>
            <div role="tabpanel" id="curves-panel" aria-labelledby={format!("curves-tab-{}", *tab)} class="tab-panel">
                <Plot live={live.clone()} chart={Shared(chart.clone())} tab={*tab} smoothing={*smoothing} />
            </div>
            <Smoothing live={live.clone()} chart={Shared(chart)} chosen={*smoothing}
                choose={Callback::from(move |chosen| smoothing.set(chosen))} />
            <Legend live={live.clone()} />
            <Table live={live.clone()} />
        </section>
    }
}

/// The chart's state as a property.
#[derive(Clone, Debug)]
struct Shared(Rc<RefCell<Chart>>);

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

fn half_life(chart: &Chart, smoothing: usize) -> f64 {
    SMOOTHING.get(smoothing).copied().unwrap_or_default() * chart.steps.to as f64
}

#[derive(Debug, Properties, PartialEq)]
struct PlotProps {
    live: LiveHandle,
    chart: Shared,
    tab: usize,
    smoothing: usize,
}

#[component]
fn Plot(props: &PlotProps) -> Html {
    let live = &props.live;
    let (quantity, smoothing) = (Quantity::of(props.tab), props.smoothing);
    let at = use_state_eq(|| None::<(u64, Pointer)>);
    let base = use_node_ref();
    let step = (*at).map(|(step, _)| step);
    let canvas = {
        let (chart, base) = (props.chart.0.clone(), base.clone());
        use_drawing(live, Part::Curves, None, (props.tab, smoothing, step), move |surface, live| {
            let mut chart = chart.borrow_mut();
            chart.cover(live, quantity);
            let look = chart.look(surface);
            if chart.drawn.as_ref() != Some(&look)
                && let Some(canvas) = base.cast::<HtmlCanvasElement>()
                && let Some(under) = fit(&canvas, surface.theme.clone())
                && base::draw(&canvas, &under, &chart).is_ok()
            {
                chart.drawn = Some(look);
            }
            let drawn = lines::draw(surface, live, &chart, half_life(&chart, smoothing), step);
            if drawn && !chart.painted {
                chart.painted = true;
                dom::mark("first-curve-paint");
            }
        })
    };
    let name = use_reading(live, 5000.0, move |live| summary(live, quantity));
    let point = {
        let (at, live, chart) = (at.clone(), live.clone(), props.chart.0.clone());
        Callback::from(move |touch: Option<Pointer>| {
            at.set(
                touch.and_then(|touch| snap(&live.read(), quantity, &chart.borrow(), touch).map(|step| (step, touch))),
            );
        })
    };
    let go = {
        let (at, live) = (at.clone(), live.clone());
        Callback::from(move |step| at.set(walk(&live.read(), quantity, *at, step)))
    };
    let count = use_reading(live, 1000.0, move |live| live.current().map_or(0, |run| quantity.curve(run).len()));
    let now = step.and_then(|step| place_of(&live.read(), quantity, step));
    let text = step.map_or_else(String::new, |step| reading(&live.read(), quantity, step));
    html! {
        <div class="picture chart">
            <canvas ref={base} class="under" aria-hidden="true" />
            <canvas ref={canvas} role="img" aria-label={name} />
            <PinLayer label={say::PINNED} {now} {count} {text} pin={point.reform(Some)} hover={point} {go} horizontal=true />
            if let Some((step, touch)) = *at {
                <Reading live={live.clone()} tab={props.tab} {step} x={touch.x} y={touch.y} />
            }
        </div>
    }
}

/// The step with a point nearest to the pointer: of the current run, or of the first visible one that has points there.
fn snap(live: &Live, quantity: Quantity, chart: &Chart, touch: Pointer) -> Option<u64> {
    let width = touch.x / touch.across.max(1e-6);
    let share = (touch.x - MARGIN.0) / (width - MARGIN.0 - MARGIN.2).max(1.0);
    if !(-0.02..=1.05).contains(&share) {
        return None;
    }
    let wanted = (share.clamp(0.0, 1.0) * chart.steps.to as f64) as u64;
    let runs = || live.runs().iter().rev().filter(|run| run.visible && !quantity.curve(run).is_empty());
    let run = runs().find(|run| quantity.curve(run).last_step() >= Some(wanted)).or_else(|| runs().next())?;
    let buckets = quantity.curve(run).buckets();
    let after = buckets.partition_point(|bucket| bucket.last < wanted);
    let near = [after.checked_sub(1), Some(after)];
    near.into_iter()
        .flatten()
        .filter_map(|place| buckets.get(place))
        .map(|bucket| bucket.last)
        .min_by_key(|step| step.abs_diff(wanted))
}

fn place_of(live: &Live, quantity: Quantity, step: u64) -> Option<usize> {
    let buckets = quantity.curve(live.current()?).buckets();
    Some(buckets.partition_point(|bucket| bucket.last < step))
}

/// By keyboard: from point to point of the current run, beginning at the last.
fn walk(live: &Live, quantity: Quantity, at: Option<(u64, Pointer)>, step: Move) -> Option<(u64, Pointer)> {
    let buckets = quantity.curve(live.current()?).buckets();
    let now = at.and_then(|(at, _)| place_of(live, quantity, at)).unwrap_or(buckets.len());
    let next = step.along(Some(now), buckets.len(), [Move::Left, Move::Down], [Move::Right, Move::Up])?;
    let touch = at.map_or(Pointer { across: 0.5, down: 0.5, x: 60.0, y: 60.0 }, |(_, touch)| touch);
    buckets.get(next).map(|bucket| (bucket.last, touch))
}

/// Values of all visible runs at a step, in words.
fn reading(live: &Live, quantity: Quantity, step: u64) -> String {
    let values = live.runs().iter().rev().filter(|run| run.visible).filter_map(|run| {
        let value = quantity.curve(run).value_at(step)?;
        Some(format!("{}: {}", live.label(run), words::reading(value)))
    });
    std::iter::once(say::step(step)).chain(values).collect::<Vec<_>>().join("; ")
}

fn summary(live: &Live, quantity: Quantity) -> String {
    let lines: Vec<String> = live
        .runs()
        .iter()
        .rev()
        .filter(|run| run.visible)
        .map(|run| {
            let curve = quantity.curve(run);
            say::run(&live.label(run), curve.latest().map(f64::from), curve.last_step().unwrap_or_default())
        })
        .collect();
    let title = say::TITLES.get(quantity as usize).copied().unwrap_or_default();
    if lines.is_empty() { words::WAITING.to_owned() } else { format!("{title}. {}.", lines.join("; ")) }
}

#[derive(Debug, Properties, PartialEq)]
struct ReadingProps {
    live: LiveHandle,
    tab: usize,
    step: u64,
    x: f64,
    y: f64,
}

/// The card under the crosshair: the step, and each visible run's value there.
#[component]
fn Reading(props: &ReadingProps) -> Html {
    let (step, quantity) = (props.step, Quantity::of(props.tab));
    let rows = use_reading(&props.live, 250.0, move |live| {
        let shown = live.runs().iter().rev().filter(|run| run.visible);
        shown
            .filter_map(|run| {
                let bucket = quantity.curve(run).bucket_at(step)?;
                let spread = (bucket.count > 1).then(|| say::spread(f64::from(bucket.min), f64::from(bucket.max)));
                Some((hue_class(run.span_at(step).1), words::reading(bucket.mean()), spread, live.label(run)))
            })
            .collect::<Vec<_>>()
    });
    html! {
        <Card x={props.x} y={props.y}>
            <b class="tip-title">{ say::step(step) }</b>
            { for rows.into_iter().map(|(class, value, spread, label)| html! {
                <span class={classes!("tip-row", class)}><i /><b>{ value }</b>
                    if let Some(spread) = spread { <small>{ spread }</small> }
                    <em>{ label }</em></span>
            }) }
        </Card>
    }
}

#[derive(Debug, Properties, PartialEq)]
struct SmoothingProps {
    live: LiveHandle,
    chart: Shared,
    chosen: usize,
    choose: Callback<usize>,
}

#[component]
fn Smoothing(props: &SmoothingProps) -> Html {
    let (chart, chosen) = (props.chart.0.clone(), props.chosen);
    let text = use_reading(&props.live, 1000.0, move |_| match half_life(&chart.borrow(), chosen) {
        steps if steps > 0.0 => say::half_life(steps),
        _ => say::RAW.to_owned(),
    });
    let oninput = {
        let choose = props.choose.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(input) = event.target_dyn_into::<HtmlInputElement>() {
                choose.emit(input.value_as_number().max(0.0) as usize);
            }
        })
    };
    html! {
        <label class="smoothing">
            <span>{ say::SMOOTHING }</span>
            <input class="slider" type="range" min="0" max={(SMOOTHING.len() - 1).to_string()} step="1" value={chosen.to_string()}
                aria-valuetext={text.clone()} {oninput} />
            <output>{ text }</output>
        </label>
    }
}
