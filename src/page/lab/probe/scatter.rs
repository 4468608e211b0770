//! Scatter plot of one estimator: the mean of each entry against the exact gradient. Without bias the points lie on the diagonal.

use yew::prelude::*;

use super::ProbeProps;
use crate::page::lab::state::Measured;
use crate::page::lab::width::{px, use_width};
use crate::page::messages::lab::probe as text;
use crate::page::palette::hue_class;
use gatelab_engine::estimator::registry;

const HIGH: f64 = 240.0;

#[component]
pub fn Scatter(props: &ProbeProps) -> Html {
    let (node, width) = use_width(420.0);
    let shown = props.probe.shown;
    let name = shown.and_then(registry::record).map_or("", |record| record.name);
    let measured = props.probe.measured.as_ref().filter(|m| m.scatter_of == shown);
    let points = measured.map_or(0, |m| m.scatter.len());
    html! {
        <div class={classes!("lab-picture", shown.map(hue_class))} data-points={points.to_string()}>
            <h3>{ text::SCATTER }{ " " }<small>{ name }</small></h3>
            <div ref={node}>
                <svg
                    class="scatter" viewBox={format!("0 0 {width} {HIGH}")} role="img"
                    aria-label={text::scatter(name, points)}
                >
                    <line class="rule" x1="0" x2={px(width)} y1={px(HIGH / 2.0)} y2={px(HIGH / 2.0)} />
                    <line class="rule" x1={px(width / 2.0)} x2={px(width / 2.0)} y1="0" y2={px(HIGH)} />
                    <line class="diagonal" x1="0" x2={px(width)} y1={px(HIGH)} y2="0" />
                    if let Some(measured) = measured {
                        <path class="cloud" d={cloud(measured, width)} />
                    }
                    <text x={px(width - 2.0)} y={px(HIGH / 2.0 + 14.0)} text-anchor="end">{ text::SCATTER_X }</text>
                    <text x={px(width / 2.0 + 6.0)} y="11">{ text::SCATTER_Y }</text>
                </svg>
            </div>
        </div>
    }
}

/// A dot for each entry, as one SVG path. Both axes have the scale of the exact gradient; entries beyond it are not drawn.
fn cloud(measured: &Measured, width: f64) -> String {
    use std::fmt::Write as _;
    let most = measured.scatter.iter().map(|(x, _)| x.abs()).fold(0.0_f32, f32::max) * 1.05;
    let mut path = String::with_capacity(20 * measured.scatter.len());
    for (x, y) in measured.scatter.iter().filter(|(_, y)| y.abs() <= most && most > 0.0) {
        let (x, y) = (f64::from(x / most), f64::from(y / most));
        // Writing to a String cannot fail.
        let _ = write!(path, "M{:.1} {:.1}h0", width / 2.0 * (1.0 + x), HIGH / 2.0 * (1.0 - y));
    }
    path
}
