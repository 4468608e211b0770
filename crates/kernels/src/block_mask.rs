//! Which (example, gate) pairs are open, by example and by gate.

use ndarray::ArrayView2;

use super::real::Real;

/// Open pairs, as compressed rows both ways.
#[derive(Clone, Debug, Default)]
pub struct BlockMask {
    by_example: Rows,
    by_gate: Rows,
    /// Next free place of each gate while pairs are dealt out.
    next: Vec<usize>,
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

impl BlockMask {
    /// Reads off the gates that are not exactly zero; `gates` is [B × G].
    pub fn refill<R: Real>(&mut self, gates: ArrayView2<'_, R>) {
        self.mask.clear();
        self.mask.extend(gates.iter().map(|g| *g != R::zero()));
        self.sort(gates.dim());
    }

    /// Takes the pairs for which `open(example, gate)` holds, of B × G.
    pub fn refill_where(&mut self, (batch, gates): (usize, usize), open: impl Fn(usize, usize) -> bool) {
        self.mask.clear();
        for b in 0..batch {
            self.mask.extend((0..gates).map(|j| open(b, j)));
        }
        self.sort((batch, gates));
    }

    /// From the mask to both lists.
    fn sort(&mut self, (batch, gates): (usize, usize)) {
        let Self { by_example, by_gate, next, mask } = self;
        by_example.starts.clear();
        by_gate.starts.clear();
        by_gate.starts.resize(gates + 1, 0);
        by_example.starts.push(0);
        // Room for all of them, so that each is written without a question and kept or written over.
        by_example.entries.resize(mask.len(), 0);
        let mut count = 0;
        for row in mask.chunks(gates.max(1)).take(batch) {
            for (j, &is_open) in row.iter().enumerate() {
                by_example.entries[count] = j as u32;
                count += usize::from(is_open);
                by_gate.starts[j + 1] += usize::from(is_open);
            }
            by_example.starts.push(count);
        }
        by_example.entries.truncate(count);
        // Numbers of examples become starts, and each pair goes to the next place of its gate: ascending by example.
        for j in 0..gates {
            by_gate.starts[j + 1] += by_gate.starts[j];
        }
        next.clone_from(&by_gate.starts);
        by_gate.entries.clear();
        // For all pairs, so that later masks of the same shape allocate nothing.
        by_gate.entries.reserve(mask.len());
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

    /// Whether each gate of an example is open [G].
    pub fn mask(&self, example: usize) -> &[bool] {
        let gates = self.gates();
        self.mask.get(example * gates..(example + 1) * gates).unwrap_or_default()
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
