//! The small charts in the table's cells. They stretch with their column, so they contain no text; lines keep their width.

use yew::prelude::*;

use crate::page::lab::scale::LogAxis;
use crate::page::lab::state::noise as noise_of;
use crate::page::lab::width::px;
use crate::page::messages::lab::probe as text;
use gatelab_engine::lab::{Metrics, Row};

/// Size of a cell's chart in drawing units.
const WIDE: f64 = 100.0;
const HIGH: f64 = 20.0;

/// A column's axis.
pub enum Axis {
    /// Powers of ten.
    Log(LogAxis),
    /// From 0 to 1.
    Unit,
}

/// The axis of relative bias, in per cent.
pub fn bias_axis(rows: &[&Row]) -> LogAxis {
    let values = rows.iter().filter(|row| !is_unbiased(&row.metrics));
    let values = values.filter_map(|row| row.metrics.relative_bias).map(|bias| 100.0 * bias.value);
    // At least 1 % to 100 %.
    let axis = LogAxis::around(values.chain([1.0, 100.0]));
    LogAxis { low: axis.low.max(-1), high: axis.high.min(4) }
}

/// The axis of noise to signal.
pub fn noise_axis(rows: &[&Row], equal_cost: bool) -> LogAxis {
    let axis = LogAxis::around(rows.iter().map(|row| noise_of(&row.metrics, equal_cost)).filter(|v| *v > 1e-3));
    LogAxis { low: axis.low.max(-3), ..axis }
}

/// Standard errors beyond which a bias is reported as one. Eight rows are visible for minutes while their numbers change: at two
/// standard errors one of them would exceed the limit by chance most of the time.
const ERRORS: f64 = 3.0;

/// Whether the bias is 0 within its error: its square is within three standard errors of 0.
pub fn is_unbiased(metrics: &Metrics) -> bool {
    metrics.relative_bias_squared.is_none_or(|square| square.value < ERRORS * square.error || square.value <= 1e-20)
}

/// Labels of the ticks under a column's heading, positioned in per cent because the chart stretches.
pub fn ticks(axis: &Axis) -> Html {
    let marks: Vec<(f64, String)> = match axis {
        Axis::Log(decades) => {
            decades.ticks().into_iter().map(|e| (decades.position(10_f64.powi(e)), text::decade(e))).collect()
        }
        Axis::Unit => vec![(0.0, "0".to_owned()), (0.5, "½".to_owned()), (1.0, "1".to_owned())],
    };
    html! {
        <svg class="cell-axis" aria-hidden="true">
            { for marks.into_iter().map(|(at, name)| {
                let anchor = if at < 0.05 { "start" } else if at > 0.95 { "end" } else { "middle" };
                html! { <text x={format!("{:.1}%", 100.0 * at)} y="80%" text-anchor={anchor}>{ name }</text> }
            }) }
        </svg>
    }
}

fn picture(content: Html) -> Html {
    html! {
        <svg class="cell-bar" viewBox={format!("0 0 {WIDE} {HIGH}")} preserveAspectRatio="none" aria-hidden="true">
            { content }
        </svg>
    }
}

fn line(x1: f64, x2: f64, y: f64, class: &'static str) -> Html {
    html! { <line {class} x1={px(x1)} x2={px(x2)} y1={px(y)} y2={px(y)} /> }
}

fn upright(x: f64, from: f64, to: f64, class: &'static str) -> Html {
    html! { <line {class} x1={px(x)} x2={px(x)} y1={px(from)} y2={px(to)} /> }
}

/// A bar of the bias with a whisker of ± 2 standard errors; only the whisker, from 0, where the bias is 0 within its error.
pub fn bias(metrics: &Metrics, axis: &LogAxis) -> Html {
    let Some(bias) = metrics.relative_bias else { return picture(Html::default()) };
    let at = |value: f64| WIDE * axis.position(100.0 * value);
    let middle = HIGH / 2.0;
    let (low, high) = (at(bias.value - 2.0 * bias.error), at(bias.value + 2.0 * bias.error));
    picture(if is_unbiased(metrics) {
        html! { <>{ line(0.0, high, middle, "whisker") }{ upright(0.5, 4.0, 16.0, "zero") }{ upright(high, 6.0, 14.0, "whisker") }</> }
    } else {
        html! {
            <>
                <rect class="bar" x="0" y="5" width={px(at(bias.value))} height="10" />
                { line(low, high, middle, "whisker over") }
            </>
        }
    })
}

/// A bar of the noise.
pub fn noise(value: f64, axis: &LogAxis) -> Html {
    picture(html! { <rect class="bar" x="0" y="5" width={px(WIDE * axis.position(value))} height="10" /> })
}

/// A thin mark at the cosine of one draw, a thick mark at that of the mean, and a line between them.
pub fn direction(metrics: &Metrics) -> Html {
    let at = |cosine: f64| WIDE * cosine.clamp(0.0, 1.0);
    let (one, mean) = (at(metrics.cosine_of_one), at(metrics.cosine_of_mean));
    picture(html! {
        <>
            { line(0.0, WIDE, HIGH / 2.0, "rail") }
            { line(one, mean, HIGH / 2.0, "way") }
            { upright(one, 4.0, 16.0, "one") }
            { upright(mean, 2.0, 18.0, "mean") }
        </>
    })
}

/// The shares of signs that agree, are opposite and are 0, as one stacked bar.
pub fn signs([agree, opposite, silent]: [f64; 3]) -> Html {
    let words = text::signs([agree, opposite, silent]);
    let mut from = 0.0;
    let parts = [("agree", agree), ("opposite", opposite), ("silent", silent)].map(|(class, share)| {
        let x = from;
        from += WIDE * share;
        html! { <rect {class} x={px(x)} y="4" width={px(WIDE * share)} height="12" /> }
    });
    html! {
        <>
            { picture(parts.into_iter().collect()) }
            <span class="cell-words" title={words}>
                { for text::SIGNS.iter().zip([agree, opposite, silent]).map(|(name, share)| html! {
                    <span class={classes!("sign", *name)}>
                        <span class="unseen">{ *name }{ " " }</span>{ format!("{:.0}", 100.0 * share) }
                    </span>
                }) }
            </span>
        </>
    }
}

/// Names of the three parts of the bar of signs.
pub fn sign_names() -> Html {
    html! {
        <span class="sign-names" aria-hidden="true">
            { for text::SIGNS.iter().map(|name| html! { <span class={classes!("sign", *name)}>{ *name }</span> }) }
        </span>
    }
}
