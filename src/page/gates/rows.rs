//! Layout of gates as rows of device pixels. If there are more gates than rows, neighbours share a row.

/// A layout of `gates` over `height` device pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rows {
    gates: usize,
    height: usize,
    /// Gates per row.
    pub(super) per_row: usize,
    /// Rows.
    pub(super) count: usize,
}

impl Default for Rows {
    fn default() -> Self {
        Self::new(0, 1, 1)
    }
}

impl Rows {
    /// Rows at least `least` pixels high.
    pub(super) fn new(gates: usize, height: usize, least: usize) -> Self {
        let fit = (height / least.max(1)).max(1);
        let per_row = gates.div_ceil(fit).max(1);
        Self { gates, height, per_row, count: gates.div_ceil(per_row) }
    }

    /// Gates of a row.
    pub(super) fn gates(&self, row: usize) -> std::ops::Range<usize> {
        row * self.per_row..((row + 1) * self.per_row).min(self.gates)
    }

    /// Pixels of a row: from, to (not including).
    pub(super) fn pixels(&self, row: usize) -> (usize, usize) {
        (row * self.height / self.count.max(1), (row + 1) * self.height / self.count.max(1))
    }

    /// Pixels of a row without the gap to the next; low rows have no gap.
    pub(super) fn inner(&self, row: usize, gap_from: usize) -> (usize, usize) {
        let (from, to) = self.pixels(row);
        if to - from >= gap_from { (from, to - (to - from) / 4) } else { (from, to) }
    }

    /// The row of a gate.
    pub(super) fn row_of(&self, gate: usize) -> usize {
        gate / self.per_row
    }

    /// The gate at a share of the height.
    pub(super) fn gate_at(&self, down: f64) -> usize {
        let rows = down.clamp(0.0, 1.0) * self.count as f64;
        let row = (rows as usize).min(self.count.saturating_sub(1));
        let within = ((rows - row as f64) * self.per_row as f64) as usize;
        (row * self.per_row + within.min(self.per_row - 1)).min(self.gates.saturating_sub(1))
    }
}

/// Mean of the gates `range` of a column.
pub(super) fn mean(column: &[u8], range: std::ops::Range<usize>) -> u8 {
    let Some(part) = column.get(range).filter(|part| !part.is_empty()) else { return 0 };
    (part.iter().map(|x| u32::from(*x)).sum::<u32>() / part.len() as u32) as u8
}
