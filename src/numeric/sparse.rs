//! Matrices that are mostly zero, in compressed rows.

/// The entries of a matrix that count: row `i` holds `values[p]` in column `columns[p]` for `p` from `starts[i]` up to, not
/// including, `starts[i + 1]`, columns ascending.
#[derive(Clone, Copy, Debug)]
pub struct SparseView<'a, R> {
    /// One more than there are rows.
    pub starts: &'a [u32],
    /// Column of each entry.
    pub columns: &'a [u32],
    /// Value of each entry.
    pub values: &'a [R],
}

impl<R> SparseView<'_, R> {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Makes sure that all entries exist and that every column is below `columns`, so that no access can be out of bounds.
    ///
    /// # Panics
    /// If that is not so.
    pub fn check(&self, columns: usize) {
        assert_eq!(self.columns.len(), self.values.len(), "an entry has a column and a value");
        assert!(self.starts.is_sorted(), "rows follow one another");
        assert!(self.starts.last().is_none_or(|&end| end as usize <= self.values.len()), "rows end with the entries");
        // A maximum and not `all`: without an early exit it is a vector loop.
        let last = self.columns.iter().fold(0, |last, &column| last.max(column));
        assert!(self.columns.is_empty() || (last as usize) < columns, "columns lie inside the matrix");
    }
}
