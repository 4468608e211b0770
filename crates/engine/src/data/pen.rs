//! The pen: smooth curves through nodes, and grey pixels of curves.
//!
//! A curve is cut into short capsules (segments with a radius at either end), and each capsule darkens the pixels of its
//! bounding box by their distance from it: some twenty distances a segment instead of one for each pixel of the picture.

use super::normalize::BOX;

/// A point of the pen's path, in any unit.
pub(super) type Point = [f32; 2];

/// A point of the pen's path with the half width of the line there, both in pixels; `lifted` if the pen was lifted before
/// it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dot {
    pub(super) at: Point,
    pub(super) radius: f32,
    pub(super) lifted: bool,
}

/// Appends to `way` the curve through `nodes` (the second part of each marks a corner), with points at a distance of
/// about `step`. Between corners the curve is a uniform Catmull–Rom spline: it passes through its nodes, and moving one
/// node changes only the curve near it.
pub(super) fn curve(nodes: &[(Point, bool)], step: f32, way: &mut Vec<Point>) {
    let Some(&(first, _)) = nodes.first() else {
        return;
    };
    way.push(first);
    for (i, pair) in nodes.windows(2).enumerate() {
        let [(from, from_corner), (to, to_corner)] = [pair[0], pair[1]];
        // A corner or an end has no neighbour: the curve leaves it in the direction of its chord.
        let before = if i == 0 || from_corner { from } else { nodes[i - 1].0 };
        let after = if to_corner { to } else { nodes.get(i + 2).map_or(to, |node| node.0) };
        let parts = (distance(from, to) / step).ceil().clamp(1.0, 16.0);
        for part in 1..=parts as u32 {
            let t = part as f32 / parts;
            way.push([0, 1].map(|axis| catmull_rom([before[axis], from[axis], to[axis], after[axis]], t)));
        }
    }
}

/// Draws `dots` into a 20×20 picture of ink in 0..=1, coordinates being pixels from the picture's top left corner. The
/// edge of the line fades over `blur` pixels (> 0).
pub(super) fn rasterise(dots: &[Dot], blur: f32) -> [f32; BOX * BOX] {
    let mut ink = [0.0; BOX * BOX];
    for pair in dots.windows(2) {
        if !pair[1].lifted {
            capsule(pair[0], pair[1], blur, &mut ink);
        }
    }
    ink
}

/// Darkens the pixels around one segment; where segments overlap, the darker value remains.
fn capsule(from: Dot, to: Dot, blur: f32, ink: &mut [f32; BOX * BOX]) {
    let reach = from.radius.max(to.radius) + blur / 2.0;
    let [dx, dy] = [to.at[0] - from.at[0], to.at[1] - from.at[1]];
    let length2 = dx * dx + dy * dy;
    let inverse = if length2 > 0.0 { 1.0 / length2 } else { 0.0 };
    // The pixel of column i has its centre at i + ½.
    let cells = |axis: usize| {
        let (a, b) = (from.at[axis], to.at[axis]);
        let start = (a.min(b) - reach - 0.5).ceil().max(0.0) as usize;
        let end = (a.max(b) + reach + 0.5).floor().clamp(0.0, BOX as f32) as usize;
        start..end
    };
    let columns = cells(0);
    for row in cells(1) {
        let y = row as f32 + 0.5 - from.at[1];
        for column in columns.clone() {
            let x = column as f32 + 0.5 - from.at[0];
            let t = ((x * dx + y * dy) * inverse).clamp(0.0, 1.0);
            let (ex, ey) = (x - t * dx, y - t * dy);
            let radius = from.radius + t * (to.radius - from.radius);
            let cover = (radius - (ex * ex + ey * ey).sqrt()) / blur + 0.5;
            let pixel = &mut ink[row * BOX + column];
            *pixel = pixel.max(cover.min(1.0));
        }
    }
}

/// The spline's value at `t` in 0..=1 between the two middle points.
fn catmull_rom([p0, p1, p2, p3]: [f32; 4], t: f32) -> f32 {
    let linear = p2 - p0;
    let square = 2.0 * p0 - 5.0 * p1 + 4.0 * p2 - p3;
    let cube = 3.0 * (p1 - p2) + p3 - p0;
    0.5 * (2.0 * p1 + t * (linear + t * (square + t * cube)))
}

/// Distance of two points.
pub(super) fn distance(a: Point, b: Point) -> f32 {
    ((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1])).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_pass_through_their_nodes_and_are_straight_between_corners() {
        let nodes = [([0.0, 0.0], false), ([1.0, 2.0], true), ([3.0, 2.0], false)];
        let mut way = Vec::new();
        curve(&nodes, 0.5, &mut way);
        for (node, _) in nodes {
            assert!(way.iter().any(|&point| distance(point, node) < 1e-6), "{node:?}");
        }
        assert!(way.iter().all(|&[x, y]| (x <= 1.0 && (y - 2.0 * x).abs() < 1e-5) || (y - 2.0).abs() < 1e-5));
    }

    #[test]
    fn a_line_has_the_mass_of_its_area() {
        let dot = |x, y| Dot { at: [x, y], radius: 1.5, lifted: false };
        let ink = rasterise(&[dot(5.0, 10.0), dot(15.0, 10.0)], 1.0);
        let mass: f32 = ink.iter().sum();
        let area = 10.0 * 3.0 + std::f32::consts::PI * 1.5 * 1.5;
        assert!((mass - area).abs() < 0.5, "{mass} {area}");
        assert!(ink.iter().all(|value| (0.0..=1.0).contains(value)));
    }

    #[test]
    fn a_lifted_pen_leaves_no_line_and_lines_outside_are_cut() {
        let dot = |x, lifted| Dot { at: [x, 10.0], radius: 1.0, lifted };
        assert!(rasterise(&[dot(2.0, false), dot(18.0, true)], 1.0).iter().all(|&ink| ink == 0.0));
        let ink = rasterise(&[dot(-50.0, false), dot(50.0, false)], 1.0);
        assert!(ink[10 * BOX] > 0.9 && ink[0] == 0.0);
    }
}
