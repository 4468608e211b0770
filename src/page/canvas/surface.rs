//! A 2D context whose coordinates are units: CSS pixels times the page's enlargement.

use std::rc::Rc;

use wasm_bindgen::{Clamped, JsCast};
use web_sys::{CanvasRenderingContext2d, HtmlCanvasElement, ImageData};

use super::theme::Theme;
use crate::page::palette::Rgb;

/// Alignment of a text relative to its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// The point is at its left.
    Left,
    /// The point is at its middle.
    Middle,
    /// The point is at its right.
    Right,
}

/// An empty canvas of `width` × `height` units with the current theme.
#[derive(Clone, Debug)]
pub struct Surface {
    /// The 2D context.
    pub pen: CanvasRenderingContext2d,
    /// Width, units.
    pub width: f64,
    /// Height, units.
    pub height: f64,
    /// Device pixels per unit.
    pub ratio: f64,
    /// Colours and type.
    pub theme: Rc<Theme>,
}

/// Sizes a canvas's buffer to its element and returns its cleared surface; `None` while the element has no size.
pub fn fit(canvas: &HtmlCanvasElement, theme: Rc<Theme>) -> Option<Surface> {
    let screen = web_sys::window().map_or(1.0, |window| window.device_pixel_ratio()).clamp(1.0, 4.0);
    let ratio = screen * theme.unit;
    let (width, height) =
        (f64::from(canvas.client_width()) / theme.unit, f64::from(canvas.client_height()) / theme.unit);
    if width < 1.0 || height < 1.0 {
        return None;
    }
    let (across, down) = ((width * ratio).round() as u32, (height * ratio).round() as u32);
    if canvas.width() != across {
        canvas.set_width(across);
    }
    if canvas.height() != down {
        canvas.set_height(down);
    }
    let pen = canvas.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
    pen.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0).ok()?;
    pen.clear_rect(0.0, 0.0, width, height);
    pen.set_global_alpha(1.0);
    let surface = Surface { pen, width, height, ratio, theme };
    surface.dash(&[]);
    Some(surface)
}

impl Surface {
    /// Fills a rectangle.
    pub fn fill(&self, colour: Rgb, x: f64, y: f64, width: f64, height: f64) {
        self.pen.set_fill_style_str(&colour.css());
        self.pen.fill_rect(x, y, width, height);
    }

    /// Fills a disc.
    pub fn disc(&self, colour: Rgb, x: f64, y: f64, radius: f64) {
        self.pen.set_fill_style_str(&colour.css());
        self.pen.begin_path();
        if self.pen.arc(x, y, radius, 0.0, std::f64::consts::TAU).is_ok() {
            self.pen.fill();
        }
    }

    /// Strokes a straight line.
    pub fn line(&self, colour: Rgb, width: f64, from: (f64, f64), to: (f64, f64)) {
        self.pen.set_stroke_style_str(&colour.css());
        self.pen.set_line_width(width);
        self.pen.begin_path();
        self.pen.move_to(from.0, from.1);
        self.pen.line_to(to.0, to.1);
        self.pen.stroke();
    }

    /// Sets the dash pattern of lines; empty is solid.
    pub fn dash(&self, pattern: &[f64]) {
        let array: js_sys::Array = pattern.iter().map(|x| wasm_bindgen::JsValue::from_f64(*x)).collect();
        // Fails only for negative lengths.
        let _ = self.pen.set_line_dash(&array);
    }

    /// Sets the type for [`Surface::text`] and [`Surface::text_width`].
    pub fn font(&self, size: f64, weight: u16) {
        self.pen.set_font(&format!("{weight} {size}px {}", self.theme.family));
    }

    /// Writes a text, vertically centred at `y`.
    pub fn text(&self, colour: Rgb, align: Align, text: &str, x: f64, y: f64) {
        self.pen.set_fill_style_str(&colour.css());
        self.pen.set_text_baseline("middle");
        self.pen.set_text_align(match align {
            Align::Left => "left",
            Align::Middle => "center",
            Align::Right => "right",
        });
        let _ = self.pen.fill_text(text, x, y);
    }

    /// Width of a text in the current type.
    pub fn text_width(&self, text: &str) -> f64 {
        self.pen.measure_text(text).map_or(0.0, |metrics| metrics.width())
    }

    /// Device pixels for a length, at least one.
    pub fn device(&self, length: f64) -> usize {
        (length * self.ratio).round().max(1.0) as usize
    }

    /// Draws an image of device pixels with its top left corner at a CSS position.
    pub fn image(&self, image: &Pixels, x: f64, y: f64) {
        let data =
            ImageData::new_with_u8_clamped_array_and_sh(Clamped(&image.bytes), image.width as u32, image.height as u32);
        if let Ok(data) = data {
            let _ = self.pen.put_image_data(&data, (x * self.ratio).round(), (y * self.ratio).round());
        }
    }
}

/// An image of device pixels, row-major.
#[derive(Clone, Debug, Default)]
pub struct Pixels {
    width: usize,
    height: usize,
    bytes: Vec<u8>,
}

impl Pixels {
    /// Resizes the image and reuses its memory; the pixels are undefined after a change of size.
    pub fn resize(&mut self, width: usize, height: usize) {
        if (width, height) != (self.width, self.height) {
            (self.width, self.height) = (width, height);
            self.bytes.clear();
            self.bytes.resize(width * height * 4, 0);
        }
    }

    /// One row of pixels, four bytes each.
    pub fn row(&mut self, y: usize) -> &mut [u8] {
        let across = self.width * 4;
        self.bytes.get_mut(y * across..(y + 1) * across).unwrap_or_default()
    }

    /// Fills a row between two columns.
    pub fn span(&mut self, y: usize, from: usize, to: usize, colour: Rgb) {
        let to = to.min(self.width);
        if let Some(row) = self.row(y).get_mut(from * 4..(to * 4).max(from * 4)) {
            let bytes = [colour.r, colour.g, colour.b, 255];
            row.chunks_exact_mut(4).for_each(|pixel| pixel.copy_from_slice(&bytes));
        }
    }

    /// Copies a row onto the rows up to (not including) `end`.
    pub fn repeat_row(&mut self, y: usize, end: usize) {
        let across = self.width * 4;
        for other in y + 1..end.min(self.height) {
            self.bytes.copy_within(y * across..(y + 1) * across, other * across);
        }
    }
}
