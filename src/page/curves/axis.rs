//! Axes that change rarely: the step axis doubles, the value axis moves by whole ticks.

/// A step axis from 0 to a power of two times 250.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// Its end.
    pub to: u64,
}

impl Default for Steps {
    fn default() -> Self {
        Self { to: Self::LEAST }
    }
}

impl Steps {
    const LEAST: u64 = 250;

    /// Doubles until `last` fits. Shrinks only when an eighth is enough, which happens after long runs are removed.
    pub fn cover(&mut self, last: u64) {
        while self.to < last {
            self.to = self.to.saturating_mul(2);
        }
        if last < self.to / 8 {
            self.to = Self::LEAST;
            while self.to < last {
                self.to = self.to.saturating_mul(2);
            }
        }
    }

    /// Steps with a tick.
    pub fn ticks(&self) -> Vec<u64> {
        let parts = if self.to.is_multiple_of(1000) { 4 } else { 5 };
        (0..=parts).map(|k| self.to / parts * k).collect()
    }

    /// Where a step is, 0..=1.
    pub fn place(&self, step: f64) -> f64 {
        step / self.to as f64
    }
}

/// Scale of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// Logarithmic: equal ratios are equal lengths.
    Log,
    /// Linear from 0: equal differences are equal lengths.
    Linear,
}

/// A value axis whose ends are always ticks of its ladder.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Values {
    scale: Scale,
    ladder: &'static [f64],
    low: usize,
    high: usize,
}

impl Values {
    /// An axis over `ladder` (rising), at first from `low` to `high` (places in the ladder).
    pub const fn new(scale: Scale, ladder: &'static [f64], low: usize, high: usize) -> Self {
        Self { scale, ladder, low, high }
    }

    /// Moves an end when values lie beyond it by 2 %, or when two ladder steps would be free.
    pub fn cover(&mut self, smallest: f64, largest: f64) {
        let last = self.ladder.len().saturating_sub(1);
        let high = self.ladder.iter().position(|tick| *tick >= largest * 0.98).unwrap_or(last).max(1);
        if high > self.high || high + 1 < self.high {
            self.high = high;
        }
        if self.scale == Scale::Log {
            let low = self.ladder.iter().rposition(|tick| *tick <= smallest * 1.02).unwrap_or(0);
            if low < self.low || low > self.low + 1 {
                self.low = low;
            }
            self.low = self.low.min(self.high.saturating_sub(2));
        }
    }

    /// Both ends.
    pub fn ends(&self) -> (f64, f64) {
        let tick = |place: usize| self.ladder.get(place).copied().unwrap_or(1.0);
        let low = if self.scale == Scale::Log { tick(self.low) } else { 0.0 };
        (low, tick(self.high))
    }

    /// Where a value is, 0 (low end) ..= 1 (high end); beyond them it is held at the end.
    pub fn place(&self, value: f64) -> f64 {
        let (low, high) = self.ends();
        let share = match self.scale {
            Scale::Log => (value.max(1e-9) / low).ln() / (high / low).ln(),
            Scale::Linear => (value - low) / (high - low),
        };
        share.clamp(0.0, 1.0)
    }

    /// Values with a tick: at most seven.
    pub fn ticks(&self) -> Vec<f64> {
        let (low, high) = self.ends();
        if self.scale == Scale::Linear {
            return (0..=4).map(|k| high * f64::from(k) / 4.0).collect();
        }
        let all: Vec<f64> = self.ladder.iter().copied().filter(|tick| *tick >= low && *tick <= high).collect();
        if all.len() <= 7 {
            return all;
        }
        // Only the powers of ten, and the ends.
        let round = |tick: f64| (tick.log10() - tick.log10().round()).abs() < 1e-9;
        all.into_iter().filter(|tick| round(*tick)).collect()
    }
}

/// Moves labels apart. Takes and returns heights in the same order; they are at least `gap` apart, and within the ends
/// if all labels fit.
pub fn apart(wanted: &[f64], gap: f64, top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted.get(*a).unwrap_or(&0.0).total_cmp(wanted.get(*b).unwrap_or(&0.0)));
    let mut at: Vec<f64> = order.iter().filter_map(|place| wanted.get(*place).copied()).collect();
    let mut least = top;
    for y in &mut at {
        *y = y.max(least);
        least = *y + gap;
    }
    let mut most = bottom;
    for y in at.iter_mut().rev() {
        *y = y.min(most);
        most = *y - gap;
    }
    let mut out = vec![0.0; wanted.len()];
    for (place, y) in order.into_iter().zip(at) {
        if let Some(slot) = out.get_mut(place) {
            *slot = y;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const LADDER: &[f64] = &[0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0];

    #[test]
    fn steps_only_double() {
        let mut axis = Steps::default();
        let mut ends = vec![axis.to];
        for step in (0..40_000).step_by(7) {
            axis.cover(step);
            if ends.last() != Some(&axis.to) {
                ends.push(axis.to);
            }
            assert!(axis.to >= step);
        }
        assert_eq!(ends, [250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 64_000]);
        axis.cover(100);
        assert_eq!(axis.to, 250);
    }

    #[test]
    fn ticks_are_whole_and_reach_the_end() {
        for to in [250, 500, 1000, 64_000, 250 << 20] {
            let ticks = Steps { to }.ticks();
            assert_eq!((ticks.first(), ticks.last()), (Some(&0), Some(&to)), "{ticks:?}");
        }
    }

    #[test]
    fn values_do_not_follow_every_wiggle() {
        let mut axis = Values::new(Scale::Log, LADDER, 3, 7);
        axis.cover(5.5, 90.0);
        assert_eq!(axis.ends(), (5.0, 100.0));
        let mut moves = 0;
        for k in 0..1000 {
            let before = axis;
            axis.cover(4.0 + 0.9 * f64::from(k).sin(), 90.0);
            moves += usize::from(axis != before);
        }
        assert!(moves <= 1, "{moves}");
        axis.cover(0.01, 1e4);
        assert_eq!(axis.ends(), (0.5, 100.0));
    }

    #[test]
    fn places_run_from_end_to_end() {
        let axis = Values::new(Scale::Log, LADDER, 1, 7);
        assert!((axis.place(10.0) - 0.5).abs() < 1e-9);
        assert!(axis.place(0.0).abs() < 1e-9 && (axis.place(1e9) - 1.0).abs() < 1e-9);
        let linear = Values::new(Scale::Linear, LADDER, 0, 7);
        assert!((linear.place(25.0) - 0.25).abs() < 1e-9);
    }

    #[test]
    fn labels_keep_their_distance_and_their_order() {
        let moved = apart(&[50.0, 52.0, 51.0, 10.0], 12.0, 6.0, 100.0);
        let mut sorted = moved.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= 12.0 - 1e-9), "{moved:?}");
        assert!(moved[3] < moved[0] && moved[0] < moved[2] && moved[2] < moved[1]);
        assert!(apart(&[99.0, 100.0], 12.0, 0.0, 100.0).iter().all(|y| *y <= 100.0));
    }
}
