//! Products over open (example, gate) pairs only: what conditional computation saves.
//!
//! Unit columns are grouped into blocks of `units`, one per gate. Each kernel runs over the open pairs and returns the
//! number of multiply-adds it did. Loop order is example, input row, open gate, unit: rows of the weights stay in order,
//! and the blocks of one row lie close together.

use ndarray::{Array2, ArrayView2};

use super::real::Real;

/// For each example, which gates are open: compressed rows.
#[derive(Clone, Debug, Default)]
pub struct OpenGates {
    starts: Vec<usize>,
    gates: Vec<u32>,
}

impl OpenGates {
    /// Reads off the gates that are not exactly zero; `gates` is [B × G].
    pub fn refill<R: Real>(&mut self, gates: ArrayView2<'_, R>) {
        self.starts.clear();
        self.gates.clear();
        self.starts.push(0);
        for row in gates.rows() {
            self.gates.extend(row.iter().enumerate().filter(|(_, g)| **g != R::zero()).map(|(j, _)| j as u32));
            self.starts.push(self.gates.len());
        }
    }

    /// The open gates of one example, ascending.
    pub fn of(&self, example: usize) -> &[u32] {
        match (self.starts.get(example), self.starts.get(example + 1)) {
            (Some(&from), Some(&to)) => &self.gates[from..to],
            _ => &[],
        }
    }

    /// Number of open pairs.
    pub fn len(&self) -> usize {
        self.gates.len()
    }

    /// Whether no gate is open at all.
    pub fn is_empty(&self) -> bool {
        self.gates.is_empty()
    }
}

/// Calls `f` with each block's range of unit columns; `U` is the block width where it is known when compiling.
#[inline(always)]
fn each_block<const U: usize>(open: &[u32], units: usize, mut f: impl FnMut(usize, usize)) {
    let width = if U == 0 { units } else { U };
    for &j in open {
        let from = j as usize * width;
        f(from, from + width);
    }
}

/// Runs a kernel compiled for the block width of a preset, or the general one.
macro_rules! by_width {
    ($units:expr, $kernel:ident ( $($argument:expr),* )) => {
        match $units {
            1 => $kernel::<R, 1>($($argument),*),
            8 => $kernel::<R, 8>($($argument),*),
            _ => $kernel::<R, 0>($($argument),*),
        }
    };
}

/// `z[b, block j] ← bias[block j] + x[b, :]·W[:, block j]` for open pairs; other entries of `z` become 0.
pub(super) fn forward<R: Real>(
    x: &Array2<R>,
    weight: &Array2<R>,
    bias: &[R],
    open: &OpenGates,
    units: usize,
    z: &mut Array2<R>,
) -> u64 {
    by_width!(units, forward_of(x, weight, bias, open, units, z));
    (open.len() * units * x.ncols()) as u64
}

fn forward_of<R: Real, const U: usize>(
    x: &Array2<R>,
    weight: &Array2<R>,
    bias: &[R],
    open: &OpenGates,
    units: usize,
    z: &mut Array2<R>,
) {
    z.fill(R::zero());
    for (b, (pixels, mut out)) in x.rows().into_iter().zip(z.rows_mut()).enumerate() {
        let (Some(pixels), Some(out)) = (pixels.to_slice(), out.as_slice_mut()) else { continue };
        each_block::<U>(open.of(b), units, |from, to| out[from..to].copy_from_slice(&bias[from..to]));
        for (&pixel, row) in pixels.iter().zip(weight.rows()) {
            let Some(row) = row.to_slice() else { continue };
            each_block::<U>(open.of(b), units, |from, to| {
                for (z, &w) in out[from..to].iter_mut().zip(&row[from..to]) {
                    *z += pixel * w;
                }
            });
        }
    }
}

/// `dW[:, block j] += x[b, :]ᵀ·dz[b, block j]` over open pairs; `gradient` is cleared first.
pub(super) fn weight_gradient<R: Real>(
    x: &Array2<R>,
    dz: &Array2<R>,
    open: &OpenGates,
    units: usize,
    gradient: &mut Array2<R>,
) -> u64 {
    by_width!(units, weight_gradient_of(x, dz, open, units, gradient));
    (open.len() * units * x.ncols()) as u64
}

fn weight_gradient_of<R: Real, const U: usize>(
    x: &Array2<R>,
    dz: &Array2<R>,
    open: &OpenGates,
    units: usize,
    gradient: &mut Array2<R>,
) {
    gradient.fill(R::zero());
    for (b, (pixels, delta)) in x.rows().into_iter().zip(dz.rows()).enumerate() {
        let (Some(pixels), Some(delta)) = (pixels.to_slice(), delta.to_slice()) else { continue };
        for (&pixel, mut row) in pixels.iter().zip(gradient.rows_mut()) {
            let Some(row) = row.as_slice_mut() else { continue };
            each_block::<U>(open.of(b), units, |from, to| {
                for (w, &d) in row[from..to].iter_mut().zip(&delta[from..to]) {
                    *w += pixel * d;
                }
            });
        }
    }
}

/// `s[b, :] += Σ_u h[b, u]·V[u, :]` over the units `u` of open gates.
pub(super) fn head_forward<R: Real>(
    h: &Array2<R>,
    head: &Array2<R>,
    open: &OpenGates,
    units: usize,
    scores: &mut Array2<R>,
) -> u64 {
    for (b, (hidden, mut out)) in h.rows().into_iter().zip(scores.rows_mut()).enumerate() {
        each_block::<0>(open.of(b), units, |from, to| {
            for u in from..to {
                out.scaled_add(hidden[u], &head.row(u));
            }
        });
    }
    (open.len() * units * head.ncols()) as u64
}

/// `dh[b, u] ← V[u, :]·ds[b, :]` for the units of open gates; other entries become 0.
pub(super) fn head_backward<R: Real>(
    ds: &Array2<R>,
    head: &Array2<R>,
    open: &OpenGates,
    units: usize,
    dh: &mut Array2<R>,
) -> u64 {
    dh.fill(R::zero());
    for (b, (delta, mut out)) in ds.rows().into_iter().zip(dh.rows_mut()).enumerate() {
        each_block::<0>(open.of(b), units, |from, to| {
            for u in from..to {
                out[u] = head.row(u).dot(&delta);
            }
        });
    }
    (open.len() * units * head.ncols()) as u64
}

/// `dV[u, :] += h[b, u]·ds[b, :]` over the units of open gates; `gradient` is cleared first.
pub(super) fn head_weight_gradient<R: Real>(
    h: &Array2<R>,
    ds: &Array2<R>,
    open: &OpenGates,
    units: usize,
    gradient: &mut Array2<R>,
) -> u64 {
    gradient.fill(R::zero());
    for (b, (hidden, delta)) in h.rows().into_iter().zip(ds.rows()).enumerate() {
        each_block::<0>(open.of(b), units, |from, to| {
            for u in from..to {
                gradient.row_mut(u).scaled_add(hidden[u], &delta);
            }
        });
    }
    (open.len() * units * gradient.ncols()) as u64
}
