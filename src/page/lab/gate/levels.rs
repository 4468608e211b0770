//! The estimators' estimates of the area as levels across the picture, with names beside it that do not overlap.

use yew::prelude::*;

use super::GateProps;
use super::picture::Layout;
use crate::page::lab::rule::{SlopeUse, slope_use};
use crate::page::lab::scale::apart;
use crate::page::lab::width::px;
use crate::page::messages::lab::plain;
use crate::page::palette::hue_class;
use gatelab_engine::estimator::{Bias, registry};

/// Width of the names at the right.
pub(super) const NAMES: f64 = 194.0;
/// Height of a name.
const LINE: f64 = 15.0;

/// One estimator's estimate of the area.
pub(super) struct Level {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) guess: f64,
    /// Height of its name.
    label: f64,
}

/// The levels of the estimates that are known, with their names apart.
pub(super) fn levels(props: &GateProps, layout: &Layout) -> Vec<Level> {
    let toy = &props.gate.toy;
    let guess = |id: &'static str| {
        let record = registry::record(id)?;
        let slope_use = slope_use(id, toy.p);
        // Estimates that follow from slopes, or from the lack of bias, are shown at once while a handle is dragged.
        let guess = match (slope_use.guess(|b| toy.slope(b)), slope_use) {
            (Some(guess), _) => guess,
            (None, SlopeUse::Values | SlopeUse::Corrected(_)) if record.bias == Bias::Unbiased => toy.area(),
            _ => props.gate.latest_guess(id)?.area?,
        };
        Some(Level { id, name: record.short, guess, label: 0.0 })
    };
    let mut all: Vec<Level> = props.ticked.iter().filter_map(|id| guess(id)).collect();
    let wanted: Vec<f64> = all.iter().map(|level| layout.y(level.guess)).collect();
    let heights = apart(&wanted, LINE, Layout::top(), layout.bottom());
    all.iter_mut().zip(heights).for_each(|(level, height)| level.label = height);
    all
}

impl Level {
    pub(super) fn draw(&self, layout: &Layout, explained: bool) -> Html {
        let (left, right, y) = (layout.x(0.0), layout.x(1.0), layout.y(self.guess));
        let beyond = !layout.axis.has(self.guess);
        let arrow = match beyond {
            true if self.guess > 0.0 => "▲ ",
            true => "▼ ",
            false => "",
        };
        html! {
            <g class={classes!("level", hue_class(self.id), explained.then_some("chosen"))} data-estimator={self.id}
                data-guess={format!("{:e}", self.guess)}>
                if !beyond {
                    <line x1={px(left)} x2={px(right)} y1={px(y)} y2={px(y)} />
                }
                if layout.has_names() {
                    <polyline
                        class="leader"
                        points={format!("{:.1},{y:.1} {:.1},{:.1} {:.1},{:.1}", right, right + 14.0, self.label, right + 20.0, self.label)}
                    />
                    <text x={px(right + 25.0)} y={px(self.label + 4.0)}>
                        { self.name }{ " " }<tspan class="level-value">{ format!("{arrow}{}", plain(self.guess)) }</tspan>
                    </text>
                }
            </g>
        }
    }
}
