//! Columns of the spike raster between two frames: of every step, as long as an eye could follow them.

use crate::protocol::{RasterColumns, RasterOf};

/// Columns a second, at most: the raster is crossed in a little more than a second then.
const MOST: f64 = 240.0;
/// Below this pace they come twice as often; well under half of `MOST`, so that a wavering pace does not change the scale
/// of the picture back and forth.
const FEW: f64 = 80.0;

/// What of, how often, and the columns so far.
pub(super) struct Spikes {
    of: Option<RasterOf>,
    stride: u64,
    columns: RasterColumns,
}

impl Default for Spikes {
    fn default() -> Self {
        Self { of: None, stride: 1, columns: RasterColumns::default() }
    }
}

impl Spikes {
    /// Whether a step gets a column.
    pub(super) fn wants(&self, step: u64) -> bool {
        step.is_multiple_of(self.stride)
    }

    /// The column of a step that [`Self::wants`] one, to be written; what was gathered of something else, or before a gap, is
    /// dropped.
    pub(super) fn column(&mut self, of: RasterOf, step: u64, gates: usize) -> &mut Vec<u8> {
        let columns = &mut self.columns;
        let next = columns.first_step + columns.stride * (columns.spikes.len() / gates.max(1)) as u64;
        if self.of != Some(of) || step != next || columns.gates != gates as u32 {
            self.of = Some(of);
            columns.spikes.clear();
            *columns = RasterColumns {
                first_step: step,
                stride: self.stride,
                gates: gates as u32,
                spikes: std::mem::take(&mut columns.spikes),
            };
        }
        &mut columns.spikes
    }

    /// The columns so far; the next ones come as often as the pace allows.
    pub(super) fn take(&mut self, steps_per_second: f64) -> Option<RasterColumns> {
        let columns = std::mem::take(&mut self.columns);
        let per_second = steps_per_second / self.stride as f64;
        if per_second > MOST {
            self.stride *= 2;
        } else if per_second < FEW && self.stride > 1 {
            self.stride /= 2;
        }
        (!columns.spikes.is_empty()).then_some(columns)
    }
}
