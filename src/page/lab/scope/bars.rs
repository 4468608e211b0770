//! The small pictures in the cells. They stretch with their column, so they hold no text; lines keep their width.

use yew::prelude::*;

use crate::page::lab::scale::Decades;
use crate::page::lab::state::noise as noise_of;
use crate::page::lab::width::px;
use crate::page::messages::lab::scope as text;
use gatelab_engine::lab::{Metrics, Row};

/// Units of a cell's picture.
const WIDE: f64 = 100.0;
const HIGH: f64 = 20.0;

/// A column's axis.
pub enum Axis {
    /// Powers of ten.
    Log(Decades),
    /// From 0 to 1.
    Unit,
}

/// Relative bias, in per cent.
pub fn bias_axis(rows: &[&Row]) -> Decades {
    let values = rows.iter().filter(|row| !is_unbiased(&row.metrics));
    let values = values.filter_map(|row| row.metrics.relative_bias).map(|bias| 100.0 * bias.value);
    // 1 % to 100 % at least: what lies below is seldom of interest.
    let axis = Decades::around(values.chain([1.0, 100.0]));
    Decades { low: axis.low.max(-1), high: axis.high.min(4) }
}

/// Noise to signal.
pub fn noise_axis(rows: &[&Row], equal_cost: bool) -> Decades {
    let axis = Decades::around(rows.iter().map(|row| noise_of(&row.metrics, equal_cost)).filter(|v| *v > 1e-3));
    Decades { low: axis.low.max(-3), ..axis }
}

/// Errors beyond which a bias counts as one. Eight rows are looked at for minutes while their numbers move: at two errors one
/// of them would be accused falsely most of the time.
const ERRORS: f64 = 3.0;

/// Whether the bias may be nothing but noise: its square is within a few errors of 0.
pub fn is_unbiased(metrics: &Metrics) -> bool {
    metrics.relative_bias_squared.is_none_or(|square| square.value < ERRORS * square.error || square.value <= 1e-20)
}

/// Names of ticks under a column's head, placed by columns of a picture that stretches.
pub fn ticks(axis: &Axis) -> Html {
    let marks: Vec<(f64, String)> = match axis {
        Axis::Log(decades) => {
            decades.ticks().into_iter().map(|e| (decades.place(10_f64.powi(e)), text::decade(e))).collect()
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

/// A bar to the bias and a whisker over its error; where it may be 0, only the whisker, from the left end.
pub fn bias(metrics: &Metrics, axis: &Decades) -> Html {
    let Some(bias) = metrics.relative_bias else { return picture(Html::default()) };
    let at = |value: f64| WIDE * axis.place(100.0 * value);
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

/// A bar to the noise.
pub fn noise(value: f64, axis: &Decades) -> Html {
    picture(html! { <rect class="bar" x="0" y="5" width={px(WIDE * axis.place(value))} height="10" /> })
}

/// A tick for one draw, a heavy one for the mean, joined.
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

/// Agree, opposite, silent, one after the other.
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

/// What the three parts of a bar of signs are.
pub fn sign_names() -> Html {
    html! {
        <span class="sign-names" aria-hidden="true">
            { for text::SIGNS.iter().map(|name| html! { <span class={classes!("sign", *name)}>{ *name }</span> }) }
        </span>
    }
}
