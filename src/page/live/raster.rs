//! The spike raster's ring buffer: one column of gates for each of the last steps, or for every second, fourth, … step.

use std::collections::VecDeque;

use crate::protocol::RasterColumns;

/// Columns kept.
pub const RASTER_WIDTH: usize = 320;

/// The last columns, oldest first. Unrecorded steps are empty columns, so the axis is linear in steps.
#[derive(Clone, Debug, Default)]
pub struct Raster {
    gates: usize,
    stride: u64,
    columns: VecDeque<Option<Box<[u8]>>>,
    last_step: u64,
}

impl Raster {
    /// Rows.
    pub fn gates(&self) -> usize {
        self.gates
    }

    /// Step of the newest column; 0 if there is none.
    pub fn last_step(&self) -> u64 {
        self.last_step
    }

    /// Steps from one column to the next.
    pub fn stride(&self) -> u64 {
        self.stride.max(1)
    }

    /// Number of columns, unrecorded ones included.
    pub fn len(&self) -> usize {
        self.columns.len()
    }

    /// Whether there is no column.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The spikes `age` columns before the newest, if recorded.
    pub fn column(&self, age: usize) -> Option<&[u8]> {
        let index = self.columns.len().checked_sub(age + 1)?;
        self.columns.get(index)?.as_deref()
    }

    /// Removes all columns.
    pub fn clear(&mut self) {
        self.columns.clear();
    }

    /// Removes columns later than `step`.
    pub fn truncate(&mut self, step: u64) {
        while self.last_step > step && self.columns.pop_back().is_some() {
            self.last_step = self.last_step.saturating_sub(self.stride());
        }
    }

    /// Appends columns.
    pub fn push(&mut self, news: &RasterColumns) {
        let gates = news.gates as usize;
        if gates == 0 || news.spikes.len() < gates {
            return;
        }
        if gates != self.gates {
            self.clear();
            self.gates = gates;
        }
        self.truncate(news.first_step.saturating_sub(1));
        if news.stride.max(1) != self.stride() {
            self.restride(news.stride.max(1));
        }
        self.bridge(news.first_step);
        for spikes in news.spikes.chunks_exact(gates) {
            self.append(Some(spikes.into()));
        }
    }

    /// Changes the number of steps per column for the whole raster. Unrecorded steps stay empty.
    fn restride(&mut self, stride: u64) {
        let newest = self.last_step / stride * stride;
        let (from, last, old) = (self.stride(), self.last_step, std::mem::take(&mut self.columns));
        let at = |step: u64| {
            let age = (last - step) / from;
            let place = old.len().checked_sub(age as usize + 1).filter(|_| (last - step).is_multiple_of(from))?;
            old.get(place)?.clone()
        };
        let steps = (0..RASTER_WIDTH as u64).map_while(|age| newest.checked_sub(age * stride));
        self.columns = steps.map(at).collect::<Vec<_>>().into_iter().rev().skip_while(Option::is_none).collect();
        (self.stride, self.last_step) = (stride, newest);
    }

    /// Fills the gap before `first_step`.
    fn bridge(&mut self, first_step: u64) {
        let missing = first_step.saturating_sub(self.last_step + self.stride()) / self.stride();
        if self.columns.is_empty() || missing >= RASTER_WIDTH as u64 {
            self.clear();
            self.last_step = first_step.saturating_sub(self.stride());
            return;
        }
        for _ in 0..missing {
            self.append(None);
        }
    }

    fn append(&mut self, column: Option<Box<[u8]>>) {
        if self.columns.len() == RASTER_WIDTH {
            self.columns.pop_front();
        }
        self.columns.push_back(column);
        self.last_step += self.stride();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(first_step: u64, steps: u64) -> RasterColumns {
        every(1, first_step, steps)
    }

    fn every(stride: u64, first_step: u64, columns: u64) -> RasterColumns {
        let spikes = (0..columns).flat_map(|k| [(first_step + k * stride) as u8, 0]).collect();
        RasterColumns { first_step, stride, gates: 2, spikes }
    }

    fn newest(raster: &Raster) -> Vec<Option<u8>> {
        (0..raster.len()).map(|age| raster.column(age).and_then(|column| column.first().copied())).collect()
    }

    #[test]
    fn columns_follow_one_another() {
        let mut raster = Raster::default();
        raster.push(&columns(1, 3));
        raster.push(&columns(4, 2));
        assert_eq!(newest(&raster), [Some(5), Some(4), Some(3), Some(2), Some(1)]);
        assert_eq!(raster.last_step(), 5);
    }

    #[test]
    fn what_nobody_recorded_stays_empty() {
        let mut raster = Raster::default();
        raster.push(&columns(1, 1));
        raster.push(&columns(4, 1));
        assert_eq!(newest(&raster), [Some(4), None, None, Some(1)]);
        raster.push(&columns(10_000, 1));
        assert_eq!(newest(&raster), [Some(16)]);
    }

    #[test]
    fn columns_further_apart_keep_what_falls_on_them() {
        let mut raster = Raster::default();
        raster.push(&columns(1, 9));
        raster.push(&every(4, 12, 2));
        assert_eq!(newest(&raster), [Some(16), Some(12), Some(8), Some(4)]);
        assert_eq!((raster.stride(), raster.last_step()), (4, 16));
        raster.push(&every(4, 24, 1));
        assert_eq!(newest(&raster), [Some(24), None, Some(16), Some(12), Some(8), Some(4)]);
    }

    #[test]
    fn columns_closer_together_leave_what_was_not_recorded_empty() {
        let mut raster = Raster::default();
        raster.push(&every(4, 4, 3));
        raster.push(&every(2, 14, 2));
        assert_eq!(newest(&raster), [Some(16), Some(14), Some(12), None, Some(8), None, Some(4)]);
        assert_eq!(raster.stride(), 2);
        raster.push(&columns(100_000, 1));
        assert_eq!((raster.len(), raster.last_step()), (1, 100_000));
    }

    #[test]
    fn going_back_forgets_what_came_after() {
        let mut raster = Raster::default();
        raster.push(&columns(1, 9));
        raster.truncate(4);
        assert_eq!(raster.last_step(), 4);
        raster.push(&columns(3, 1));
        assert_eq!(newest(&raster), [Some(3), Some(2), Some(1)]);
    }

    #[test]
    fn it_is_never_wider_than_it_is() {
        let mut raster = Raster::default();
        (0..50).for_each(|k| raster.push(&columns(1 + 20 * k, 20)));
        assert_eq!((raster.len(), raster.last_step()), (RASTER_WIDTH, 1000));
    }
}
