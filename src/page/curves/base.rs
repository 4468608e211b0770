//! Axes, grid and tick labels, by plotters. Drawn only when the range, the size or the theme changes.

use plotters::prelude::*;
use plotters_canvas::CanvasBackend;
use web_sys::HtmlCanvasElement;

use super::chart::{Chart, MARGIN};
use crate::page::canvas::{Align, Surface};
use crate::page::messages::pictures::curves as say;
use crate::page::palette::Rgb;

type Fault = DrawingAreaErrorKind<<CanvasBackend as DrawingBackend>::ErrorType>;

/// Draws the axes of `chart` on `canvas`, whose memory has been sized as `surface` says.
pub(super) fn draw(canvas: &HtmlCanvasElement, surface: &Surface, chart: &Chart) -> Result<(), Fault> {
    // plotters uses device pixels, so the context's scale is reset.
    if surface.pen.set_transform(1.0, 0.0, 0.0, 1.0, 0.0, 0.0).is_err() {
        return Ok(());
    }
    let Some(backend) = CanvasBackend::with_canvas_object(canvas.clone()) else { return Ok(()) };
    let area = backend.into_drawing_area();
    let device = |length: f64| (length * surface.ratio).round() as u32;
    let (left, top, right, bottom) = MARGIN;
    let values = chart.values();
    let mut context = ChartBuilder::on(&area)
        .margin_top(device(top))
        .margin_right(device(right))
        .set_label_area_size(LabelAreaPosition::Left, device(left))
        .set_label_area_size(LabelAreaPosition::Bottom, device(bottom))
        .build_cartesian_2d(
            Places(chart.steps.ticks().iter().map(|step| chart.steps.place(*step as f64)).collect()),
            Places(values.ticks().iter().map(|value| values.place(*value)).collect()),
        )?;
    let theme = &surface.theme;
    let rule = colour(theme.rule).stroke_width(device(1.0).max(1));
    let type_size = 11.5 * surface.ratio;
    let label: TextStyle = (theme.family.as_str(), type_size).into_font().color(&colour(theme.soft));
    let to = chart.steps.to;
    let ticks = values.ticks();
    context
        .configure_mesh()
        .disable_x_mesh()
        .bold_line_style(rule)
        .light_line_style(TRANSPARENT)
        .axis_style(TRANSPARENT)
        // Invisible, but it sets the distance of the labels: twice its length.
        .set_all_tick_mark_size(device(3.5))
        .x_label_style(label.clone())
        .y_label_style(label)
        .x_labels(8)
        .y_labels(12)
        .x_label_formatter(&move |place: &f64| say::tick((place * to as f64).round() as u64))
        .y_label_formatter(&move |place: &f64| {
            let nearest = ticks
                .iter()
                .min_by(|a, b| (values.place(**a) - place).abs().total_cmp(&(values.place(**b) - place).abs()));
            nearest.map_or_else(String::new, |value| say::value_tick(*value))
        })
        .draw()?;
    area.present()?;
    if surface.pen.set_transform(surface.ratio, 0.0, 0.0, surface.ratio, 0.0, 0.0).is_ok() {
        let (_, top, _, height) = Chart::plot(surface);
        surface.font(11.5, 400);
        surface.text(theme.faint, Align::Left, say::STEPS, 0.0, top + height + 13.0);
    }
    Ok(())
}

/// An axis from 0 to 1 with ticks at given positions; the chart maps values to positions.
struct Places(Vec<f64>);

impl Ranged for Places {
    type FormatOption = plotters::coord::ranged1d::DefaultFormatting;
    type ValueType = f64;

    fn map(&self, place: &f64, limit: (i32, i32)) -> i32 {
        limit.0 + (f64::from(limit.1 - limit.0) * place).round() as i32
    }

    fn key_points<Hint: plotters::coord::ranged1d::KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.0.clone()
    }

    fn range(&self) -> std::ops::Range<f64> {
        0.0..1.0
    }
}

fn colour(rgb: Rgb) -> RGBColor {
    RGBColor(rgb.r, rgb.g, rgb.b)
}
