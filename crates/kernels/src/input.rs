//! Layer inputs of which many entries are zero.

use ndarray::ArrayView2;

use super::matrix::Matrix;
use super::real::Real;
use super::sparse::{Sparse, SparseView};

/// Which products are left out. The result has the same bits either way: adding a product with zero changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Skipping {
    /// Products with zero inputs, and products with inactive blocks.
    #[default]
    Zeros,
    /// None: every product is dense. A baseline for comparisons.
    Nothing,
}

/// A minibatch of inputs x [B × D], with its nonzero entries by row and by column.
#[derive(Clone, Debug)]
pub struct Input<R> {
    skipping: Skipping,
    shape: (usize, usize),
    /// [B × D] with [`Skipping::Nothing`], else unused.
    dense: Matrix<R>,
    by_row: Sparse<R>,
    by_column: Sparse<R>,
    /// The value of each byte.
    scale: Box<[R; 256]>,
}

impl<R: Real> Input<R> {
    /// B × D zeros.
    pub fn new(batch: usize, inputs: usize) -> Self {
        // Quotients are rounded to `f32` for every `R`, so that an `f64` computation has the same inputs.
        let scale = Box::new(std::array::from_fn(|byte| <R as From<f32>>::from(byte as f32 / 255.0)));
        let mut input = Self {
            skipping: Skipping::default(),
            shape: (batch, inputs),
            dense: Matrix::zeros((0, 0)),
            by_row: Sparse::default(),
            by_column: Sparse::default(),
            scale,
        };
        input.assign(Matrix::zeros((batch, inputs)).view());
        input
    }

    /// (B, D).
    pub fn dim(&self) -> (usize, usize) {
        self.shape
    }

    /// Copies `values` and takes their shape.
    pub fn assign(&mut self, values: ArrayView2<'_, R>) {
        self.shape = values.dim();
        self.by_row.clear(self.shape.1);
        values.rows().into_iter().for_each(|row| self.by_row.push_row(row.iter().copied()));
        self.update_derived();
    }

    /// Copies rows of D bytes, 0..=255 mapped to 0..=1. B becomes their number.
    ///
    /// # Panics
    /// If a row has another length.
    pub fn load<'a>(&mut self, rows: impl Iterator<Item = &'a [u8]>) {
        self.by_row.clear(self.shape.1);
        let mut rows = rows.peekable();
        while let Some(bytes) = rows.next() {
            rows.peek().into_iter().for_each(|next| prefetch(next));
            self.by_row.push_bytes(bytes, &self.scale);
        }
        self.shape.0 = self.by_row.view().rows();
        self.update_derived();
    }

    /// Sets which products are left out.
    pub fn set_skipping(&mut self, skipping: Skipping) {
        self.skipping = skipping;
        self.update_derived();
    }

    /// Which products are left out.
    pub fn skipping(&self) -> Skipping {
        self.skipping
    }

    /// Recomputes the transpose, and the dense form if it is used.
    fn update_derived(&mut self) {
        self.by_column.assign_transpose(self.by_row.view(), self.shape.1);
        if self.skipping == Skipping::Nothing {
            self.dense = self.to_dense();
        }
    }

    /// All values [B × D].
    pub fn to_dense(&self) -> Matrix<R> {
        let mut dense = Matrix::zeros(self.shape);
        let rows = self.by_row.view();
        for (i, row) in dense.rows_mut().enumerate() {
            rows.row(i).iter().for_each(|entry| row[entry.column as usize] = entry.value);
        }
        dense
    }

    /// All values [B × D] with [`Skipping::Nothing`], else `None`.
    pub(super) fn dense(&self) -> Option<&Matrix<R>> {
        (self.skipping == Skipping::Nothing).then_some(&self.dense)
    }

    /// The nonzero entries of x [B × D].
    pub fn by_row(&self) -> SparseView<'_, R> {
        self.by_row.view()
    }

    /// The nonzero entries of xᵀ [D × B].
    pub fn by_column(&self) -> SparseView<'_, R> {
        self.by_column.view()
    }

    /// How many of the B·D values are multiplied.
    pub fn multiplied(&self) -> usize {
        match self.skipping {
            Skipping::Zeros => self.by_row.len(),
            Skipping::Nothing => self.shape.0 * self.shape.1,
        }
    }

    /// How many values of row `b` are multiplied.
    pub(super) fn multiplied_in_row(&self, b: usize) -> usize {
        match self.skipping {
            Skipping::Zeros => self.by_row.view().row(b).len(),
            Skipping::Nothing => self.shape.1,
        }
    }
}

/// Reads one byte of every cache line of a row. The rows of a minibatch are scattered in memory, and these reads are independent of each
/// other, so they overlap the conversion of the row before.
fn prefetch(row: &[u8]) {
    std::hint::black_box(row.iter().step_by(64).fold(0, |all, byte| all ^ byte));
}

impl<R: Real> PartialEq for Input<R> {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.by_row(), other.by_row());
        self.shape == other.shape && a.starts == b.starts && a.entries == b.entries
    }
}
