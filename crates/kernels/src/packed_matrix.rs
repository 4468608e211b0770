//! A weight matrix in panels of some columns.
//!
//! A step walks down the columns of a weight matrix, a few at a time: forward, in the gradient, in the update, for the norm of a
//! unit's weights. In row-major order every such walk would touch another page and another cache line of the same few sets at
//! each row. In panels it reads memory from front to back, and what one panel needs stays in the cache from the gradient to
//! the norm.

use std::ops::{Index, IndexMut, Range};

use ndarray::{ArrayView2, ArrayViewMut2};

use super::real::Real;

/// Columns of a panel where rows are picked one by one: as many as fit into vector registers.
pub const PANEL: usize = 32;

/// Bytes of a cache line.
const LINE: usize = 64;

/// A matrix [rows × columns]: panel after panel, each row by row.
#[derive(Debug)]
pub struct PackedMatrix<R> {
    rows: usize,
    columns: usize,
    /// Columns of a panel; the last one may be narrower.
    width: usize,
    /// The numbers, from `start` on: there a cache line begins, so that a row of 32 numbers is in two lines and not in three.
    memory: Vec<R>,
    start: usize,
}

/// Where the first cache line begins in memory that has room to spare for one.
fn line_start<R>(memory: &[R]) -> usize {
    memory.as_ptr().align_offset(LINE).min(LINE / size_of::<R>())
}

impl<R> PackedMatrix<R> {
    /// All numbers, in the order of memory.
    pub fn values(&self) -> &[R] {
        &self.memory[self.start..][..self.rows * self.columns]
    }
}

impl<R: Clone> Clone for PackedMatrix<R> {
    fn clone(&self) -> Self {
        let mut memory = self.memory.clone();
        let start = line_start(&memory);
        // The numbers move to where the line begins in the copy's memory.
        if start < self.start {
            memory.rotate_left(self.start - start);
        } else {
            memory.rotate_right(start - self.start);
        }
        Self { memory, start, ..*self }
    }
}

impl<R: PartialEq> PartialEq for PackedMatrix<R> {
    fn eq(&self, other: &Self) -> bool {
        (self.rows, self.columns, self.width) == (other.rows, other.columns, other.width)
            && self.values() == other.values()
    }
}

impl<R: Real> PackedMatrix<R> {
    /// All zero, in panels of [`PANEL`] columns.
    pub fn zeros(rows: usize, columns: usize) -> Self {
        Self::with_width(rows, columns, PANEL)
    }

    /// All zero, in panels of `width` columns, at least one: wide ones suit products of whole rows, as long as a panel and its
    /// gradient stay in the cache.
    pub fn with_width(rows: usize, columns: usize, width: usize) -> Self {
        let memory = vec![R::zero(); rows * columns + LINE / size_of::<R>()];
        let start = line_start(&memory);
        Self { rows, columns, width: width.max(1), memory, start }
    }

    /// Entry by entry.
    pub fn from_fn(rows: usize, columns: usize, mut f: impl FnMut(usize, usize) -> R) -> Self {
        let mut matrix = Self::zeros(rows, columns);
        for row in 0..rows {
            for column in 0..columns {
                matrix[(row, column)] = f(row, column);
            }
        }
        matrix
    }

    /// Number of rows: inputs.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns: outputs.
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

    /// Where a panel's numbers are in [`Self::values`].
    pub fn panel_range(&self, panel: usize) -> Range<usize> {
        let span = self.panel_columns(panel);
        span.start * self.rows..span.end * self.rows
    }

    /// A panel [rows × its columns], rows contiguous.
    pub fn panel(&self, panel: usize) -> ArrayView2<'_, R> {
        let shape = (self.rows, self.panel_columns(panel).len());
        ArrayView2::from_shape(shape, &self.values()[self.panel_range(panel)])
            .unwrap_or_else(|_| unreachable!("a panel's range holds rows × columns numbers"))
    }

    /// All numbers of a matrix of one panel, row by row.
    ///
    /// # Panics
    /// If it has several panels.
    pub fn single_panel(&self) -> &[R] {
        assert!(self.columns <= self.width, "{} columns in panels of {}", self.columns, self.width);
        self.values()
    }

    /// All numbers, in the order of memory.
    pub fn values_mut(&mut self) -> &mut [R] {
        &mut self.memory[self.start..][..self.rows * self.columns]
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

    /// All numbers, row by row.
    pub fn by_rows(&self) -> impl Iterator<Item = R> + '_ {
        (0..self.rows).flat_map(move |row| (0..self.columns).map(move |column| self[(row, column)]))
    }

    fn at(&self, (row, column): (usize, usize)) -> usize {
        let span = self.panel_columns(column / self.width);
        span.start * self.rows + row * span.len() + column - span.start
    }
}

/// Numbers [rows × columns], row by row, as a matrix that can be written to.
pub(super) fn as_matrix<R>(values: &mut [R], rows: usize, columns: usize) -> ArrayViewMut2<'_, R> {
    assert_eq!(values.len(), rows * columns, "{rows} × {columns} numbers");
    ArrayViewMut2::from_shape((rows, columns), values).unwrap_or_else(|_| unreachable!("as many as asserted"))
}

impl<R: Real> Index<(usize, usize)> for PackedMatrix<R> {
    type Output = R;

    fn index(&self, at: (usize, usize)) -> &R {
        &self.values()[self.at(at)]
    }
}

impl<R: Real> IndexMut<(usize, usize)> for PackedMatrix<R> {
    fn index_mut(&mut self, at: (usize, usize)) -> &mut R {
        let at = self.at(at);
        &mut self.values_mut()[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_has_its_place_and_panels_show_them() {
        for (rows, columns) in [(3, 1), (5, 32), (2, 33), (7, 100)] {
            let value = |row: usize, column: usize| (row * 1000 + column) as f64;
            let matrix = PackedMatrix::from_fn(rows, columns, value);
            for panel in 0..matrix.panels() {
                let span = matrix.panel_columns(panel);
                for ((row, column), &x) in matrix.panel(panel).indexed_iter() {
                    assert!((x - value(row, span.start + column)).abs() < 1e-12);
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
