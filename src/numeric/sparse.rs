//! Rows of numbers of which most are zero: only those that are not, with their columns.

use super::real::Real;

/// Rows `i` hold `values[p]` in column `columns[p]` for `p` in `starts[i]..starts[i + 1]`, columns ascending.
#[derive(Clone, Copy, Debug)]
pub struct SparseView<'a, R> {
    pub(super) starts: &'a [u32],
    pub(super) columns: &'a [u32],
    pub(super) values: &'a [R],
    /// Every column is below this.
    bound: usize,
}

impl<'a, R> SparseView<'a, R> {
    /// Rows that begin and end at `starts`, one more than there are rows.
    ///
    /// # Panics
    /// If rows or columns and values do not fit together.
    pub fn new(starts: &'a [u32], columns: &'a [u32], values: &'a [R]) -> Self {
        let bound = columns.iter().max().map_or(0, |&last| last as usize + 1);
        let view = Self { starts, columns, values, bound };
        assert!(view.starts.is_sorted(), "rows follow one another");
        assert!(view.ends(), "rows end with the entries, which have a column and a value each");
        view
    }

    fn ends(&self) -> bool {
        let end = self.starts.last().map_or(0, |&end| end as usize);
        end <= self.values.len() && self.columns.len() == self.values.len()
    }

    /// Asserts that every column is below `columns`, as those of the kernels must be that don't look again.
    ///
    /// # Panics
    /// If it isn't so.
    pub fn check(&self, columns: usize) {
        assert!(self.bound <= columns && self.ends(), "columns lie inside the matrix");
    }

    /// Where rows begin and end.
    pub fn starts(&self) -> &'a [u32] {
        self.starts
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Columns and values of one row.
    pub fn row(&self, i: usize) -> (&'a [u32], &'a [R]) {
        let range = self.starts[i] as usize..self.starts[i + 1] as usize;
        (&self.columns[range.clone()], &self.values[range])
    }
}

/// Sparse rows that are filled anew for each minibatch; memory is kept.
#[derive(Clone, Debug, Default)]
pub struct Sparse<R> {
    starts: Vec<u32>,
    columns: Vec<u32>,
    values: Vec<R>,
    /// Number of columns.
    bound: usize,
}

impl<R: Real> Sparse<R> {
    /// Forgets all rows; there will be others with this many columns.
    pub fn clear(&mut self, columns: usize) {
        self.bound = columns;
        self.starts.clear();
        self.starts.push(0);
        self.columns.clear();
        self.values.clear();
    }

    /// Appends one row; numbers beyond the last column are left out.
    pub fn push_row(&mut self, values: impl Iterator<Item = R>) {
        for (column, x) in values.take(self.bound).enumerate() {
            if x != R::zero() {
                self.columns.push(column as u32);
                self.values.push(x);
            }
        }
        self.starts.push(self.values.len() as u32);
    }

    /// Appends one row of pixels, each standing for `scale[pixel]`; 0 must stand for 0. Pixels beyond the last column are left out.
    pub fn push_pixels(&mut self, pixels: &[u8], scale: &[R; 256]) {
        let pixels = &pixels[..self.bound.min(pixels.len())];
        let (words, rest) = pixels.as_chunks::<8>();
        // Room for all of them, so that each is written without a question and kept or written over.
        let mut length = self.values.len();
        self.columns.resize(length + pixels.len(), 0);
        self.values.resize(length + pixels.len(), R::zero());
        let mut take = |column: usize, pixel: u8| {
            self.columns[length] = column as u32;
            self.values[length] = scale[usize::from(pixel)];
            length += usize::from(pixel != 0);
        };
        for (i, word) in words.iter().enumerate() {
            if u64::from_ne_bytes(*word) != 0 {
                word.iter().enumerate().for_each(|(j, &pixel)| take(8 * i + j, pixel));
            }
        }
        rest.iter().enumerate().for_each(|(j, &pixel)| take(8 * words.len() + j, pixel));
        self.columns.truncate(length);
        self.values.truncate(length);
        self.starts.push(length as u32);
    }

    /// Becomes the transpose of `other`, which has `columns` columns.
    pub fn transpose_of(&mut self, other: SparseView<'_, R>, columns: usize) {
        self.bound = other.rows();
        self.starts.clear();
        self.starts.resize(columns + 1, 0);
        for &column in other.columns {
            self.starts[column as usize + 1] += 1;
        }
        for i in 0..columns {
            self.starts[i + 1] += self.starts[i];
        }
        self.columns.resize(other.columns.len(), 0);
        self.values.resize(other.values.len(), R::zero());
        // Each start moves along as its row fills, and ends where the next row begins.
        for row in 0..other.rows() {
            let (at, values) = other.row(row);
            for (&column, &x) in at.iter().zip(values) {
                let place = &mut self.starts[column as usize];
                self.columns[*place as usize] = row as u32;
                self.values[*place as usize] = x;
                *place += 1;
            }
        }
        self.starts.rotate_right(1);
        self.starts[0] = 0;
    }

    /// The rows.
    pub fn view(&self) -> SparseView<'_, R> {
        SparseView { starts: &self.starts, columns: &self.columns, values: &self.values, bound: self.bound }
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is no value at all.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn dense(sparse: &Sparse<f64>, columns: usize) -> Vec<Vec<f64>> {
        let view = sparse.view();
        (0..view.rows())
            .map(|i| {
                let mut row = vec![0.0; columns];
                let (at, values) = view.row(i);
                assert!(at.is_sorted(), "columns ascend");
                at.iter().zip(values).for_each(|(&c, &x)| row[c as usize] = x);
                row
            })
            .collect()
    }

    proptest! {
        #[test]
        fn rows_and_their_transpose_hold_what_is_not_zero(rows in 0..6usize, columns in 0..40usize, seed in 0..1000u32) {
            let pixel = |i: usize, j: usize| {
                let h = (seed + 7 * i as u32 + 13 * j as u32).wrapping_mul(0x9E37_79B9) >> 24;
                if h > 100 { 0 } else { h as u8 }
            };
            let scale: [f64; 256] = std::array::from_fn(|p| p as f64 / 255.0);
            let (mut sparse, mut plain, mut turned) = (Sparse::default(), Sparse::default(), Sparse::default());
            sparse.clear(columns);
            plain.clear(columns);
            for i in 0..rows {
                let row: Vec<u8> = (0..columns).map(|j| pixel(i, j)).collect();
                sparse.push_pixels(&row, &scale);
                plain.push_row(row.iter().map(|&p| scale[usize::from(p)]));
            }
            let expected: Vec<Vec<f64>> =
                (0..rows).map(|i| (0..columns).map(|j| scale[usize::from(pixel(i, j))]).collect()).collect();
            prop_assert_eq!(&dense(&sparse, columns), &expected);
            prop_assert_eq!(&dense(&plain, columns), &expected);
            turned.transpose_of(sparse.view(), columns);
            let transposed: Vec<Vec<f64>> =
                (0..columns).map(|j| (0..rows).map(|i| expected[i][j]).collect()).collect();
            prop_assert_eq!(&dense(&turned, rows), &transposed);
            prop_assert!(sparse.view().values.iter().all(|x| *x != 0.0));
        }
    }
}
