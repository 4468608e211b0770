//! A dense matrix in row-major order without gaps.

use std::ops::{Index, IndexMut};
use std::slice::{ChunksExact, ChunksExactMut, Iter, IterMut};

use ndarray::{Array2, ArrayView2, ArrayViewMut2, IntoNdProducer};

/// A matrix [rows × columns] whose rows follow one another in memory: every row, and the whole, is a slice.
///
/// `ndarray` arrays may have any stride, so that asking one for a slice can fail. Here it cannot. Views for products and for
/// `ndarray::Zip` come from [`Matrix::view`] and [`Matrix::view_mut`]; `&Matrix` is a producer of `Zip` itself.
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
    /// Every entry is `value`.
    pub fn from_elem((rows, columns): (usize, usize), value: T) -> Self {
        Self { values: vec![value; rows * columns], rows, columns }
    }

    /// Every entry becomes `value`.
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

    /// Takes the shape `dim`; memory is kept, entries are left over from before or `value`.
    pub fn resize(&mut self, (rows, columns): (usize, usize), value: T) {
        self.values.resize(rows * columns, value);
        (self.rows, self.columns) = (rows, columns);
    }
}

impl<T: Clone + Default> Matrix<T> {
    /// Every entry is the default: 0 for numbers.
    pub fn zeros(dim: (usize, usize)) -> Self {
        Self::from_elem(dim, T::default())
    }
}

impl<T> Matrix<T> {
    /// Entry by entry.
    pub fn from_shape_fn((rows, columns): (usize, usize), mut f: impl FnMut((usize, usize)) -> T) -> Self {
        let places = (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column)));
        Self { values: places.map(&mut f).collect(), rows, columns }
    }

    /// From all entries, row by row.
    ///
    /// # Panics
    /// If there are not rows × columns of them.
    pub fn from_vec((rows, columns): (usize, usize), values: Vec<T>) -> Self {
        assert_eq!(values.len(), rows * columns, "{rows} × {columns} entries");
        Self { values, rows, columns }
    }

    /// Rows and columns.
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

    /// All entries, row by row.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// All entries, row by row.
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

    /// Row by row. A matrix without columns has no rows here.
    pub fn rows(&self) -> ChunksExact<'_, T> {
        self.values.chunks_exact(self.columns.max(1))
    }

    /// Row by row. A matrix without columns has no rows here.
    pub fn rows_mut(&mut self) -> ChunksExactMut<'_, T> {
        self.values.chunks_exact_mut(self.columns.max(1))
    }

    /// All entries, row by row.
    pub fn iter(&self) -> Iter<'_, T> {
        self.values.iter()
    }

    /// All entries, row by row.
    pub fn iter_mut(&mut self) -> IterMut<'_, T> {
        self.values.iter_mut()
    }

    /// All entries with their places, row by row.
    pub fn indexed_iter(&self) -> impl Iterator<Item = ((usize, usize), &T)> {
        let columns = self.columns.max(1);
        self.values.iter().enumerate().map(move |(at, value)| ((at / columns, at % columns), value))
    }

    /// The same entry by entry under a function.
    pub fn map<S>(&self, f: impl FnMut(&T) -> S) -> Matrix<S> {
        Matrix { values: self.values.iter().map(f).collect(), rows: self.rows, columns: self.columns }
    }

    /// As `ndarray` sees it.
    pub fn view(&self) -> ArrayView2<'_, T> {
        ArrayView2::from_shape(self.dim(), &self.values).unwrap_or_else(|_| unreachable!("rows × columns entries"))
    }

    /// As `ndarray` sees it.
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
    fn rows_values_and_places_agree() {
        let matrix = Matrix::from_shape_fn((3, 2), |(row, column)| 10 * row + column);
        assert_eq!(matrix.values(), [0, 1, 10, 11, 20, 21]);
        assert_eq!((matrix.row(2), matrix[(1, 1)]), (&[20, 21][..], 11));
        assert!(matrix.indexed_iter().all(|(at, value)| matrix[at] == *value));
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
