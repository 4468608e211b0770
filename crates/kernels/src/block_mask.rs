//! A boolean matrix [B × G] as lists of its true entries, by row and by column.

use ndarray::ArrayView2;

use super::real::Real;

/// A mask [B rows × G blocks]: which column blocks of a matrix are active in which rows.
///
/// Holds the dense mask and the active (row, block) pairs in compressed form both ways, so that kernels can go through the active
/// blocks of a row and through the active rows of a block, each in ascending order.
///
/// ```
/// use gatelab_kernels::BlockMask;
///
/// let mut mask = BlockMask::new(2, 3);
/// mask.refill_where((2, 3), |row, block| block > row);
/// assert_eq!(mask.blocks_of_row(0), [1, 2]);
/// assert_eq!(mask.rows_of_block(2), [0, 1]);
/// assert_eq!(mask.len(), 3);
/// ```
#[derive(Clone, Debug)]
pub struct BlockMask {
    by_row: CompressedRows,
    by_block: CompressedRows,
    /// While pairs are sorted by block: the index of the next entry of each block.
    next: Vec<usize>,
    /// Row-major [B × G].
    mask: Vec<bool>,
}

/// Compressed rows: row `i` holds `entries[starts[i]..starts[i + 1]]`.
#[derive(Clone, Debug)]
struct CompressedRows {
    starts: Vec<usize>,
    entries: Vec<u32>,
}

impl CompressedRows {
    fn empty(rows: usize) -> Self {
        Self { starts: vec![0; rows + 1], entries: Vec::new() }
    }

    fn row(&self, i: usize) -> &[u32] {
        &self.entries[self.starts[i]..self.starts[i + 1]]
    }
}

impl Default for BlockMask {
    /// 0 × 0.
    fn default() -> Self {
        Self::new(0, 0)
    }
}

impl BlockMask {
    /// `rows` × `blocks`, none active.
    pub fn new(rows: usize, blocks: usize) -> Self {
        Self {
            by_row: CompressedRows::empty(rows),
            by_block: CompressedRows::empty(blocks),
            next: Vec::new(),
            mask: vec![false; rows * blocks],
        }
    }

    /// Activates the entries of `values` [B × G] that differ from 0, and only those. Memory is reused.
    pub fn refill<R: Real>(&mut self, values: ArrayView2<'_, R>) {
        self.mask.clear();
        self.mask.extend(values.iter().map(|value| *value != R::zero()));
        self.compress(values.dim());
    }

    /// Activates the pairs of B × G for which `active(row, block)` holds, and only those. Memory is reused.
    pub fn refill_where(&mut self, (rows, blocks): (usize, usize), active: impl Fn(usize, usize) -> bool) {
        self.mask.clear();
        for row in 0..rows {
            self.mask.extend((0..blocks).map(|block| active(row, block)));
        }
        self.compress((rows, blocks));
    }

    /// Computes both lists from the dense mask.
    fn compress(&mut self, (rows, blocks): (usize, usize)) {
        let Self { by_row, by_block, next, mask } = self;
        by_row.starts.clear();
        by_block.starts.clear();
        by_block.starts.resize(blocks + 1, 0);
        by_row.starts.push(0);
        // Every block is written without a branch; an inactive one is overwritten by the next.
        by_row.entries.resize(mask.len(), 0);
        let mut count = 0;
        for row in 0..rows {
            for (block, &active) in mask[row * blocks..(row + 1) * blocks].iter().enumerate() {
                by_row.entries[count] = block as u32;
                count += usize::from(active);
                by_block.starts[block + 1] += usize::from(active);
            }
            by_row.starts.push(count);
        }
        by_row.entries.truncate(count);
        // Counts become starts by a prefix sum. Rows are visited in ascending order, so each block's list ascends.
        for block in 0..blocks {
            by_block.starts[block + 1] += by_block.starts[block];
        }
        next.clone_from(&by_block.starts);
        by_block.entries.clear();
        // For all pairs, so that later masks of the same shape allocate nothing.
        by_block.entries.reserve(mask.len());
        by_block.entries.resize(by_row.entries.len(), 0);
        for row in 0..rows {
            for &block in by_row.row(row) {
                let index = &mut next[block as usize];
                by_block.entries[*index] = row as u32;
                *index += 1;
            }
        }
    }

    /// Whether a block is active in a row.
    ///
    /// # Panics
    /// If there is no such row or block; so do the other methods.
    pub fn contains(&self, row: usize, block: usize) -> bool {
        self.row_mask(row)[block]
    }

    /// B.
    pub fn rows(&self) -> usize {
        self.by_row.starts.len() - 1
    }

    /// G.
    pub fn blocks(&self) -> usize {
        self.by_block.starts.len() - 1
    }

    /// One row of the dense mask: G entries.
    pub fn row_mask(&self, row: usize) -> &[bool] {
        &self.mask[row * self.blocks()..(row + 1) * self.blocks()]
    }

    /// The active blocks of a row, ascending.
    pub fn blocks_of_row(&self, row: usize) -> &[u32] {
        self.by_row.row(row)
    }

    /// The rows in which a block is active, ascending.
    pub fn rows_of_block(&self, block: usize) -> &[u32] {
        self.by_block.row(block)
    }

    /// Number of active pairs.
    pub fn len(&self) -> usize {
        self.by_row.entries.len()
    }

    /// Whether no pair is active.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lists_hold_the_mask() {
        let mut mask = BlockMask::new(4, 2);
        assert!(mask.is_empty() && mask.rows_of_block(1).is_empty() && !mask.contains(3, 1));
        for (rows, blocks) in [(1, 1), (5, 3), (3, 0), (0, 3), (7, 40)] {
            let active = |row: usize, block: usize| (3 * row + 5 * block) % 7 < 3;
            mask.refill_where((rows, blocks), active);
            assert_eq!((mask.rows(), mask.blocks()), (rows, blocks));
            for row in 0..rows {
                let expected: Vec<u32> = (0..blocks as u32).filter(|&block| active(row, block as usize)).collect();
                assert_eq!(mask.blocks_of_row(row), expected);
                assert!((0..blocks).all(|block| mask.contains(row, block) == active(row, block)));
            }
            for block in 0..blocks {
                let expected: Vec<u32> = (0..rows as u32).filter(|&row| active(row as usize, block)).collect();
                assert_eq!(mask.rows_of_block(block), expected);
            }
            assert_eq!(mask.len(), (0..rows).map(|row| mask.blocks_of_row(row).len()).sum::<usize>());
        }
    }

    #[test]
    #[should_panic(expected = "out of")]
    fn a_row_that_does_not_exist_is_refused() {
        let _ = BlockMask::new(2, 3).blocks_of_row(2);
    }
}
