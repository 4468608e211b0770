//! A dense matrix in contiguous row-major order.

use std::ops::{Index, IndexMut};
use std::slice::{ChunksExact, ChunksExactMut, Iter, IterMut};

use ndarray::{Array2, ArrayView2, ArrayViewMut2, IntoNdProducer};

/// A matrix [rows × columns] in contiguous row-major order: every row is a slice, and so is the whole.
///
/// An `ndarray` array may have any strides, so converting it to a slice can fail; this type always converts. [`Matrix::view`] and
/// [`Matrix::view_mut`] give `ndarray` views for products. `&Matrix` can be passed to `ndarray::Zip`.
#[derive(Clone, Debug, PartialEq)]
pub struct Matrix<T> {
    values: Vec<T>,
    rows: usize,
    columns: usize,
}

impl<T> Default for Matrix<T> {
    /// 0 × 0.
    fn default() -> Self {
        Self { values: Vec::new(), rows: 0, columns: 0 }
    }
}

impl<T: Clone> Matrix<T> {
    /// All entries equal to `value`.
    pub fn from_elem((rows, columns): (usize, usize), value: T) -> Self {
        Self { values: vec![value; rows * columns], rows, columns }
    }

    /// Sets every entry to `value`.
    pub fn fill(&mut self, value: T) {
        self.values.fill(value);
    }

    /// Copies all entries of `other`.
    ///
    /// # Panics
    /// If the shapes differ.
    pub fn assign(&mut self, other: &Self) {
        assert_eq!(self.dim(), other.dim(), "matrices of one shape");
        self.values.clone_from_slice(&other.values);
    }

    /// Changes the shape. Entries are unspecified afterwards: old values or `value`.
    pub fn resize(&mut self, (rows, columns): (usize, usize), value: T) {
        self.values.resize(rows * columns, value);
        (self.rows, self.columns) = (rows, columns);
    }
}

impl<T: Clone + Default> Matrix<T> {
    /// All entries equal to the default, 0 for numbers.
    pub fn zeros(dim: (usize, usize)) -> Self {
        Self::from_elem(dim, T::default())
    }
}

impl<T> Matrix<T> {
    /// The matrix with `f((row, column))` as its entries, called in row-major order.
    pub fn from_shape_fn((rows, columns): (usize, usize), mut f: impl FnMut((usize, usize)) -> T) -> Self {
        let indices = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        Self { values: indices.map(&mut f).collect(), rows, columns }
    }

    /// From all entries in row-major order.
    ///
    /// # Panics
    /// If there are not rows × columns of them.
    pub fn from_vec((rows, columns): (usize, usize), values: Vec<T>) -> Self {
        assert_eq!(values.len(), rows * columns, "{rows} × {columns} entries");
        Self { values, rows, columns }
    }

    /// (rows, columns).
    pub fn dim(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    /// Number of rows.
    pub fn nrows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn ncols(&self) -> usize {
        self.columns
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// All entries in row-major order.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// All entries in row-major order.
    pub fn values_mut(&mut self) -> &mut [T] {
        &mut self.values
    }

    /// One row.
    pub fn row(&self, row: usize) -> &[T] {
        &self.values[row * self.columns..][..self.columns]
    }

    /// One row.
    pub fn row_mut(&mut self, row: usize) -> &mut [T] {
        &mut self.values[row * self.columns..][..self.columns]
    }

    /// The rows. A matrix without columns gives none.
    pub fn rows(&self) -> ChunksExact<'_, T> {
        self.values.chunks_exact(self.columns.max(1))
    }

    /// The rows. A matrix without columns gives none.
    pub fn rows_mut(&mut self) -> ChunksExactMut<'_, T> {
        self.values.chunks_exact_mut(self.columns.max(1))
    }

    /// All entries in row-major order.
    pub fn iter(&self) -> Iter<'_, T> {
        self.values.iter()
    }

    /// All entries in row-major order.
    pub fn iter_mut(&mut self) -> IterMut<'_, T> {
        self.values.iter_mut()
    }

    /// All entries with their (row, column), in row-major order.
    pub fn indexed_iter(&self) -> impl Iterator<Item = ((usize, usize), &T)> {
        let columns = self.columns.max(1);
        self.values.iter().enumerate().map(move |(i, value)| ((i / columns, i % columns), value))
    }

    /// The matrix of `f` of each entry.
    pub fn map<S>(&self, f: impl FnMut(&T) -> S) -> Matrix<S> {
        Matrix { values: self.values.iter().map(f).collect(), rows: self.rows, columns: self.columns }
    }

    /// An `ndarray` view of the whole matrix.
    pub fn view(&self) -> ArrayView2<'_, T> {
        ArrayView2::from_shape(self.dim(), &self.values).unwrap_or_else(|_| unreachable!("rows × columns entries"))
    }

    /// An `ndarray` view of the whole matrix.
    pub fn view_mut(&mut self) -> ArrayViewMut2<'_, T> {
        let dim = self.dim();
        ArrayViewMut2::from_shape(dim, &mut self.values).unwrap_or_else(|_| unreachable!("rows × columns entries"))
    }
}

impl<T> Index<(usize, usize)> for Matrix<T> {
    type Output = T;

    #[inline]
    fn index(&self, (row, column): (usize, usize)) -> &T {
        debug_assert!(column < self.columns, "column {column} of {}", self.columns);
        &self.values[row * self.columns + column]
    }
}

impl<T> IndexMut<(usize, usize)> for Matrix<T> {
    #[inline]
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut T {
        debug_assert!(column < self.columns, "column {column} of {}", self.columns);
        &mut self.values[row * self.columns + column]
    }
}

impl<'a, T> IntoIterator for &'a Matrix<T> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.values.iter()
    }
}

impl<'a, T> IntoIterator for &'a mut Matrix<T> {
    type Item = &'a mut T;
    type IntoIter = IterMut<'a, T>;

    fn into_iter(self) -> IterMut<'a, T> {
        self.values.iter_mut()
    }
}

impl<T: Clone> From<Array2<T>> for Matrix<T> {
    fn from(array: Array2<T>) -> Self {
        Self::from_vec(array.dim(), array.iter().cloned().collect())
    }
}

impl<'a, T> IntoNdProducer for &'a Matrix<T> {
    type Item = &'a T;
    type Dim = ndarray::Ix2;
    type Output = ArrayView2<'a, T>;

    fn into_producer(self) -> Self::Output {
        self.view()
    }
}

impl<'a, T> IntoNdProducer for &'a mut Matrix<T> {
    type Item = &'a mut T;
    type Dim = ndarray::Ix2;
    type Output = ArrayViewMut2<'a, T>;

    fn into_producer(self) -> Self::Output {
        self.view_mut()
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Zip;

    use super::*;

    #[test]
    fn rows_values_and_indices_agree() {
        let matrix = Matrix::from_shape_fn((3, 2), |(row, column)| 10 * row + column);
        assert_eq!(matrix.values(), [0, 1, 10, 11, 20, 21]);
        assert_eq!((matrix.row(2), matrix[(1, 1)]), (&[20, 21][..], 11));
        assert!(matrix.indexed_iter().all(|(index, value)| matrix[index] == *value));
        assert_eq!(matrix.view()[(2, 0)], 20);
        assert_eq!(matrix.rows().len(), 3);
        assert_eq!(Matrix::from(matrix.view().t().to_owned()).values(), [0, 10, 20, 1, 11, 21]);
    }

    #[test]
    fn zip_takes_matrices() {
        let (mut a, b) = (Matrix::zeros((2, 2)), Matrix::from_elem((2, 2), 3));
        Zip::from(&mut a).and(&b).for_each(|a, &b| *a = b + 1);
        assert_eq!(a, Matrix::from_elem((2, 2), 4));
    }
}
