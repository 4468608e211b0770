//! The curves, drawn onto the overlay canvas.

use super::axis::apart;
use super::chart::{Chart, Quantity};
use crate::page::canvas::{Align, Surface};
use crate::page::live::{Live, MarkKind, Run};
use crate::page::messages::pictures::{self as words, curves as say};
use crate::page::palette::{DASHES, Rgb};

/// Draws every visible run: kept ones first, the current one on top. Returns whether any line was drawn.
pub(super) fn draw(surface: &Surface, live: &Live, chart: &Chart, half_life: f64, at: Option<u64>) -> bool {
    let current = live.current().map(|run| run.id);
    draw_target(surface, live, chart);
    if let Some(run) = live.current().filter(|run| run.visible) {
        draw_marks(surface, chart, run);
    }
    let mut drawn = false;
    let mut ends = Vec::new();
    for run in live.runs().iter().filter(|run| run.visible) {
        let own = current == Some(run.id);
        if own {
            draw_raw(surface, chart, run);
        }
        drawn |= draw_smooth(surface, chart, run, half_life, own, &mut ends);
    }
    draw_ends(surface, &ends);
    if let Some(step) = at {
        draw_crosshair(surface, live, chart, half_life, step);
    }
    surface.pen.set_global_alpha(1.0);
    drawn
}

fn draw_target(surface: &Surface, live: &Live, chart: &Chart) {
    let (Quantity::Rate, Some(run)) = (chart.quantity, live.current()) else { return };
    let (left, _, width, _) = Chart::plot(surface);
    let y = chart.y(surface, run.target * 100.0);
    surface.dash(&[5.0, 4.0]);
    surface.line(surface.theme.ink, 1.0, (left, y), (left + width, y));
    surface.dash(&[]);
    surface.font(11.0, 500);
    let wide = surface.text_width(say::TARGET);
    rimmed(surface, surface.theme.soft, say::TARGET, left + width - wide, y - 8.0);
}

/// Dashed verticals at switches with their labels above, short ticks at changed settings.
fn draw_marks(surface: &Surface, chart: &Chart, run: &Run) {
    let (left, top, width, height) = Chart::plot(surface);
    let mut free = f64::INFINITY;
    surface.font(11.0, 500);
    for mark in run.marks.iter().rev() {
        let x = chart.x(surface, mark.step as f64).round() + 0.5;
        if mark.kind == MarkKind::Knob {
            surface.line(surface.theme.faint, 1.5, (x, top + height - 5.0), (x, top + height));
            continue;
        }
        surface.dash(&[3.0, 3.0]);
        surface.line(surface.theme.soft, 1.0, (x, top), (x, top + height));
        surface.dash(&[]);
        let wide = surface.text_width(&mark.label);
        let start = (x - wide / 2.0).clamp(left, (left + width + 40.0 - wide).max(left));
        if start + wide + 8.0 < free {
            surface.text(surface.theme.soft, Align::Left, &mark.label, start, 7.0);
            free = start;
        }
    }
}

/// The colour of the estimator in force at a step of a run.
fn colour_at(surface: &Surface, run: &Run, step: u64) -> Rgb {
    surface.theme.estimator(run.span_at(step).1)
}

/// The unsmoothed points, faint: from minimum to maximum in each pixel column, so that no extreme is lost.
fn draw_raw(surface: &Surface, chart: &Chart, run: &Run) {
    let pen = &surface.pen;
    pen.set_global_alpha(0.28);
    pen.set_line_width(1.0);
    pen.set_line_join("round");
    let mut colour = None;
    let mut column: Option<(f64, f32, f32)> = None;
    pen.begin_path();
    let flush = |column: Option<(f64, f32, f32)>| {
        if let Some((x, low, high)) = column {
            pen.line_to(x, chart.y(surface, f64::from(high)));
            pen.line_to(x, chart.y(surface, f64::from(low)));
        }
    };
    for bucket in chart.quantity.curve(run).buckets() {
        let own = colour_at(surface, run, bucket.last);
        if colour != Some(own) {
            flush(column.take());
            pen.stroke();
            pen.set_stroke_style_str(&own.css());
            pen.begin_path();
            colour = Some(own);
        }
        let x = (chart.x(surface, bucket.last as f64) * 2.0).round() / 2.0;
        column = match column {
            Some((old, low, high)) if (old - x).abs() < 0.25 => Some((old, low.min(bucket.min), high.max(bucket.max))),
            other => {
                flush(other);
                Some((x, bucket.min, bucket.max))
            }
        };
    }
    flush(column);
    pen.stroke();
    pen.set_global_alpha(1.0);
}

/// Where a line ends: place, colour, value.
struct End {
    x: f64,
    y: f64,
    colour: Rgb,
    value: f64,
    own: bool,
}

/// The smoothed line. The current run is solid, kept runs are dashed by their slot; the colour is that of the estimator
/// in force.
fn draw_smooth(surface: &Surface, chart: &Chart, run: &Run, half_life: f64, own: bool, ends: &mut Vec<End>) -> bool {
    let pen = &surface.pen;
    pen.set_line_width(if own { 2.4 } else { 1.8 });
    pen.set_line_join("round");
    surface.dash(if own { &[] } else { DASHES.get(run.slot).copied().unwrap_or_default() });
    let mut colour = None;
    let mut before: Option<(f64, f64)> = None;
    let mut count = 0;
    pen.begin_path();
    let mut value = 0.0;
    for (step, smooth) in chart.quantity.curve(run).smoothed(half_life) {
        let (x, y) = (chart.x(surface, step as f64), chart.y(surface, smooth));
        let here = colour_at(surface, run, step);
        if colour != Some(here) {
            // The old colour ends at the switch, also between two points.
            let from = before.map(|before| between(before, (x, y), chart.x(surface, run.span_at(step).0 as f64)));
            if let Some((x, y)) = from {
                pen.line_to(x, y);
            }
            pen.stroke();
            pen.set_stroke_style_str(&here.css());
            pen.begin_path();
            if let Some((x, y)) = from {
                pen.move_to(x, y);
            }
            colour = Some(here);
        }
        if before.is_none_or(|(old, _)| x - old >= 0.5) {
            pen.line_to(x, y);
            before = Some((x, y));
        }
        value = smooth;
        count += 1;
    }
    pen.stroke();
    surface.dash(&[]);
    if let (Some((x, y)), Some(colour)) = (before, colour) {
        ends.push(End { x, y, colour, value, own });
    }
    count >= 2
}

/// The point of a straight line at `x`.
fn between(from: (f64, f64), to: (f64, f64), x: f64) -> (f64, f64) {
    let share = if to.0 > from.0 { ((x - from.0) / (to.0 - from.0)).clamp(0.0, 1.0) } else { 0.0 };
    (from.0 + share * (to.0 - from.0), from.1 + share * (to.1 - from.1))
}

/// A dot and the value at the end of each line; labels are moved apart.
fn draw_ends(surface: &Surface, ends: &[End]) {
    let (_, top, _, height) = Chart::plot(surface);
    let mut moved: Vec<f64> = ends.iter().map(|end| end.y).collect();
    for group in neighbours(ends) {
        let wanted: Vec<f64> = group.iter().filter_map(|place| ends.get(*place)).map(|end| end.y).collect();
        for (place, y) in group.into_iter().zip(apart(&wanted, 13.0, top, top + height)) {
            if let Some(slot) = moved.get_mut(place) {
                *slot = y;
            }
        }
    }
    for (end, y) in ends.iter().zip(moved) {
        surface.disc(end.colour, end.x, end.y, if end.own { 4.0 } else { 3.0 });
        surface.font(12.0, if end.own { 650 } else { 500 });
        let text = words::short_reading(end.value);
        rimmed(surface, end.colour, &text, end.x + 8.0, y);
    }
}

/// Groups line ends whose labels could overlap, from left to right.
fn neighbours(ends: &[End]) -> Vec<Vec<usize>> {
    const WIDTH: f64 = 44.0;
    let x = |place: &usize| ends.get(*place).map_or(0.0, |end| end.x);
    let mut order: Vec<usize> = (0..ends.len()).collect();
    order.sort_by(|a, b| x(a).total_cmp(&x(b)));
    order.chunk_by(|a, b| x(b) - x(a) < WIDTH).map(<[usize]>::to_vec).collect()
}

/// A text with an outline in the panel's colour, readable over lines.
fn rimmed(surface: &Surface, colour: Rgb, text: &str, x: f64, y: f64) {
    let pen = &surface.pen;
    pen.set_stroke_style_str(&surface.theme.panel.css());
    pen.set_line_width(3.5);
    pen.set_line_join("round");
    pen.set_text_baseline("middle");
    pen.set_text_align("left");
    // Fails only for an empty text.
    let _ = pen.stroke_text(text, x, y);
    surface.text(colour, Align::Left, text, x, y);
}

fn draw_crosshair(surface: &Surface, live: &Live, chart: &Chart, half_life: f64, step: u64) {
    let (_, top, _, height) = Chart::plot(surface);
    let x = chart.x(surface, step as f64);
    surface.line(surface.theme.soft, 1.0, (x, top), (x, top + height));
    for run in live.runs().iter().filter(|run| run.visible) {
        if let Some(value) = chart.quantity.curve(run).smoothed_at(half_life, step) {
            let y = chart.y(surface, value);
            surface.disc(surface.theme.panel, x, y, 5.0);
            surface.disc(colour_at(surface, run, step), x, y, 3.5);
        }
    }
}
