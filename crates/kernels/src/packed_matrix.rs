//! A weight matrix stored in panels of columns.
//!
//! A training step walks down a few columns of a weight matrix at a time: in the forward product, in the gradient, in the update and
//! in the norm of each column. In row-major order each row of such a walk lies in another page, and rows compete for the same
//! cache sets. A panel is contiguous, so each walk reads memory from front to back. One panel also stays in the cache from
//! its gradient to its update.

use std::ops::{Index, IndexMut, Range};

use ndarray::{ArrayView2, ArrayViewMut2};

use super::aligned::AlignedVec;
use super::real::Real;

/// Default width of a panel: as many columns as fit into the vector registers as `f32`.
pub const PANEL: usize = 32;

/// A matrix [rows × columns], stored panel after panel, each panel row-major. Storage starts at a cache line.
#[derive(Clone, Debug, PartialEq)]
pub struct PackedMatrix<R> {
    rows: usize,
    columns: usize,
    /// Columns of a panel; the last panel may be narrower.
    width: usize,
    values: AlignedVec<R>,
}

impl<R: Real> PackedMatrix<R> {
    /// A zero matrix in panels of [`PANEL`] columns.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self::with_width(rows, columns, PANEL)
    }

    /// A zero matrix in panels of `width` columns. Wide panels suit dense products, as long as a panel and its gradient stay in the
    /// cache.
    ///
    /// # Panics
    /// If `width` is 0.
    pub fn with_width(rows: usize, columns: usize, width: usize) -> Self {
        assert!(width > 0, "a panel has columns");
        Self { rows, columns, width, values: AlignedVec::zeroed(rows * columns) }
    }

    /// The matrix with `f(row, column)` as its entries, called in row-major order.
    pub fn from_fn(rows: usize, columns: usize, mut f: impl FnMut(usize, usize) -> R) -> Self {
        let mut matrix = Self::zeros(rows, columns);
        for row in 0..rows {
            for column in 0..columns {
                matrix[(row, column)] = f(row, column);
            }
        }
        matrix
    }

    /// Number of rows: inputs of a layer.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns: outputs of a layer.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of panels.
    pub fn panels(&self) -> usize {
        self.columns.div_ceil(self.width)
    }

    /// The columns of a panel.
    pub fn panel_columns(&self, panel: usize) -> Range<usize> {
        panel * self.width..((panel + 1) * self.width).min(self.columns)
    }

    /// The range of a panel in [`Self::values`].
    pub fn panel_range(&self, panel: usize) -> Range<usize> {
        let columns = self.panel_columns(panel);
        columns.start * self.rows..columns.end * self.rows
    }

    /// A panel as a matrix [rows × its columns] in row-major order.
    pub fn panel(&self, panel: usize) -> ArrayView2<'_, R> {
        let shape = (self.rows, self.panel_columns(panel).len());
        ArrayView2::from_shape(shape, &self.values()[self.panel_range(panel)])
            .unwrap_or_else(|_| unreachable!("a panel's range holds rows × columns values"))
    }

    /// All values of a matrix of one panel, in row-major order.
    ///
    /// # Panics
    /// If the matrix has several panels.
    pub fn single_panel(&self) -> &[R] {
        assert!(self.columns <= self.width, "{} columns in panels of {}", self.columns, self.width);
        self.values()
    }

    /// All values in storage order: panel after panel.
    pub fn values(&self) -> &[R] {
        self.values.as_slice()
    }

    /// All numbers in row-major order, as slices: each row's part in each panel.
    pub fn row_parts(&self) -> impl Iterator<Item = &[R]> {
        (0..self.rows).flat_map(move |row| {
            (0..self.panels()).map(move |panel| {
                let width = self.panel_columns(panel).len();
                &self.values()[self.panel_range(panel)][row * width..][..width]
            })
        })
    }

    /// Takes all numbers from row-major order.
    ///
    /// # Panics
    /// If there are not rows × columns of them.
    pub fn assign_row_major(&mut self, numbers: &[R]) {
        assert_eq!(numbers.len(), self.rows * self.columns, "{} × {} numbers", self.rows, self.columns);
        let columns = self.columns;
        for panel in 0..self.panels() {
            let (span, range) = (self.panel_columns(panel), self.panel_range(panel));
            let rows = self.values_mut()[range].chunks_exact_mut(span.len());
            rows.zip(numbers.chunks_exact(columns)).for_each(|(to, from)| to.copy_from_slice(&from[span.clone()]));
        }
    }

    /// All values in storage order: panel after panel.
    pub fn values_mut(&mut self) -> &mut [R] {
        self.values.as_mut_slice()
    }

    /// All values in row-major order, which does not depend on the panel width.
    pub fn by_rows(&self) -> impl Iterator<Item = R> + '_ {
        (0..self.rows).flat_map(move |row| (0..self.columns).map(move |column| self[(row, column)]))
    }

    /// The index of an entry in [`Self::values`].
    fn offset(&self, (row, column): (usize, usize)) -> usize {
        debug_assert!(row < self.rows && column < self.columns, "({row}, {column}) lies inside the matrix");
        let panel = self.panel_columns(column / self.width);
        panel.start * self.rows + row * panel.len() + column - panel.start
    }
}

/// A slice as a row-major matrix [rows × columns].
pub(super) fn as_matrix<R>(values: &mut [R], rows: usize, columns: usize) -> ArrayViewMut2<'_, R> {
    assert_eq!(values.len(), rows * columns, "{rows} × {columns} values");
    ArrayViewMut2::from_shape((rows, columns), values).unwrap_or_else(|_| unreachable!("the length is asserted"))
}

impl<R: Real> Index<(usize, usize)> for PackedMatrix<R> {
    type Output = R;

    fn index(&self, index: (usize, usize)) -> &R {
        &self.values()[self.offset(index)]
    }
}

impl<R: Real> IndexMut<(usize, usize)> for PackedMatrix<R> {
    fn index_mut(&mut self, index: (usize, usize)) -> &mut R {
        let offset = self.offset(index);
        &mut self.values_mut()[offset]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_and_row_major_order_show_the_entries() {
        for (rows, columns) in [(3, 1), (5, 32), (2, 33), (7, 100)] {
            let value = |row: usize, column: usize| (row * 1000 + column) as f64;
            let matrix = PackedMatrix::from_fn(rows, columns, value);
            for panel in 0..matrix.panels() {
                let first = matrix.panel_columns(panel).start;
                for ((row, column), &x) in matrix.panel(panel).indexed_iter() {
                    assert!((x - value(row, first + column)).abs() < 1e-12);
                }
            }
            let order: Vec<f64> = matrix.by_rows().collect();
            assert!(order.windows(2).all(|pair| pair[0] < pair[1]), "{rows} × {columns}");
            assert_eq!(order.len(), matrix.values().len());
            let row_major: Vec<f64> = matrix.row_parts().flatten().copied().collect();
            assert_eq!(row_major, order);
            let mut copy = PackedMatrix::with_width(rows, columns, 7);
            copy.assign_row_major(&row_major);
            assert!(copy.by_rows().eq(order));
        }
    }
}
