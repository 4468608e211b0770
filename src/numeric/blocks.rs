//! Products over open (example, gate) pairs only: what conditional computation saves.
//!
//! Unit columns are grouped into blocks of `units`, one per gate. Each kernel runs over the open pairs and returns the
//! number of multiply-adds it did.

use ndarray::{Array2, ArrayView2};

use super::real::Real;

/// Which (example, gate) pairs are open, by example and by gate: compressed rows both ways.
#[derive(Clone, Debug, Default)]
pub struct OpenGates {
    by_example: Rows,
    by_gate: Rows,
    /// [B × G].
    mask: Vec<bool>,
}

/// Compressed rows: row `i` holds `entries[starts[i]..starts[i + 1]]`.
#[derive(Clone, Debug, Default)]
struct Rows {
    starts: Vec<usize>,
    entries: Vec<u32>,
}

impl Rows {
    fn row(&self, i: usize) -> &[u32] {
        match (self.starts.get(i), self.starts.get(i + 1)) {
            (Some(&from), Some(&to)) => &self.entries[from..to],
            _ => &[],
        }
    }
}

impl OpenGates {
    /// Reads off the gates that are not exactly zero; `gates` is [B × G].
    pub fn refill<R: Real>(&mut self, gates: ArrayView2<'_, R>) {
        self.refill_where(gates.dim(), |b, j| gates[(b, j)] != R::zero());
    }

    /// Takes the pairs for which `open(example, gate)` holds, of B × G.
    pub fn refill_where(&mut self, (batch, gates): (usize, usize), open: impl Fn(usize, usize) -> bool) {
        let Self { by_example, by_gate, mask } = self;
        mask.clear();
        by_example.starts.clear();
        by_example.entries.clear();
        by_gate.starts.clear();
        by_gate.starts.resize(gates + 1, 0);
        by_example.starts.push(0);
        for b in 0..batch {
            for j in 0..gates {
                let is_open = open(b, j);
                mask.push(is_open);
                if is_open {
                    by_example.entries.push(j as u32);
                    by_gate.starts[j + 1] += 1;
                }
            }
            by_example.starts.push(by_example.entries.len());
        }
        // Numbers of examples become starts, and each pair goes to the next place of its gate: ascending by example.
        for j in 0..gates {
            by_gate.starts[j + 1] += by_gate.starts[j];
        }
        let mut next = by_gate.starts.clone();
        by_gate.entries.clear();
        by_gate.entries.resize(by_example.entries.len(), 0);
        for b in 0..batch {
            for &j in by_example.row(b) {
                let place = &mut next[j as usize];
                by_gate.entries[*place] = b as u32;
                *place += 1;
            }
        }
    }

    /// Whether a pair is open.
    pub fn contains(&self, example: usize, gate: usize) -> bool {
        self.mask.get(example * self.gates() + gate).copied().unwrap_or(false)
    }

    /// Number of gates.
    pub fn gates(&self) -> usize {
        self.by_gate.starts.len().saturating_sub(1)
    }

    /// The examples for which a gate is open, ascending.
    pub fn examples(&self, gate: usize) -> &[u32] {
        self.by_gate.row(gate)
    }

    /// The open gates of one example, ascending.
    pub fn of(&self, example: usize) -> &[u32] {
        self.by_example.row(example)
    }

    /// Number of open pairs.
    pub fn len(&self) -> usize {
        self.by_example.entries.len()
    }

    /// Whether no gate is open at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Calls `f` with each open block's range of unit columns.
fn each_block(open: &[u32], units: usize, mut f: impl FnMut(usize, usize)) {
    for &j in open {
        let from = j as usize * units;
        f(from, from + units);
    }
}

/// `z[b, block j] ← bias[block j] + x[b, :]·W[:, block j]` for open pairs; other entries of `z` are left alone.
///
/// Gate by gate: the block's columns are read once for all examples that need them.
pub(super) fn forward<R: Real>(
    x: &Array2<R>,
    weight: &Array2<R>,
    bias: &[R],
    open: &OpenGates,
    units: usize,
    z: &mut Array2<R>,
) -> u64 {
    let mut block = Block::new(x.ncols(), units);
    for gate in 0..open.gates() {
        let examples = open.examples(gate);
        if examples.is_empty() {
            continue;
        }
        block.gather(weight, gate);
        let columns = gate * units..(gate + 1) * units;
        for &b in examples {
            let (row, mut out) = (x.row(b as usize), z.row_mut(b as usize));
            let (Some(row), Some(out)) = (row.to_slice(), out.as_slice_mut()) else { continue };
            block.multiply(row, &bias[columns.clone()], &mut out[columns.clone()]);
        }
    }
    (open.len() * units * x.ncols()) as u64
}

/// `dW[:, block j] ← Σ_b x[b, :]ᵀ·dz[b, block j]` over open pairs; the columns of gates that are closed throughout become 0.
pub(super) fn weight_gradient<R: Real>(
    x: &Array2<R>,
    dz: &Array2<R>,
    open: &OpenGates,
    units: usize,
    gradient: &mut Array2<R>,
) -> u64 {
    let mut block = Block::new(x.ncols(), units);
    for gate in 0..open.gates() {
        block.clear();
        let columns = gate * units..(gate + 1) * units;
        for &b in open.examples(gate) {
            let (row, delta) = (x.row(b as usize), dz.row(b as usize));
            let (Some(row), Some(delta)) = (row.to_slice(), delta.to_slice()) else { continue };
            block.add_outer(row, &delta[columns.clone()]);
        }
        block.scatter(gradient, gate);
    }
    (open.len() * units * x.ncols()) as u64
}

/// One gate's columns of a weight matrix, copied out so that the inner loops run over neighbours: unit by unit, so that a
/// product with an example is a dot product of two contiguous rows.
struct Block<R> {
    inputs: usize,
    /// [units × inputs].
    values: Vec<R>,
}

impl<R: Real> Block<R> {
    fn new(inputs: usize, units: usize) -> Self {
        Self { inputs, values: vec![R::zero(); inputs * units] }
    }

    fn clear(&mut self) {
        self.values.fill(R::zero());
    }

    fn units(&self) -> usize {
        self.values.len() / self.inputs.max(1)
    }

    fn gather(&mut self, weight: &Array2<R>, gate: usize) {
        let units = self.units();
        for (d, row) in weight.rows().into_iter().enumerate() {
            let Some(row) = row.to_slice() else { continue };
            for (u, &w) in row[gate * units..(gate + 1) * units].iter().enumerate() {
                self.values[u * self.inputs + d] = w;
            }
        }
    }

    fn scatter(&self, weight: &mut Array2<R>, gate: usize) {
        let units = self.units();
        for (d, mut row) in weight.rows_mut().into_iter().enumerate() {
            let Some(row) = row.as_slice_mut() else { continue };
            for (u, w) in row[gate * units..(gate + 1) * units].iter_mut().enumerate() {
                *w = self.values[u * self.inputs + d];
            }
        }
    }

    fn multiply(&self, x: &[R], bias: &[R], out: &mut [R]) {
        for ((column, &bias), out) in self.values.chunks_exact(self.inputs).zip(bias).zip(out) {
            *out = bias + dot(x, column);
        }
    }

    fn add_outer(&mut self, x: &[R], delta: &[R]) {
        for (column, &delta) in self.values.chunks_exact_mut(self.inputs).zip(delta) {
            for (w, &x) in column.iter_mut().zip(x) {
                *w += x * delta;
            }
        }
    }
}

/// Dot product in sixteen partial sums: an order of its own, the same everywhere, which the compiler can vectorise.
fn dot<R: Real>(x: &[R], y: &[R]) -> R {
    let (xs, x_rest) = x.as_chunks::<16>();
    let (ys, y_rest) = y.as_chunks::<16>();
    let mut sums = [R::zero(); 16];
    for (x, y) in xs.iter().zip(ys) {
        for lane in 0..16 {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let rest: R = x_rest.iter().zip(y_rest).map(|(&x, &y)| x * y).sum();
    sums.iter().copied().sum::<R>() + rest
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
        each_block(open.of(b), units, |from, to| {
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
        each_block(open.of(b), units, |from, to| {
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
        each_block(open.of(b), units, |from, to| {
            for u in from..to {
                gradient.row_mut(u).scaled_add(hidden[u], &delta);
            }
        });
    }
    (open.len() * units * gradient.ncols()) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(rows: usize, columns: usize, seed: u64) -> Array2<f64> {
        Array2::from_shape_fn((rows, columns), |(i, j)| {
            let h = (seed + 31 * i as u64 + 17 * j as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
            h as f64 / f64::from(1 << 23) - 1.0
        })
    }

    fn close(a: &Array2<f64>, b: &Array2<f64>) -> bool {
        a.iter().zip(b).all(|(x, y)| (x - y).abs() < 1e-10)
    }

    proptest! {
        /// Every kernel equals the dense product of the masked matrices.
        #[test]
        fn open_pairs_equal_the_masked_dense_product(
            batch in 1..6usize, inputs in 1..40usize, gates in 1..7usize, units in 1..10usize, seed in 0..1000u64,
        ) {
            let hidden = gates * units;
            let x = filled(batch, inputs, seed);
            let weight = filled(inputs, hidden, seed + 1);
            let bias = filled(1, hidden, seed + 2);
            let mask = filled(batch, gates, seed + 3).mapv(|v| if v > 0.2 { v } else { 0.0 });
            let mut open = OpenGates::default();
            open.refill(mask.view());
            let wide = Array2::from_shape_fn((batch, hidden), |(b, u)| f64::from(u8::from(mask[(b, u / units)] != 0.0)));
            let mut z = Array2::zeros((batch, hidden));
            let count = forward(&x, &weight, bias.as_slice().unwrap(), &open, units, &mut z);
            prop_assert!(close(&z, &((x.dot(&weight) + &bias) * &wide)));
            prop_assert_eq!(count, (open.len() * units * inputs) as u64);
            let dz = filled(batch, hidden, seed + 4) * &wide;
            let mut gradient = Array2::from_elem((inputs, hidden), f64::NAN);
            weight_gradient(&x, &dz, &open, units, &mut gradient);
            prop_assert!(close(&gradient, &x.t().dot(&dz)));
            let head = filled(hidden, 10, seed + 5);
            let mut scores = Array2::zeros((batch, 10));
            head_forward(&z, &head, &open, units, &mut scores);
            prop_assert!(close(&scores, &z.dot(&head)));
            let ds = filled(batch, 10, seed + 6);
            let mut dh = Array2::from_elem((batch, hidden), f64::NAN);
            head_backward(&ds, &head, &open, units, &mut dh);
            prop_assert!(close(&dh, &(ds.dot(&head.t()) * &wide)));
            let mut dv = Array2::from_elem((hidden, 10), f64::NAN);
            head_weight_gradient(&z, &ds, &open, units, &mut dv);
            prop_assert!(close(&dv, &z.t().dot(&ds)));
        }
    }
}
