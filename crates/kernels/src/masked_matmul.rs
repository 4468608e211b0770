//! Products over open (example, gate) pairs only: what conditional computation saves.
//!
//! Unit columns are grouped into blocks of `units`, one per gate; a block may lie across two panels. Each kernel does what the
//! dense product of the masked matrices would, in the same order, without the products with zero: the bits are the same.

use super::matrix::Matrix;

use super::block_mask::BlockMask;
use super::input::Input;
use super::packed_matrix::PANEL;
use super::real::Real;
use super::sparse::{Entry, SparseView};

/// Gates of one unit that are computed side by side: their sums do not wait for each other.
pub(super) const UNROLL: usize = 4;

/// Open pairs of a minibatch.
#[derive(Clone, Copy)]
pub struct ActivePairs<'a, R> {
    /// What comes in, example by example.
    pub rows: SparseView<'a, R>,
    /// Which pairs are open.
    pub open: &'a BlockMask,
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
    (span.start / units..span.end.div_ceil(units)).map(move |gate| {
        let at = (gate * units).max(span.start);
        let width = ((gate + 1) * units).min(span.end) - at;
        Part { gate, from: at - span.start, at, width }
    })
}

/// `z[b, block j] += x[b, :]·W[:, block j]` for open pairs and the columns `span` of W, whose panel is `weights`. What every faster loop is
/// tested against.
pub(super) fn forward<R: Real>(
    pairs: ActivePairs<'_, R>,
    span: std::ops::Range<usize>,
    weights: &[R],
    z: &mut Matrix<R>,
) {
    if pairs.units == 1 && span.len() <= PANEL {
        return unit_gates_forward(pairs, span, weights, z);
    }
    for part in parts(span.clone(), pairs.units) {
        for &b in pairs.open.examples(part.gate) {
            for (i, at) in (part.at..part.at + part.width).enumerate() {
                let weight = |d: u32| weights[d as usize * span.len() + part.from + i];
                let row = pairs.rows.row(b as usize).iter();
                z[(b as usize, at)] = row.fold(z[(b as usize, at)], |sum, x| sum + x.value * weight(x.column));
            }
        }
    }
}

/// The same where gates have one unit, for at most [`PANEL`] columns.
pub(super) fn unit_gates_forward<R: Real>(
    pairs: ActivePairs<'_, R>,
    span: std::ops::Range<usize>,
    weights: &[R],
    z: &mut Matrix<R>,
) {
    for (b, out) in z.rows_mut().enumerate() {
        let mask = &pairs.open.mask(b)[span.clone()];
        unit_gates(pairs.rows.row(b), weights, span.len(), mask, &mut out[span.clone()]);
    }
}

/// Multiply-adds of the open pairs with the inputs that are multiplied.
pub(super) fn work<R: Real>(x: &Input<R>, open: &BlockMask, units: usize) -> u64 {
    (0..x.dim().0).map(|b| (open.of(b).len() * units * x.active_of(b)) as u64).sum()
}

/// Which of at most [`PANEL`] gates are open, and how many of them.
pub(super) fn open_places(mask: &[bool]) -> ([usize; PANEL], usize) {
    let (mut places, mut count) = ([0; PANEL], 0);
    for (place, &open) in mask.iter().enumerate() {
        places[count] = place;
        count += usize::from(open);
    }
    (places, count)
}

/// The open gates of one example and one panel of that width, where each has a single unit.
fn unit_gates<R: Real>(row: &[Entry<R>], panel: &[R], width: usize, mask: &[bool], out: &mut [R]) {
    let (places, count) = open_places(mask);
    for group in places[..count].chunks(UNROLL) {
        let mut at = [group[0]; UNROLL];
        at[..group.len()].copy_from_slice(group);
        let mut sums = at.map(|place| out[place]);
        for x in row {
            let weights = &panel[x.column as usize * width..][..width];
            sums.iter_mut().zip(at).for_each(|(sum, place)| *sum += x.value * weights[place]);
        }
        group.iter().zip(sums).for_each(|(&place, sum)| out[place] = sum);
    }
}

/// One panel of `dW[:, block j] += Σ_b x[b, :]ᵀ·dz[b, block j]` over open pairs; `gradient` [D × its columns]. What every faster loop is
/// tested against.
pub(super) fn weight_gradient<R: Real>(
    pairs: ActivePairs<'_, R>,
    delta: &Matrix<R>,
    span: std::ops::Range<usize>,
    gradient: &mut [R],
) {
    for part in parts(span.clone(), pairs.units) {
        for &b in pairs.open.examples(part.gate) {
            let delta = delta.row(b as usize);
            for x in pairs.rows.row(b as usize) {
                let sums = &mut gradient[x.column as usize * span.len() + part.from..][..part.width];
                sums.iter_mut().zip(delta.iter().skip(part.at)).for_each(|(sum, &delta)| *sum += x.value * delta);
            }
        }
    }
}
