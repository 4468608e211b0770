//! Products over open (example, gate) pairs only: what conditional computation saves.
//!
//! Unit columns are grouped into blocks of `units`, one per gate; a block may lie across two panels. Each kernel does what the
//! dense product of the masked matrices would, in the same order, without the products with zero: the bits are the same.

use ndarray::{Array2, ArrayView2};

use super::input::Input;
use super::open::OpenGates;
use super::panels::Panels;
use super::real::Real;
use super::sparse::SparseView;

/// Gates of one unit that are computed side by side: their sums do not wait for each other.
const ABREAST: usize = 4;

/// Open pairs of a minibatch, and what comes back at their units.
#[derive(Clone, Copy)]
pub struct OpenPairs<'a, R> {
    /// What comes in, example by example.
    pub rows: SparseView<'a, R>,
    /// What comes back [B × N]; read at open units only.
    pub delta: ArrayView2<'a, R>,
    /// Which pairs are open.
    pub open: &'a OpenGates,
    /// Columns per gate.
    pub units: usize,
}

/// The part of a gate's block that lies in a panel: columns of the panel, and of the whole matrix.
pub(super) struct Part {
    pub(super) gate: usize,
    /// First column, within the panel.
    pub(super) from: usize,
    /// First column, within the matrix.
    pub(super) at: usize,
    pub(super) width: usize,
}

/// The parts of gates' blocks in one panel, in order.
pub(super) fn parts(span: std::ops::Range<usize>, units: usize) -> impl Iterator<Item = Part> {
    (span.start / units..=(span.end - 1) / units).map(move |gate| {
        let at = (gate * units).max(span.start);
        let width = ((gate + 1) * units).min(span.end) - at;
        Part { gate, from: at - span.start, at, width }
    })
}

/// `z[b, block j] ← bias[block j] + x[b, :]·W[:, block j]` for open pairs; other entries of `z` are left alone.
pub(super) fn forward<R: Real>(
    x: &Input<R>,
    weight: &Panels<R>,
    bias: &[R],
    open: &OpenGates,
    units: usize,
    z: &mut Array2<R>,
) -> u64 {
    let rows = x.by_example();
    for panel in 0..weight.panels() {
        let span = weight.span(panel);
        let values = &weight.values()[weight.place(panel)];
        for (b, mut out) in z.rows_mut().into_iter().enumerate() {
            let Some(out) = out.as_slice_mut() else { continue };
            let mask = open.mask(b);
            if units == 1 {
                unit_gates(rows.row(b), values, span.clone(), mask, bias, out);
                continue;
            }
            for part in parts(span.clone(), units).filter(|part| mask[part.gate]) {
                let columns = part.at..part.at + part.width;
                out[columns.clone()].copy_from_slice(&bias[columns.clone()]);
                block(rows.row(b), values, span.len(), part.from, &mut out[columns]);
            }
        }
    }
    work(x, open, units)
}

/// Multiply-adds of the open pairs with the inputs that are multiplied.
fn work<R: Real>(x: &Input<R>, open: &OpenGates, units: usize) -> u64 {
    (0..x.dim().0).map(|b| (open.of(b).len() * units * x.active_of(b)) as u64).sum()
}

/// `out += Σ x_d·W[d, from..from + out.len()]`.
///
/// A function of its own, because browsers run out of registers in functions that everything has been inlined into.
#[inline(never)]
fn block<R: Real>(row: (&[u32], &[R]), panel: &[R], width: usize, from: usize, out: &mut [R]) {
    // The usual block, so that its sums stay in registers.
    if let Ok(out) = <&mut [R; 8]>::try_from(&mut *out) {
        let mut sums = *out;
        for (&d, &x) in row.0.iter().zip(row.1) {
            let weights = &panel[d as usize * width + from..][..8];
            sums.iter_mut().zip(weights).for_each(|(sum, &w)| *sum += x * w);
        }
        *out = sums;
        return;
    }
    for (&d, &x) in row.0.iter().zip(row.1) {
        let weights = &panel[d as usize * width + from..][..out.len()];
        out.iter_mut().zip(weights).for_each(|(sum, &w)| *sum += x * w);
    }
}

/// The open gates of one panel, where each has a single unit.
fn unit_gates<R: Real>(
    row: (&[u32], &[R]),
    panel: &[R],
    span: std::ops::Range<usize>,
    mask: &[bool],
    bias: &[R],
    out: &mut [R],
) {
    let width = span.len();
    let mut places = [0; super::panels::PANEL];
    let mut count = 0;
    for (place, &open) in mask[span.clone()].iter().enumerate() {
        places[count] = place;
        count += usize::from(open);
    }
    for group in places[..count].chunks(ABREAST) {
        let mut at = [group[0]; ABREAST];
        at[..group.len()].copy_from_slice(group);
        let mut sums = at.map(|place| bias[span.start + place]);
        for (&d, &x) in row.0.iter().zip(row.1) {
            let weights = &panel[d as usize * width..][..width];
            sums.iter_mut().zip(at).for_each(|(sum, place)| *sum += x * weights[place]);
        }
        group.iter().zip(sums).for_each(|(&place, sum)| out[span.start + place] = sum);
    }
}

/// One panel of `dW[:, block j] += Σ_b x[b, :]ᵀ·dz[b, block j]` over open pairs; `gradient` [D × its columns]. What every faster loop is
/// tested against.
pub(super) fn weight_gradient<R: Real>(pairs: OpenPairs<'_, R>, span: std::ops::Range<usize>, gradient: &mut [R]) {
    for part in parts(span.clone(), pairs.units) {
        for &b in pairs.open.examples(part.gate) {
            let (columns, values) = pairs.rows.row(b as usize);
            let delta = pairs.delta.row(b as usize);
            for (&d, &x) in columns.iter().zip(values) {
                let sums = &mut gradient[d as usize * span.len() + part.from..][..part.width];
                sums.iter_mut().zip(delta.iter().skip(part.at)).for_each(|(sum, &delta)| *sum += x * delta);
            }
        }
    }
}
