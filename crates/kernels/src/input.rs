//! A minibatch of inputs, and what of it is not zero: four of five pixels of a digit are, and multiplying by them is wasted.

use super::matrix::Matrix;
use ndarray::ArrayView2;

use super::real::Real;
use super::sparse::{Sparse, SparseView};

/// What products leave out. The results have the same bits: adding a product with zero changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Skipping {
    /// Zero pixels, forward and in weight gradients, and gradients of closed (example, gate) pairs.
    #[default]
    Zeros,
    /// Nothing: every product is dense. For comparison.
    Nothing,
}

/// Inputs x [B × D].
#[derive(Clone, Debug)]
pub struct Input<R> {
    skipping: Skipping,
    shape: (usize, usize),
    /// [B × D]; empty unless nothing is skipped.
    dense: Matrix<R>,
    by_example: Sparse<R>,
    by_column: Sparse<R>,
    scale: Box<[R; 256]>,
}

impl<R: Real> Input<R> {
    /// Zeros.
    pub fn new(batch: usize, inputs: usize) -> Self {
        // The quotient is rounded to `f32` whatever `R` is, so that an `f64` engine sees the same inputs.
        let scale = Box::new(std::array::from_fn(|pixel| <R as From<f32>>::from(pixel as f32 / 255.0)));
        let mut input = Self {
            skipping: Skipping::default(),
            shape: (batch, inputs),
            dense: Matrix::zeros((0, 0)),
            by_example: Sparse::default(),
            by_column: Sparse::default(),
            scale,
        };
        input.assign(Matrix::zeros((batch, inputs)).view());
        input
    }

    /// B and D.
    pub fn dim(&self) -> (usize, usize) {
        self.shape
    }

    /// Takes over any values; their number of columns must be D.
    pub fn assign(&mut self, values: ArrayView2<'_, R>) {
        self.shape = values.dim();
        self.by_example.clear(self.shape.1);
        values.rows().into_iter().for_each(|row| self.by_example.push_row(row.iter().copied()));
        self.finish();
    }

    /// Takes over images of D pixels each, 0..=255 standing for 0..=1.
    pub fn load<'a>(&mut self, images: impl Iterator<Item = &'a [u8]>) {
        self.by_example.clear(self.shape.1);
        let mut images = images.peekable();
        while let Some(pixels) = images.next() {
            images.peek().into_iter().for_each(|next| fetch(next));
            self.by_example.push_pixels(pixels, &self.scale);
        }
        self.shape.0 = self.by_example.view().rows();
        self.finish();
    }

    /// What products leave out, from now on.
    pub fn set_skipping(&mut self, skipping: Skipping) {
        self.skipping = skipping;
        self.finish();
    }

    /// What products leave out.
    pub fn skipping(&self) -> Skipping {
        self.skipping
    }

    fn finish(&mut self) {
        self.by_column.transpose_of(self.by_example.view(), self.shape.1);
        if self.skipping == Skipping::Nothing {
            self.dense = self.to_dense();
        }
    }

    /// All values [B × D].
    pub fn to_dense(&self) -> Matrix<R> {
        let mut dense = Matrix::zeros(self.shape);
        let rows = self.by_example.view();
        for (i, row) in dense.rows_mut().enumerate() {
            rows.row(i).iter().for_each(|entry| row[entry.column as usize] = entry.value);
        }
        dense
    }

    /// All values [B × D], if nothing is to be skipped.
    pub(super) fn dense(&self) -> Option<&Matrix<R>> {
        (self.skipping == Skipping::Nothing).then_some(&self.dense)
    }

    /// What is not zero, example by example [B].
    pub fn by_example(&self) -> SparseView<'_, R> {
        self.by_example.view()
    }

    /// What is not zero, input by input [D].
    pub fn by_input(&self) -> SparseView<'_, R> {
        self.by_column.view()
    }

    /// How many of the B·D values are multiplied with.
    pub fn active(&self) -> usize {
        match self.skipping {
            Skipping::Zeros => self.by_example.len(),
            Skipping::Nothing => self.shape.0 * self.shape.1,
        }
    }

    /// How many values of example `b` are multiplied with.
    pub(super) fn active_of(&self, b: usize) -> usize {
        match self.skipping {
            Skipping::Zeros => self.by_example.view().row(b).len(),
            Skipping::Nothing => self.shape.1,
        }
    }
}

/// Looks into every cache line of an image that comes next. Digits of a minibatch lie scattered in memory: these looks do not wait for
/// each other, and the image is there when it is needed.
fn fetch(image: &[u8]) {
    std::hint::black_box(image.iter().step_by(64).fold(0, |all, pixel| all ^ pixel));
}

impl<R: Real> PartialEq for Input<R> {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.by_example(), other.by_example());
        self.shape == other.shape && a.starts == b.starts && a.entries == b.entries
    }
}
