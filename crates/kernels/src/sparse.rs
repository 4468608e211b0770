//! Sparse rows: the nonzero entries of each row with their columns.

use super::real::Real;

/// A nonzero value and its column. Both lie side by side, so that a kernel reads them from one address.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Entry<R> {
    /// Column.
    pub column: u32,
    /// Value.
    pub value: R,
}

/// A sparse matrix as rows of entries, columns ascending. Every row is divided into `parts` ranges: the entries
/// `starts[i]..starts[i + 1]` are part `i % parts` of row `i / parts`.
///
/// Kernels process part 0 of all rows, then part 1, and so on, because one part of a weight panel fits into the first-level cache.
#[derive(Clone, Copy, Debug)]
pub struct SparseView<'a, R> {
    pub(super) starts: &'a [u32],
    pub(super) entries: &'a [Entry<R>],
    pub(super) parts: usize,
    /// Every column is below this.
    bound: usize,
}

impl<'a, R> SparseView<'a, R> {
    /// Rows of one part. Row i is `entries[starts[i]..starts[i + 1]]`; `starts` has one element more than there are rows, or none.
    ///
    /// # Panics
    /// If `starts` does not ascend from 0 to the number of entries.
    pub fn new(starts: &'a [u32], entries: &'a [Entry<R>]) -> Self {
        let bound = entries.iter().map(|entry| entry.column as usize + 1).max().unwrap_or_default();
        let view = Self { starts, entries, parts: 1, bound };
        assert!(view.starts.is_sorted(), "starts ascend");
        assert!(starts.first().is_none_or(|&start| start == 0), "the first row starts at the first entry");
        assert!(view.is_complete(), "the last row ends at the last entry");
        view
    }

    fn is_complete(&self) -> bool {
        self.starts.last().map_or(0, |&end| end as usize) == self.entries.len()
    }

    /// Asserts that every column is below `columns`. Kernels rely on it and do not check single entries.
    ///
    /// # Panics
    /// If a column is not.
    pub fn check(&self, columns: usize) {
        assert!(self.bound <= columns && self.is_complete(), "columns lie inside the matrix");
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1) / self.parts
    }

    /// The entries of row `i`.
    pub fn row(&self, i: usize) -> &'a [Entry<R>] {
        &self.entries[self.starts[i * self.parts] as usize..self.starts[(i + 1) * self.parts] as usize]
    }
}

/// Growable sparse rows. Memory is reused from one minibatch to the next.
#[derive(Clone, Debug, Default)]
pub struct Sparse<R> {
    starts: Vec<u32>,
    /// The entries of all rows; elements from `length` on are unused.
    entries: Vec<Entry<R>>,
    /// Number of entries.
    length: usize,
    /// Number of columns.
    bound: usize,
    /// Parts of a row.
    parts: usize,
}

/// Bytes tested together: as many as a word has bits.
const BLOCK: usize = 64;

/// A bit mask of the nonzero bytes of a block, byte 0 in the lowest bit, computed eight bytes at a time.
fn nonzero_mask(block: &[u8; BLOCK]) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    block.as_chunks::<8>().0.iter().rev().fold(0, |bits, &bytes| {
        let word = u64::from_le_bytes(bytes);
        // The highest bit of each byte becomes 1 if any bit of it is 1. The product gathers these bits in the top byte.
        let high = (((word & LOW) + LOW) | word) & !LOW;
        bits << 8 | (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

impl<R: Real> Sparse<R> {
    /// Removes all rows and sets the number of columns. Rows pushed from now on have two parts.
    pub fn clear(&mut self, columns: usize) {
        (self.bound, self.parts) = (columns, 2);
        self.starts.clear();
        self.starts.push(0);
        self.length = 0;
    }

    fn reserve_entries(&mut self, length: usize) {
        if self.entries.len() < length {
            self.entries.resize(length, Entry { column: 0, value: R::zero() });
        }
    }

    /// The first column of part 1: a multiple of [`BLOCK`] near the middle.
    fn middle(&self) -> usize {
        self.bound / 2 / BLOCK * BLOCK
    }

    /// Appends a row of values, zeros included.
    ///
    /// # Panics
    /// If there are not as many values as columns.
    pub fn push_row(&mut self, values: impl ExactSizeIterator<Item = R>) {
        assert_eq!(values.len(), self.bound, "one value for every column");
        let first = self.length;
        self.entries.truncate(first);
        let entries = values.enumerate().map(|(column, value)| Entry { column: column as u32, value });
        self.entries.extend(entries.filter(|entry| entry.value != R::zero()));
        let middle = self.entries[first..].partition_point(|entry| (entry.column as usize) < self.middle());
        self.length = self.entries.len();
        self.starts.extend([first + middle, self.length].map(|start| start as u32));
    }

    /// Appends a row of bytes, each representing the value `scale[byte]`; `scale[0]` must be 0.
    ///
    /// # Panics
    /// If there are not as many bytes as columns.
    pub fn push_bytes(&mut self, bytes: &[u8], scale: &[R; 256]) {
        assert_eq!(bytes.len(), self.bound, "one byte for every column");
        let mut length = self.length;
        self.reserve_entries(length + bytes.len());
        let (middle, mut start_of_second) = (self.middle(), length);
        let mut take = |first: usize, block: &[u8; BLOCK]| {
            if first == middle {
                start_of_second = length;
            }
            let mut nonzero = nonzero_mask(block);
            let taken = nonzero.count_ones() as usize;
            for entry in &mut self.entries[length..length + taken] {
                let i = nonzero.trailing_zeros() as usize % BLOCK;
                *entry = Entry { column: (first + i) as u32, value: scale[usize::from(block[i])] };
                nonzero &= nonzero - 1;
            }
            length += taken;
        };
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        blocks.iter().enumerate().for_each(|(i, block)| take(BLOCK * i, block));
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        take(BLOCK * blocks.len(), &last);
        self.length = length;
        self.starts.extend([start_of_second, length].map(|start| start as u32));
    }

    /// Becomes the transpose of `other`, which has `columns` columns, with rows of one part.
    pub fn assign_transpose(&mut self, other: SparseView<'_, R>, columns: usize) {
        (self.bound, self.parts) = (other.rows(), 1);
        self.starts.clear();
        self.starts.resize(columns + 1, 0);
        for entry in other.entries {
            self.starts[entry.column as usize + 1] += 1;
        }
        for i in 0..columns {
            self.starts[i + 1] += self.starts[i];
        }
        self.length = other.entries.len();
        self.reserve_entries(self.length);
        // While row i fills, `starts[i]` is the index of its next entry; at the end it is the start of row i + 1.
        for row in 0..other.rows() {
            for &Entry { column, value } in other.row(row) {
                let next = &mut self.starts[column as usize];
                self.entries[*next as usize] = Entry { column: row as u32, value };
                *next += 1;
            }
        }
        self.starts.rotate_right(1);
        self.starts[0] = 0;
    }

    /// The rows.
    pub fn view(&self) -> SparseView<'_, R> {
        SparseView {
            starts: &self.starts,
            entries: &self.entries[..self.length],
            parts: self.parts.max(1),
            bound: self.bound,
        }
    }

    /// Number of entries.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there are no entries.
    pub fn is_empty(&self) -> bool {
        self.length == 0
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
                assert!(view.row(i).is_sorted_by_key(|entry| entry.column), "columns ascend");
                view.row(i).iter().for_each(|entry| row[entry.column as usize] = entry.value);
                row
            })
            .collect()
    }

    proptest! {
        #[test]
        fn rows_and_their_transpose_hold_the_nonzero_entries(rows in 0..6usize, columns in 0..40usize, seed in 0..1000u32) {
            let byte = |i: usize, j: usize| {
                let h = (seed + 7 * i as u32 + 13 * j as u32).wrapping_mul(0x9E37_79B9) >> 24;
                if h > 100 { 0 } else { h as u8 }
            };
            let scale: [f64; 256] = std::array::from_fn(|p| p as f64 / 255.0);
            let (mut sparse, mut plain, mut transpose) = (Sparse::default(), Sparse::default(), Sparse::default());
            sparse.clear(columns);
            plain.clear(columns);
            for i in 0..rows {
                let row: Vec<u8> = (0..columns).map(|j| byte(i, j)).collect();
                sparse.push_bytes(&row, &scale);
                plain.push_row(row.iter().map(|&p| scale[usize::from(p)]));
            }
            let expected: Vec<Vec<f64>> =
                (0..rows).map(|i| (0..columns).map(|j| scale[usize::from(byte(i, j))]).collect()).collect();
            prop_assert_eq!(&dense(&sparse, columns), &expected);
            prop_assert_eq!(sparse.view().starts, plain.view().starts, "both ways to push a row divide it alike");
            prop_assert_eq!(&dense(&plain, columns), &expected);
            transpose.assign_transpose(sparse.view(), columns);
            let transposed: Vec<Vec<f64>> =
                (0..columns).map(|j| (0..rows).map(|i| expected[i][j]).collect()).collect();
            prop_assert_eq!(&dense(&transpose, rows), &transposed);
            prop_assert!(sparse.view().entries.iter().all(|entry| entry.value != 0.0));
        }
    }

    #[test]
    #[should_panic(expected = "one byte for every column")]
    fn a_row_of_another_length_is_refused() {
        let mut sparse = Sparse::<f32>::default();
        sparse.clear(3);
        sparse.push_bytes(&[1, 2, 3, 4], &[0.0; 256]);
    }
}
