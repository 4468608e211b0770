//! The slope of the loss from b = 0 to b = 1 with the area under it, and each estimator's estimate of that area as a level: the
//! rectangle under a level has the estimated area.

use yew::prelude::*;

use super::GateProps;
use super::drag::{Drag, Handle, use_drag};
use super::levels::{Level, NAMES, levels};
use crate::page::lab::rule::slope_use;
use crate::page::lab::scale::LinearAxis;
use crate::page::lab::state::{LabMsg, Spelling, Toy};
use crate::page::lab::width::{px, use_width};
use crate::page::messages::lab::{gate as text, plain};
use crate::page::palette::hue_class;

/// Points of the curve.
const POINTS: usize = 96;
const TOP: f64 = 30.0;
/// Height under the curve, for the names of the ends and the handle of p.
const FOOT: f64 = 56.0;
const LEFT: f64 = 54.0;

/// Positions in the picture.
#[derive(Clone, Copy)]
pub(super) struct Layout {
    pub(super) width: f64,
    high: f64,
    pub(super) right: f64,
    pub(super) axis: LinearAxis,
}

impl Layout {
    fn new(width: f64, toy: &Toy, guesses: impl Iterator<Item = f64>) -> Self {
        let wide = width > 520.0;
        let slopes = [toy.slope(0.0), toy.slope(1.0), 0.0];
        let (low, high) = slopes.iter().fold((0.0_f64, 0.0_f64), |(l, h), v| (l.min(*v), h.max(*v)));
        let reach = (high - low).max(0.5);
        // Estimates a little beyond the slopes extend the axis; others are marked with an arrow at the edge.
        let near = guesses.filter(|guess| (low - 0.15 * reach..=high + 0.15 * reach).contains(guess));
        let axis = LinearAxis::around(slopes.into_iter().chain(near).chain([-0.25, 0.25]), 0.5);
        Self {
            width,
            high: if wide { 400.0 } else { 330.0 },
            right: if wide { width - NAMES } else { width - 14.0 },
            axis,
        }
    }

    pub(super) fn x(&self, b: f64) -> f64 {
        LEFT + b * (self.right - LEFT)
    }

    pub(super) fn y(&self, value: f64) -> f64 {
        self.bottom() - self.axis.position(value) * (self.bottom() - TOP)
    }

    pub(super) fn bottom(&self) -> f64 {
        self.high - FOOT
    }

    pub(super) const fn top() -> f64 {
        TOP
    }

    pub(super) fn has_names(&self) -> bool {
        self.width - self.right > 20.0
    }
}

#[component]
pub fn Picture(props: &GateProps) -> Html {
    let (node, width) = use_width(760.0);
    let toy = &props.gate.toy;
    let explained = props.explained();
    let known = props.ticked.iter().filter_map(|id| props.gate.latest_guess(id)?.area);
    let layout = Layout::new(width, toy, known);
    let svg = use_node_ref();
    let drag = use_drag(svg.clone(), (LEFT / width, layout.right / width), props.send.reform(LabMsg::Toy));
    let levels = if toy.gates == 1 { levels(props, &layout) } else { Vec::new() };
    html! {
        <div ref={node} class="gate-frame">
            <svg
                ref={svg} class="gate-svg" viewBox={format!("0 0 {width} {}", layout.high)} role="img"
                aria-label={text::picture(toy)} data-p={toy.p.to_string()} data-t={toy.t.to_string()}
                onpointermove={drag.moved()} onpointerup={drag.released()} onpointercancel={drag.released()}
            >
                { grid(&layout) }
                { area(toy, &layout, true) }
                { area(toy, &layout, false) }
                { for levels.iter().filter(|level| Some(level.id) == explained).map(|level| block(level, &layout)) }
                <line class="axis" x1={px(LEFT)} x2={px(layout.right)} y1={px(layout.y(0.0))} y2={px(layout.y(0.0))} />
                { for levels.iter().map(|level| level.draw(&layout, Some(level.id) == explained)) }
                <path class="curve" d={curve(toy, &layout, |slope| slope)} />
                if let Some(id) = explained.filter(|_| toy.gates == 1) { { seen(id, toy, &layout) } }
                <text class="area-words" x={px(LEFT + 10.0)} y={px(TOP - 10.0)}>{ text::area(toy.area()) }</text>
                { target(toy, &layout, &drag) }
                { probability(props, &layout, &drag) }
            </svg>
        </div>
    }
}

/// The slope at evenly spaced b, as an SVG path.
fn curve(toy: &Toy, layout: &Layout, change: impl Fn(f64) -> f64) -> String {
    let points = (0..=POINTS).map(|k| {
        let b = k as f64 / POINTS as f64;
        format!("{:.2} {:.2}", layout.x(b), layout.y(change(toy.slope(b))))
    });
    format!("M{}", points.collect::<Vec<_>>().join("L"))
}

/// The area above the axis, or the area below it.
fn area(toy: &Toy, layout: &Layout, above: bool) -> Html {
    let part = |slope: f64| if above { slope.max(0.0) } else { slope.min(0.0) };
    let zero = layout.y(0.0);
    let path = format!("{}L{:.2} {zero:.2}L{:.2} {zero:.2}Z", curve(toy, layout, part), layout.x(1.0), layout.x(0.0));
    html! { <path class={if above { "area plus" } else { "area minus" }} d={path} /> }
}

fn grid(layout: &Layout) -> Html {
    let (left, right) = (layout.x(0.0), layout.x(1.0));
    html! {
        <>
            { for layout.axis.ticks().into_iter().map(|tick| {
                let y = layout.y(tick);
                html! {
                    <>
                        <line class="rule" x1={px(left)} x2={px(right)} y1={px(y)} y2={px(y)} />
                        <text x={px(left - 17.0)} y={px(y + 4.0)} text-anchor="end">{ plain(tick).trim_end_matches('0').trim_end_matches('.') }</text>
                    </>
                }
            }) }
            if layout.has_names() {
                <text class="quantity" x={px(right)} y={px(TOP - 10.0)} text-anchor="end">{ text::SLOPE }</text>
            }
            <text x={px(left)} y={px(layout.high - 6.0)}>{ format!("b = 0, {}", text::SHUT) }</text>
            <text x={px(right)} y={px(layout.high - 6.0)} text-anchor="end">{ format!("b = 1, {}", text::IS_OPEN) }</text>
        </>
    }
}

/// The rectangle of width 1 under an estimate.
fn block(level: &Level, layout: &Layout) -> Html {
    let (from, to) = (layout.y(level.guess.max(0.0)), layout.y(level.guess.min(0.0)));
    html! {
        <rect
            class={classes!("block", hue_class(level.id))} x={px(layout.x(0.0))} y={px(from)}
            width={px(layout.x(1.0) - layout.x(0.0))} height={px((to - from).max(0.0))}
        />
    }
}

/// The points of the curve whose slope an estimator uses; their area grows with their weight.
fn seen(id: &'static str, toy: &Toy, layout: &Layout) -> Html {
    let points = slope_use(id, toy.p).points();
    html! {
        <g class={classes!("seen", hue_class(id))}>
            { for points.into_iter().map(|(b, weight)| {
                let (x, y, r) = (layout.x(b), layout.y(toy.slope(b)), 3.5 + 8.0 * weight.min(1.5).sqrt());
                html! { <circle cx={px(x)} cy={px(y)} r={px(r)} /> }
            }) }
        </g>
    }
}

/// The handle of t, where the slope of the square is 0.
fn target(toy: &Toy, layout: &Layout, drag: &Drag) -> Html {
    if toy.spelling == Spelling::Values {
        return Html::default();
    }
    let (x, y) = (layout.x(toy.t), layout.y(0.0));
    html! {
        <g class="handle of-target" onpointerdown={drag.take(Handle::Target)}>
            <circle class="grip" cx={px(x)} cy={px(y)} r="22" />
            <rect x={px(x - 6.0)} y={px(y - 6.0)} width="12" height="12" transform={format!("rotate(45 {x:.2} {y:.2})")} />
            <text x={px(x)} y={px(y - 14.0)} text-anchor="middle">{ text::handle("t", toy.t) }</text>
        </g>
    }
}

/// The handle of p on a rail under the picture, and the p that training has reached.
fn probability(props: &GateProps, layout: &Layout, drag: &Drag) -> Html {
    let toy = &props.gate.toy;
    let (x, y) = (layout.x(toy.p), layout.bottom() + 20.0);
    let learned = props.gate.trained.as_ref().and_then(|trained| Some((trained.estimator, trained.now()?.mean_p)));
    let anchor = if toy.p > 0.85 { "end" } else { "start" };
    let beside = if toy.p > 0.85 { x - 14.0 } else { x + 14.0 };
    html! {
        <>
            <line class="plumb" x1={px(x)} x2={px(x)} y1={px(TOP)} y2={px(y)} />
            <g class="handle of-p" onpointerdown={drag.take(Handle::Probability)}>
                <rect class="grip" x={px(layout.x(0.0) - 16.0)} y={px(y - 14.0)} width={px(layout.x(1.0) - layout.x(0.0) + 32.0)} height="30" />
                <line class="rail" x1={px(layout.x(0.0))} x2={px(layout.x(1.0))} y1={px(y)} y2={px(y)} />
                <circle cx={px(x)} cy={px(y)} r="8" />
                <text x={px(beside)} y={px(y - 6.0)} text-anchor={anchor}>{ text::handle("p", toy.p) }</text>
            </g>
            if let Some((id, p)) = learned {
                <g class={classes!("learned", hue_class(id))}>
                    <circle cx={px(layout.x(p))} cy={px(y)} r="6" />
                </g>
            }
        </>
    }
}
