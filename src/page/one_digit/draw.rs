//! Draws a digit's pass through the network: pixels, gates as dots, lines of the open gates, class bars.

use crate::page::abbreviation::elide;
use crate::page::canvas::{Align, Surface};
use crate::page::live::Live;
use crate::page::palette::Rgb;
use gatelab_engine::data::{CLASSES, SIDE};

/// Width of a class name that is one digit, CSS pixels, and the widest name as a share of the picture's width.
const DIGIT: f64 = 8.0;
const NAME_SHARE: f64 = 0.18;

/// Where the gates' dots are, for the pointer.
#[derive(Clone, Debug, Default)]
pub(super) struct Layout {
    /// Right edge of the digit's picture.
    picture: f64,
    left: f64,
    top: f64,
    pitch: f64,
    columns: usize,
    gates: usize,
}

impl Layout {
    /// A grid of dots for `gates` in a space; columns are filled from top to bottom.
    fn new(gates: usize, left: f64, width: f64, height: f64, picture: f64) -> Self {
        let count = gates.max(1) as f64;
        let mut pitch: f64 = (height / count).max((width * height / count).sqrt() * 0.98).min(12.0);
        // The largest pitch at which all dots fit.
        while (width / pitch).floor().max(1.0) * (height / pitch).floor() < count && pitch > 1.0 {
            pitch *= 0.97;
        }
        let rows = (height / pitch).floor().max(1.0);
        let columns = (count / rows).ceil();
        let used = (count / columns).ceil() * pitch;
        Self {
            picture,
            left: left + (width - columns * pitch) / 2.0,
            top: (height - used) / 2.0,
            pitch,
            columns: columns as usize,
            gates,
        }
    }

    fn rows(&self) -> usize {
        self.gates.div_ceil(self.columns.max(1)).max(1)
    }

    /// Middle of a gate's dot.
    fn at(&self, gate: usize) -> (f64, f64) {
        let (column, row) = (gate / self.rows(), gate % self.rows());
        (self.left + (column as f64 + 0.5) * self.pitch, self.top + (row as f64 + 0.5) * self.pitch)
    }

    /// The gate under a point.
    pub(super) fn gate_at(&self, x: f64, y: f64) -> Option<usize> {
        if self.gates == 0 || self.pitch <= 0.0 {
            return None;
        }
        let (column, row) = (((x - self.left) / self.pitch).floor(), ((y - self.top) / self.pitch).floor());
        let inside = column >= 0.0 && (column as usize) < self.columns && row >= 0.0 && (row as usize) < self.rows();
        let gate = (column.max(0.0) as usize) * self.rows() + row.max(0.0) as usize;
        (inside && gate < self.gates).then_some(gate)
    }

    /// Whether a point is on the digit's picture.
    pub(super) fn is_picture(&self, x: f64) -> bool {
        x < self.picture
    }
}

/// Draws everything; returns the layout of the gates.
pub(super) fn draw(surface: &Surface, live: &Live) -> Layout {
    let own = live.current().map_or(surface.theme.ink, |run| surface.theme.estimator(run.estimator()));
    let side = (surface.width * 0.34).min(surface.height * 0.8).floor();
    let top = ((surface.height - side) / 2.0).floor();
    draw_digit(surface, live.pixels(live.pinned_probe()), side, top);
    let bars = surface.width - (surface.width * 0.2).clamp(56.0, 130.0);
    let names = names_width(surface, live);
    let space = (side + surface.width * 0.08, (bars - side) - surface.width * 0.18 - (names - DIGIT));
    let layout = Layout::new(live.gates(), space.0, space.1.max(20.0), surface.height, side);
    draw_links(surface, live, &layout, own, (side, top + side / 2.0), bars - 8.0 - names);
    draw_gates(surface, live, &layout, own);
    draw_classes(surface, live, own, bars, names);
    layout
}

fn draw_digit(surface: &Surface, pixels: &[u8], side: f64, top: f64) {
    let theme = &surface.theme;
    surface.fill(theme.wash, 0.0, top, side, side);
    let cell = side / SIDE as f64;
    for (place, ink) in pixels.iter().enumerate().filter(|(_, ink)| **ink > 8) {
        let (row, column) = ((place / SIDE) as f64, (place % SIDE) as f64);
        let (x, y) = ((column * cell * surface.ratio).round(), (row * cell * surface.ratio).round());
        let (right, below) =
            (((column + 1.0) * cell * surface.ratio).round(), ((row + 1.0) * cell * surface.ratio).round());
        let scale = 1.0 / surface.ratio;
        let colour = theme.wash.towards(theme.ink, f32::from(*ink) / 255.0);
        surface.fill(colour, x * scale, top + y * scale, (right - x) * scale, (below - y) * scale);
    }
}

/// Curves from the picture to each open gate, and from there to the classes that it raises.
fn draw_links(surface: &Surface, live: &Live, layout: &Layout, own: Rgb, from: (f64, f64), to: f64) {
    let Some(one) = live.one_digit() else { return };
    let pen = &surface.pen;
    let open: Vec<usize> =
        (0..one.gates.len()).filter(|gate| one.gates.get(*gate).is_some_and(|value| *value != 0.0)).collect();
    // With hundreds of open gates, lines would cover each other, so they are drawn fainter.
    let faint = (12.0 / open.len().max(12) as f64).max(0.08);
    let largest = one.contribution.iter().fold(1e-6_f32, |most, x| most.max(x.abs()));
    pen.set_stroke_style_str(&own.css());
    pen.set_line_width(1.0);
    for gate in open {
        let (x, y) = layout.at(gate);
        pen.set_global_alpha(0.4 * faint);
        curve(surface, (from.0 + 4.0, from.1), (x - layout.pitch * 0.4, y));
        for class in 0..CLASSES {
            let part = one.contribution.get(gate * CLASSES + class).copied().unwrap_or_default() / largest;
            if part > 0.12 {
                pen.set_global_alpha(0.7 * f64::from(part) * faint.max(0.2));
                curve(surface, (x + layout.pitch * 0.4, y), (to, class_y(surface, class)));
            }
        }
    }
    pen.set_global_alpha(1.0);
}

fn curve(surface: &Surface, from: (f64, f64), to: (f64, f64)) {
    let bend = (to.0 - from.0) * 0.5;
    surface.pen.begin_path();
    surface.pen.move_to(from.0, from.1);
    surface.pen.bezier_curve_to(from.0 + bend, from.1, to.0 - bend, to.1, to.0, to.1);
    surface.pen.stroke();
}

fn draw_gates(surface: &Surface, live: &Live, layout: &Layout, own: Rgb) {
    let theme = &surface.theme;
    let one = live.one_digit();
    let largest = one.map_or(1.0, |one| one.gates.iter().fold(1e-6_f32, |most, value| most.max(value.abs())));
    let closed = theme.rule.towards(theme.ink, 0.1);
    for gate in 0..layout.gates {
        let (x, y) = layout.at(gate);
        let value = one.and_then(|one| one.gates.get(gate)).copied().unwrap_or_default();
        if value == 0.0 {
            surface.disc(closed, x, y, (layout.pitch * 0.2).clamp(0.6, 2.0));
        } else {
            let size = 0.55 + 0.45 * f64::from((value.abs() / largest).sqrt());
            surface.disc(own, x, y, (layout.pitch * 0.46 * size).clamp(1.0, 5.0));
        }
    }
    if let Some(gate) = live.pinned_gate().filter(|gate| *gate < layout.gates) {
        let (x, y) = layout.at(gate);
        surface.pen.set_stroke_style_str(&theme.ink.css());
        surface.pen.set_line_width(1.5);
        surface.pen.begin_path();
        if surface.pen.arc(x, y, (layout.pitch * 0.6).clamp(4.0, 7.0), 0.0, std::f64::consts::TAU).is_ok() {
            surface.pen.stroke();
        }
    }
}

fn class_y(surface: &Surface, class: usize) -> f64 {
    (class as f64 + 0.5) * surface.height / CLASSES as f64
}

/// Width of the column of class names, CSS pixels.
fn names_width(surface: &Surface, live: &Live) -> f64 {
    surface.font(12.0, 700);
    let widest = live.classes().iter().map(|name| surface.text_width(name)).fold(DIGIT, f64::max);
    widest.min(NAME_SHARE * surface.width).max(DIGIT)
}

fn draw_classes(surface: &Surface, live: &Live, own: Rgb, left: f64, names: f64) {
    let theme = &surface.theme;
    let width = surface.width - left;
    let classes = live.one_digit().map(|one| one.classes.as_slice()).unwrap_or_default();
    let best = classes.iter().enumerate().max_by(|a, b| a.1.total_cmp(b.1)).map(|(class, _)| class);
    for (class, name) in live.classes().iter().enumerate() {
        let y = class_y(surface, class);
        let p = f64::from(classes.get(class).copied().unwrap_or_default());
        let first = best == Some(class);
        surface.font(12.0, if first { 700 } else { 400 });
        surface.text(
            if first { theme.ink } else { theme.soft },
            Align::Right,
            &elide(name, names, |text| surface.text_width(text)),
            left - 4.0,
            y,
        );
        surface.fill(theme.wash, left + 4.0, y - 4.0, width - 4.0, 8.0);
        let colour = if first { own } else { theme.faint };
        surface.fill(colour, left + 4.0, y - 4.0, ((width - 4.0) * p).max(if p > 0.0 { 1.0 } else { 0.0 }), 8.0);
    }
}
