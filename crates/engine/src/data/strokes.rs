//! Stroke digits: handwriting drawn by the program itself, used when no data can be loaded.
//!
//! A digit is one of a few skeletons (`skeletons.rs`), transformed by a random style (slant, aspect, waist, waves, pen and
//! pressure), drawn by `pen.rs` into the 20×20 box, and normalised as MNIST is. Its variety is close to MNIST's: a linear
//! classifier reaches about 90 % on both.
//!
//! Example i of a split depends on (seed, split, i) alone: any range can be generated at any time, on any machine, with
//! the same bytes. Sines come from `libm`, everything else is plain `f32` arithmetic.

use std::f32::consts::TAU;
use std::ops::Range;

use rand_pcg::Pcg32;

use super::normalize::{BOX, centre_by_mass};
use super::pen::{Dot, Point, curve, distance, rasterise};
use super::skeletons::{Node, SKELETONS, Variant};
use super::stream::{bell, below, shuffle, stream, unit};
use super::{CLASSES, DataError, Dataset, DatasetKind, PIXELS, Split};

/// Training, validation and test examples: as MNIST.
pub const SIZES: [usize; 3] = [50_000, 10_000, 10_000];

/// The seed of the set that the page offers: the same stroke digits everywhere.
pub const SEED: u64 = 2013;

/// Purposes of the generators here.
const DRAWING: u64 = 0x5_7120_0000;
const LABELS: u64 = 0x5_7120_0001;

/// Draws examples `range` of a split: labels 0..=9 `[N]` and pixels [N × 784]. Each ten examples from a multiple of ten
/// on hold every class once, in random order.
pub fn generate(seed: u64, split: Split, range: Range<usize>) -> (Vec<u8>, Vec<u8>) {
    let mut labels = Vec::with_capacity(range.len());
    let mut pixels = Vec::with_capacity(range.len() * PIXELS);
    for index in range {
        let label = label_of(seed, split, index);
        let mut rng = stream(seed, &[DRAWING, split as u64, index as u64]);
        labels.push(label);
        pixels.extend_from_slice(&draw(label, &mut rng));
    }
    (labels, pixels)
}

/// The page's set, still empty; [`grow`] fills it.
pub fn dataset() -> Dataset {
    Dataset::planned(DatasetKind::Strokes, SIZES)
}

/// Draws the next examples of a split of [`dataset`], at most `most`. Returns how many were added, 0 if the split is
/// complete.
///
/// # Errors
/// None as long as the set is the one that [`dataset`] made.
pub fn grow(set: &mut Dataset, split: Split, most: usize) -> Result<usize, DataError> {
    let examples = set.split_mut(split);
    let start = examples.len();
    let end = examples.planned().min(start.saturating_add(most));
    let (labels, pixels) = generate(SEED, split, start..end);
    examples.append(&labels, &pixels)?;
    Ok(end - start)
}

fn label_of(seed: u64, split: Split, index: usize) -> u8 {
    let mut order: [u32; CLASSES] = std::array::from_fn(|class| class as u32);
    let block = (index / CLASSES) as u64;
    shuffle(&mut stream(seed, &[LABELS, split as u64, block]), &mut order);
    order[index % CLASSES] as u8
}

/// The style of one digit.
struct Style {
    /// Spread of each node, in heights of the digit.
    jitter: f32,
    /// How much longer or shorter strokes begin and end.
    ends: f32,
    /// Moves the waist of 3, 5, 8 … up or down.
    waist: f32,
    /// Makes the lower half wider (> 0) or narrower than the upper.
    taper: f32,
    /// Waves of the whole plane: amplitude and phase of x over y and of y over x.
    waves: [(f32, f32); 2],
    /// Shear, width for height 1, rotation as (cos, sin).
    slant: f32,
    width: f32,
    turn: (f32, f32),
    /// Half width of the line in pixels, its variation along the way (amplitude, waves, phase), softness of its edge.
    radius: f32,
    pressure: (f32, f32, f32),
    blur: f32,
}

impl Style {
    fn random(rng: &mut Pcg32, natural_width: f32) -> Self {
        // Squared, so that most writers are careful.
        let hurry = unit(rng);
        let haste = 0.75 + 0.85 * hurry * hurry;
        let angle = 0.11 * haste * bell(rng);
        Self {
            jitter: 0.036 * haste,
            ends: 0.16 * haste,
            waist: 0.065 * haste * bell(rng),
            taper: 0.19 * haste * bell(rng),
            waves: [0; 2].map(|_| (0.05 * haste * bell(rng), TAU * unit(rng))),
            slant: 0.17 + 0.22 * bell(rng),
            width: natural_width * (1.0 + 0.23 * bell(rng)).max(0.4),
            turn: (libm::cosf(angle), libm::sinf(angle)),
            radius: (1.22 + 0.32 * bell(rng)).max(0.65),
            pressure: (0.16 * unit(rng), 0.5 + 1.5 * unit(rng), unit(rng)),
            blur: 0.9 + 0.5 * unit(rng),
        }
    }

    /// Where a skeleton's point goes, in heights of the digit.
    fn bend(&self, [x, y]: Point) -> Point {
        let y = y + self.waist * libm::sinf(TAU / 2.0 * y);
        let x = (x - 0.5) * (1.0 + self.taper * (2.0 * y - 1.0)) * self.width;
        let [(ax, px), (ay, py)] = self.waves;
        let (x, y) = (x + ax * libm::sinf(4.0 * y + px), y - 0.5 + ay * libm::sinf(4.0 * x + py));
        let x = x - self.slant * y;
        let (cos, sin) = self.turn;
        [cos * x - sin * y, sin * x + cos * y]
    }
}

/// One digit, normalised as MNIST's are.
fn draw(label: u8, rng: &mut Pcg32) -> [u8; PIXELS] {
    let variant = choose(SKELETONS[usize::from(label)], rng);
    let style = Style::random(rng, variant.width);
    let mut dots = Vec::with_capacity(96);
    for path in variant.paths {
        trace(path, &style, rng, &mut dots);
    }
    fit(&mut dots);
    centre_by_mass(&rasterise(&dots, style.blur))
}

/// One of the ways of writing a digit, by weight.
fn choose(variants: &'static [Variant], rng: &mut Pcg32) -> Variant {
    let mut ticket = below(rng, variants.iter().map(|variant| variant.weight).sum());
    let mut chosen = variants[0];
    for variant in variants {
        chosen = *variant;
        if ticket < variant.weight {
            break;
        }
        ticket -= variant.weight;
    }
    chosen
}

/// Appends one stroke of the pen: positions in heights of the digit, radii in pixels.
fn trace(path: &[Node], style: &Style, rng: &mut Pcg32, dots: &mut Vec<Dot>) {
    let mut nodes: Vec<(Point, bool)> = path
        .iter()
        .map(|node| {
            let [x, y] = style.bend([node.x, node.y]);
            ([x + style.jitter * bell(rng), y + style.jitter * bell(rng)], node.corner)
        })
        .collect();
    for (end, next) in [(0, 1), (nodes.len() - 1, nodes.len() - 2)] {
        let stretch = 1.0 + style.ends * bell(rng);
        let from = nodes[next].0;
        nodes[end].0 = [0, 1].map(|axis| from[axis] + stretch * (nodes[end].0[axis] - from[axis]));
    }
    // A twelfth of the height is about a pixel and a half: finer steps change no pixel visibly.
    let mut way = Vec::with_capacity(64);
    curve(&nodes, 1.0 / 12.0, &mut way);
    let (amplitude, waves, phase) = style.pressure;
    let mut gone = 0.0;
    for (i, &at) in way.iter().enumerate() {
        gone += if i > 0 { distance(way[i - 1], at) } else { 0.0 };
        let press = 1.0 + amplitude * libm::sinf(TAU * (waves * gone + phase));
        dots.push(Dot { at, radius: style.radius * press, lifted: i == 0 });
    }
}

/// Scales and moves the drawing so that the longer side of its ink fills the 20×20 box; the line keeps its width, as
/// pens do not grow with the writing.
fn fit(dots: &mut [Dot]) {
    let thickest = dots.iter().fold(0.0_f32, |most, dot| most.max(dot.radius));
    let range = |axis: usize| {
        dots.iter().fold((f32::MAX, f32::MIN), |(low, high), dot| (low.min(dot.at[axis]), high.max(dot.at[axis])))
    };
    let (left, right) = range(0);
    let (top, bottom) = range(1);
    let extent = (right - left).max(bottom - top).max(1e-3);
    let scale = (BOX as f32 - 2.0 * thickest) / extent;
    let middle = [left.midpoint(right), top.midpoint(bottom)];
    for dot in dots {
        dot.at = [0, 1].map(|axis| BOX as f32 / 2.0 + scale * (dot.at[axis] - middle[axis]));
    }
}
