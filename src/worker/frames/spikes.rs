//! Columns of the spike raster between two frames: of every step, or of every second, fourth, … step at high speed.

use crate::protocol::{RasterColumns, RasterOf};

/// Maximum of columns per second, at which a column crosses the raster in a little more than a second.
const MOST: f64 = 240.0;
/// Below this rate the stride is halved. Well under half of `MOST`, so that a varying speed does not change the scale
/// back and forth.
const FEW: f64 = 80.0;

/// Source, stride, and the columns so far.
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

    /// The empty column of a step for which [`Self::wants`] is true. Earlier columns of another source, or before a
    /// gap, are dropped.
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

    /// The columns so far; sets the stride of the next ones from the speed.
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
