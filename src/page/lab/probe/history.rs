//! One quantity of every estimator along training: one line each, one point for each snapshot.

use yew::prelude::*;

use super::ProbeProps;
use crate::page::lab::scale::{LinearAxis, LogAxis, apart};
use crate::page::lab::state::{LabMsg, Metric, Probe};
use crate::page::lab::width::{px, use_width};
use crate::page::messages::lab::{plain, probe as text};
use crate::page::palette::hue_class;
use crate::page::pieces::Choice;
use gatelab_engine::estimator::registry;

const HIGH: f64 = 240.0;
const LEFT: f64 = 38.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = HIGH - 20.0;
/// Width of the names at the ends of lines.
const NAMES: f64 = 146.0;

#[component]
pub fn History(props: &ProbeProps) -> Html {
    let (node, width) = use_width(420.0);
    let ProbeProps { probe, send, .. } = props;
    let chosen = Metric::ALL.iter().position(|metric| *metric == probe.metric).unwrap_or(0);
    let names = Metric::ALL.iter().map(|metric| AttrValue::from(text::metric(*metric))).collect::<Vec<_>>();
    let choose = send.reform(|chosen: usize| LabMsg::Plot(Metric::ALL.get(chosen).copied().unwrap_or_default()));
    html! {
        <div class="lab-picture">
            <div class="lab-picture-head">
                <h3>{ text::HISTORY }</h3>
                <Choice label={text::QUANTITY} {names} {chosen} {choose} />
            </div>
            <div ref={node}>
                if probe.history.len() < 2 {
                    <p class="lab-empty">{ text::HISTORY_EMPTY }</p>
                } else {
                    { chart(probe, width) }
                }
            </div>
        </div>
    }
}

/// The value axis of the chosen quantity.
enum Values {
    Log(LogAxis),
    Linear(LinearAxis),
}

impl Values {
    fn of(probe: &Probe) -> Self {
        let points = probe.history.iter().flat_map(|point| &point.rows);
        let values = points.filter_map(|(_, metrics)| probe.metric.of(metrics, probe.equal_cost));
        match probe.metric {
            Metric::Noise => Self::Log(LogAxis::around(values.filter(|value| *value > 1e-3))),
            // A bias larger than the gradient is drawn at the upper end.
            Metric::Bias => Self::Linear(LinearAxis::around(values.map(|value| value.min(1.0)).chain([0.0]), 0.05)),
            Metric::Direction => Self::Linear(LinearAxis::around(values.chain([0.0, 1.0]), 0.25)),
        }
    }

    fn position(&self, value: f64) -> f64 {
        match self {
            Self::Log(axis) => axis.position(value),
            Self::Linear(axis) => axis.position(value),
        }
    }

    fn ticks(&self) -> Vec<(f64, String)> {
        match self {
            Self::Log(axis) => {
                axis.ticks().into_iter().map(|e| (axis.position(10_f64.powi(e)), text::decade(e))).collect()
            }
            Self::Linear(axis) => axis.ticks().into_iter().map(|v| (axis.position(v), plain(v))).collect(),
        }
    }
}

struct Line {
    id: &'static str,
    name: &'static str,
    points: Vec<(f64, f64)>,
}

fn chart(probe: &Probe, width: f64) -> Html {
    let values = Values::of(probe);
    let first = probe.history.first().map_or(0, |point| point.step) as f64;
    let last = probe.history.last().map_or(1, |point| point.step) as f64;
    let right = if width > 330.0 { width - NAMES } else { width - 6.0 };
    let x = |step: u64| LEFT + (step as f64 - first) / (last - first).max(1.0) * (right - LEFT);
    let y = |value: f64| BOTTOM - values.position(value) * (BOTTOM - TOP);
    let rows = probe.measured.iter().flat_map(|measured| &measured.rows);
    let lines: Vec<Line> = rows
        .filter_map(|row| registry::record(&row.estimator))
        .map(|record| {
            let of = |point: &super::super::state::HistoryPoint| {
                let (_, metrics) = point.rows.iter().find(|(id, _)| id == record.id)?;
                Some((x(point.step), y(probe.metric.of(metrics, probe.equal_cost)?)))
            };
            Line { id: record.id, name: record.short, points: probe.history.iter().filter_map(of).collect() }
        })
        .filter(|line| !line.points.is_empty())
        .collect();
    let ends: Vec<f64> = lines.iter().map(|line| line.points.last().map_or(0.0, |end| end.1)).collect();
    let heights = apart(&ends, 13.0, TOP, BOTTOM);
    let name = text::metric(probe.metric);
    html! {
        <svg
            class="lab-chart" viewBox={format!("0 0 {width} {HIGH}")} role="img"
            aria-label={text::history(name, probe.history.len())}
        >
            { for values.ticks().into_iter().map(|(at, name)| {
                let y = BOTTOM - at * (BOTTOM - TOP);
                html! {
                    <>
                        <line class="rule" x1={px(LEFT)} x2={px(right)} y1={px(y)} y2={px(y)} />
                        <text x={px(LEFT - 6.0)} y={px(y + 4.0)} text-anchor="end">{ name }</text>
                    </>
                }
            }) }
            <text x={px(LEFT)} y={px(HIGH - 4.0)}>{ text::at_step(first as u64) }</text>
            <text x={px(right)} y={px(HIGH - 4.0)} text-anchor="end">{ text::at_step(last as u64) }</text>
            { for lines.iter().zip(heights).map(|(line, at)| draw(line, at, right, width)) }
        </svg>
    }
}

fn draw(line: &Line, at: f64, right: f64, width: f64) -> Html {
    let points: Vec<String> = line.points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let end = line.points.last().copied().unwrap_or_default();
    html! {
        <g class={hue_class(line.id)}>
            <polyline class="line" points={points.join(" ")} />
            <circle class="dot" cx={px(end.0)} cy={px(end.1)} r="3" />
            if right < width - 10.0 {
                <text class="line-name" x={px(right + 8.0)} y={px(at + 4.0)}>{ line.name }</text>
            }
        </g>
    }
}
