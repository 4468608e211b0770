//! Rows of numbers of which most are zero: only those that are not, with their columns.

use super::real::Real;

/// A number that is not zero, and its column. Backend read both at once.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Entry<R> {
    /// Where.
    pub column: u32,
    /// What.
    pub value: R,
}

/// Rows of entries, columns ascending, cut into as many parts each: entries `starts[i]..starts[i + 1]` are those of part `i % parts` of
/// row `i / parts`. Backend go through all rows part by part, because a part of a panel of weights fits into the first cache.
#[derive(Clone, Copy, Debug)]
pub struct SparseView<'a, R> {
    pub(super) starts: &'a [u32],
    pub(super) entries: &'a [Entry<R>],
    pub(super) parts: usize,
    /// Every column is below this.
    bound: usize,
}

impl<'a, R> SparseView<'a, R> {
    /// Rows of one part, that begin and end at `starts`, one more than there are rows.
    ///
    /// # Panics
    /// If rows and entries do not fit together.
    pub fn new(starts: &'a [u32], entries: &'a [Entry<R>]) -> Self {
        let bound = entries.iter().map(|entry| entry.column as usize + 1).max().unwrap_or_default();
        let view = Self { starts, entries, parts: 1, bound };
        assert!(view.starts.is_sorted(), "rows follow one another");
        assert!(starts.first().is_none_or(|&start| start == 0), "rows begin with the entries");
        assert!(view.ends(), "rows end with the entries");
        view
    }

    fn ends(&self) -> bool {
        self.starts.last().map_or(0, |&end| end as usize) == self.entries.len()
    }

    /// Asserts that every column is below `columns`, as those of the kernels must be that don't look again.
    ///
    /// # Panics
    /// If it isn't so.
    pub fn check(&self, columns: usize) {
        assert!(self.bound <= columns && self.ends(), "columns lie inside the matrix");
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1) / self.parts
    }

    /// One row.
    pub fn row(&self, i: usize) -> &'a [Entry<R>] {
        &self.entries[self.starts[i * self.parts] as usize..self.starts[(i + 1) * self.parts] as usize]
    }
}

/// Sparse rows that are filled anew for each minibatch; memory is kept.
#[derive(Clone, Debug, Default)]
pub struct Sparse<R> {
    starts: Vec<u32>,
    /// Those of all rows, and room for more.
    entries: Vec<Entry<R>>,
    /// How many there are.
    length: usize,
    /// Number of columns.
    bound: usize,
    /// Parts of a row.
    parts: usize,
}

/// Pixels that are looked at together: as many as a word has bits.
const BLOCK: usize = 64;

/// Which pixels are not 0, the first one in the lowest bit: eight of them at once.
fn lit(block: &[u8; BLOCK]) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    block.as_chunks::<8>().0.iter().rev().fold(0, |bits, &bytes| {
        let word = u64::from_le_bytes(bytes);
        // The highest bit of each byte: whether another bit of it is set, or itself. Then they are moved together.
        let high = (((word & LOW) + LOW) | word) & !LOW;
        bits << 8 | (high >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
    })
}

impl<R: Real> Sparse<R> {
    /// Forgets all rows; there will be others with this many columns, in two parts each.
    pub fn clear(&mut self, columns: usize) {
        (self.bound, self.parts) = (columns, 2);
        self.starts.clear();
        self.starts.push(0);
        self.length = 0;
    }

    fn make_room(&mut self, length: usize) {
        if self.entries.len() < length {
            self.entries.resize(length, Entry { column: 0, value: R::zero() });
        }
    }

    /// The first column of the second part: where a block of pixels begins, near the middle.
    fn middle(&self) -> usize {
        self.bound / 2 / BLOCK * BLOCK
    }

    /// Appends one row; numbers beyond the last column are left out.
    pub fn push_row(&mut self, values: impl Iterator<Item = R>) {
        let first = self.length;
        self.entries.truncate(first);
        let entries = values.take(self.bound).enumerate().map(|(column, value)| Entry { column: column as u32, value });
        self.entries.extend(entries.filter(|entry| entry.value != R::zero()));
        let middle = self.entries[first..].partition_point(|entry| (entry.column as usize) < self.middle());
        self.length = self.entries.len();
        self.starts.extend([first + middle, self.length].map(|start| start as u32));
    }

    /// Appends one row of pixels, each standing for `scale[pixel]`; 0 must stand for 0. Pixels beyond the last column are left out.
    pub fn push_pixels(&mut self, pixels: &[u8], scale: &[R; 256]) {
        let pixels = &pixels[..self.bound.min(pixels.len())];
        let mut length = self.length;
        self.make_room(length + pixels.len());
        let (middle, mut start_of_second) = (self.middle(), length);
        let mut take = |first: usize, block: &[u8; BLOCK]| {
            if first == middle {
                start_of_second = length;
            }
            let mut lit = lit(block);
            let taken = lit.count_ones() as usize;
            for entry in self.entries.iter_mut().skip(length).take(taken) {
                let i = lit.trailing_zeros() as usize % BLOCK;
                *entry = Entry { column: (first + i) as u32, value: scale[usize::from(block[i])] };
                lit &= lit - 1;
            }
            length += taken;
        };
        let (blocks, rest) = pixels.as_chunks::<BLOCK>();
        blocks.iter().enumerate().for_each(|(i, block)| take(BLOCK * i, block));
        let mut last = [0; BLOCK];
        last[..rest.len()].copy_from_slice(rest);
        take(BLOCK * blocks.len(), &last);
        self.length = length;
        self.starts.extend([start_of_second, length].map(|start| start as u32));
    }

    /// Becomes the transpose of `other`, which has `columns` columns.
    pub fn transpose_of(&mut self, other: SparseView<'_, R>, columns: usize) {
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
        self.make_room(self.length);
        // Each start moves along as its row fills, and ends where the next row begins.
        for row in 0..other.rows() {
            for &Entry { column, value } in other.row(row) {
                let place = &mut self.starts[column as usize];
                self.entries[*place as usize] = Entry { column: row as u32, value };
                *place += 1;
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

    /// Number of values.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether there is no value at all.
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
            prop_assert_eq!(sparse.view().starts, plain.view().starts, "parts are the same, however rows came");
            prop_assert_eq!(&dense(&plain, columns), &expected);
            turned.transpose_of(sparse.view(), columns);
            let transposed: Vec<Vec<f64>> =
                (0..columns).map(|j| (0..rows).map(|i| expected[i][j]).collect()).collect();
            prop_assert_eq!(&dense(&turned, rows), &transposed);
            prop_assert!(sparse.view().entries.iter().all(|entry| entry.value != 0.0));
        }
    }
}
