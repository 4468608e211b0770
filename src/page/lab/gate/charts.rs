//! Two training curves of the toy: firing probability and expected loss, with lines at p = t and at the best value.

use std::rc::Rc;

use yew::prelude::*;

use crate::page::lab::scale::LinearAxis;
use crate::page::lab::state::{Gate, STEPS, Spelling};
use crate::page::lab::width::{px, use_width};
use crate::page::messages::lab::{gate as text, plain};
use crate::page::messages::pictures::curves::tick;
use gatelab_engine::lab::TrainingPoint;

const HIGH: f64 = 190.0;
const LEFT: f64 = 42.0;
const TOP: f64 = 22.0;
const BOTTOM: f64 = HIGH - 20.0;

#[derive(Clone, PartialEq, Properties)]
pub struct ChartsProps {
    /// The gate's state.
    pub gate: Rc<Gate>,
}

#[component]
pub fn Charts(props: &ChartsProps) -> Html {
    let gate = &props.gate;
    let toy = gate.trained.as_ref().map_or(gate.toy, |trained| trained.toy);
    let drawn = gate.trained.as_ref().map_or(0.0, |trained| trained.drawn);
    let points: Vec<TrainingPoint> = gate
        .trained
        .as_ref()
        .map(|trained| trained.points.iter().copied().filter(|point| point.step as f64 <= drawn).collect())
        .unwrap_or_default();
    let best = toy.optimum();
    let mut marks = Vec::new();
    if toy.spelling != Spelling::Values {
        marks.push((toy.t, text::AT_TARGET));
    }
    marks.extend(best.map(|best| (best, text::BEST)));
    let ends = [toy.value(0.0), toy.value(1.0)];
    let lowest = best.map(|best| (if best > 0.5 { ends[1] } else { ends[0] }, text::BEST));
    let along = |value: fn(&TrainingPoint) -> f64| points.iter().map(|point| (point.step, value(point))).collect();
    let p: Vec<(u64, f64)> = along(|point| point.mean_p);
    let loss: Vec<(u64, f64)> = along(|point| point.expected);
    html! {
        <div class="charts">
            <Chart title={text::CHART_P} points={p} axis={LinearAxis { low: 0.0, high: 1.0, step: 0.25 }} {marks} />
            <Chart
                title={text::CHART_LOSS} points={loss} axis={LinearAxis::around(ends.into_iter(), 0.01)}
                marks={lowest.into_iter().collect::<Vec<_>>()}
            />
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ChartProps {
    title: &'static str,
    points: Vec<(u64, f64)>,
    axis: LinearAxis,
    marks: Vec<(f64, &'static str)>,
}

#[component]
fn Chart(props: &ChartProps) -> Html {
    let (node, width) = use_width(380.0);
    let right = width - 44.0;
    let x = |step: u64| LEFT + step as f64 / STEPS as f64 * (right - LEFT);
    let y = |value: f64| BOTTOM - props.axis.position(value) * (BOTTOM - TOP);
    let line: Vec<String> = props.points.iter().map(|(step, v)| format!("{:.1},{:.1}", x(*step), y(*v))).collect();
    let now = props.points.last().copied();
    let words = now.map_or_else(|| props.title.to_owned(), |(_, value)| format!("{}: {}", props.title, plain(value)));
    html! {
        <div ref={node} class="chart-frame">
            <svg class="lab-chart" viewBox={format!("0 0 {width} {HIGH}")} role="img" aria-label={words}>
                <text class="quantity" x="0" y="12">{ props.title }</text>
                { for props.axis.ticks().into_iter().map(|v| html! {
                    <>
                        <line class="rule" x1={px(LEFT)} x2={px(right)} y1={px(y(v))} y2={px(y(v))} />
                        <text x={px(LEFT - 6.0)} y={px(y(v) + 4.0)} text-anchor="end">{ plain(v) }</text>
                    </>
                }) }
                <text x={px(LEFT)} y={px(HIGH - 4.0)}>{ tick(0) }</text>
                <text x={px(right)} y={px(HIGH - 4.0)} text-anchor="end">{ tick(STEPS) }</text>
                { for props.marks.iter().map(|(value, name)| html! {
                    <>
                        <line class="mark" x1={px(LEFT)} x2={px(right)} y1={px(y(*value))} y2={px(y(*value))} />
                        <text class="mark-name" x={px(right + 5.0)} y={px(y(*value) + 4.0)}>{ *name }</text>
                    </>
                }) }
                <polyline class="line" points={line.join(" ")} />
                if let Some((step, value)) = now {
                    <circle class="dot" cx={px(x(step))} cy={px(y(value))} r="4" />
                }
            </svg>
        </div>
    }
}
