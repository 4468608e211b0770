//! A curve of a whole run in bounded memory that keeps its spikes.
//!
//! Points are gathered in buckets of equal step width. When all buckets are used, the width doubles and neighbours are
//! merged, so a curve of any length costs the same memory, and a single wild step is still there afterwards as its
//! bucket's minimum or maximum.

use serde::{Deserialize, Serialize};

/// Number of buckets after which the width doubles.
pub const CAPACITY: usize = 2048;

/// The points of a few neighbouring steps.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// First step with a point.
    pub first: u64,
    /// Last step with a point.
    pub last: u64,
    /// Smallest value.
    pub min: f32,
    /// Largest value.
    pub max: f32,
    /// Sum of the values.
    pub sum: f64,
    /// Number of points.
    pub count: u64,
    /// Value at `last`.
    pub latest: f32,
}

impl Bucket {
    fn of(step: u64, value: f32) -> Self {
        Self { first: step, last: step, min: value, max: value, sum: f64::from(value), count: 1, latest: value }
    }

    /// Mean of the values.
    pub fn mean(&self) -> f64 {
        self.sum / self.count.max(1) as f64
    }

    /// The same points in another unit, `factor` > 0.
    #[must_use]
    pub fn scaled(&self, factor: f32) -> Self {
        let (min, max, latest) = (self.min * factor, self.max * factor, self.latest * factor);
        Self { min, max, latest, sum: self.sum * f64::from(factor), ..*self }
    }

    fn take_in(&mut self, later: &Self) {
        self.last = later.last;
        self.min = if later.min < self.min { later.min } else { self.min };
        self.max = if later.max > self.max { later.max } else { self.max };
        self.sum += later.sum;
        self.count += later.count;
        self.latest = later.latest;
    }
}

/// A curve: values at rising steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Curve {
    buckets: Vec<Bucket>,
    capacity: usize,
    stride: u64,
}

impl Default for Curve {
    fn default() -> Self {
        Self::new(CAPACITY)
    }
}

impl Curve {
    /// An empty curve of at most `capacity` buckets (at least 2).
    pub fn new(capacity: usize) -> Self {
        Self { buckets: Vec::new(), capacity: capacity.max(2), stride: 1 }
    }

    /// Adds the value at `step`. Values that are not finite and steps that aren't later than the last one are left out: a
    /// picture has no place for them.
    pub fn push(&mut self, step: u64, value: f32) {
        if value.is_finite() {
            self.add(Bucket::of(step, value));
        }
    }

    /// Adds points that another curve has gathered; left out if they don't come after the last one.
    pub fn add(&mut self, later: Bucket) {
        if self.last_step().is_some_and(|last| later.first <= last) {
            return;
        }
        self.append(later);
        while self.buckets.len() > self.capacity {
            self.widen();
        }
    }

    /// The buckets, by rising step; the curve is empty then.
    pub fn take(&mut self) -> Vec<Bucket> {
        std::mem::replace(self, Self::new(self.capacity)).buckets
    }

    fn append(&mut self, later: Bucket) {
        let stride = self.stride;
        match self.buckets.last_mut() {
            Some(bucket) if bucket.first / stride == later.first / stride => bucket.take_in(&later),
            _ => self.buckets.push(later),
        }
    }

    fn widen(&mut self) {
        self.stride = self.stride.saturating_mul(2);
        let old = std::mem::take(&mut self.buckets);
        self.buckets.reserve(self.capacity + 1);
        for bucket in old {
            self.append(bucket);
        }
    }

    /// Forgets what is later than `step`. A bucket on the border goes too, since its extremes may be of later steps.
    pub fn truncate(&mut self, step: u64) {
        let keep = self.buckets.partition_point(|bucket| bucket.last <= step);
        self.buckets.truncate(keep);
    }

    /// The buckets, by rising step.
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// Number of buckets.
    pub fn len(&self) -> usize {
        self.buckets.len()
    }

    /// Whether there is no point yet.
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// Number of points that went in and are still part of the curve.
    pub fn points(&self) -> u64 {
        self.buckets.iter().map(|bucket| bucket.count).sum()
    }

    /// Steps that one bucket spans.
    pub fn stride(&self) -> u64 {
        self.stride
    }

    /// First step with a point.
    pub fn first_step(&self) -> Option<u64> {
        self.buckets.first().map(|bucket| bucket.first)
    }

    /// Last step with a point.
    pub fn last_step(&self) -> Option<u64> {
        self.buckets.last().map(|bucket| bucket.last)
    }

    /// The latest value.
    pub fn latest(&self) -> Option<f32> {
        self.buckets.last().map(|bucket| bucket.latest)
    }

    /// Smallest and largest value.
    pub fn extent(&self) -> Option<(f32, f32)> {
        self.buckets.iter().map(|bucket| (bucket.min, bucket.max)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }

    /// The bucket in force at `step`: the last one that begins at or before it. `None` outside the curve.
    pub fn bucket_at(&self, step: u64) -> Option<&Bucket> {
        if self.last_step().is_none_or(|last| step > last) {
            return None;
        }
        let after = self.buckets.partition_point(|bucket| bucket.first <= step);
        self.buckets.get(after.checked_sub(1)?)
    }

    /// Mean of the bucket in force at `step`. `None` outside the curve.
    pub fn value_at(&self, step: u64) -> Option<f64> {
        self.bucket_at(step).map(Bucket::mean)
    }

    /// The curve smoothed by an exponential mean whose weights halve every `half_life` steps, freed of the bias towards
    /// its start: `(last step, smoothed value)` of each bucket. A half-life of 0 gives the buckets' means.
    ///
    /// Weights go by steps, not by points, so runs logged at different intervals are smoothed alike.
    pub fn smoothed(&self, half_life: f64) -> impl Iterator<Item = (u64, f64)> + '_ {
        let mut ema = Smoother::new(half_life);
        self.buckets.iter().map(move |bucket| (bucket.last, ema.next(bucket)))
    }

    /// The smoothed curve in force at `step`.
    pub fn smoothed_at(&self, half_life: f64, step: u64) -> Option<f64> {
        let end = self.bucket_at(step)?.last;
        self.smoothed(half_life).take_while(|(last, _)| *last <= end).last().map(|(_, value)| value)
    }
}

/// Debiased exponential mean over buckets.
struct Smoother {
    half_life: f64,
    before: Option<u64>,
    value: f64,
    weight: f64,
}

impl Smoother {
    fn new(half_life: f64) -> Self {
        Self { half_life, before: None, value: 0.0, weight: 0.0 }
    }

    fn next(&mut self, bucket: &Bucket) -> f64 {
        let since = self.before.map_or(bucket.last - bucket.first + 1, |before| bucket.last - before);
        self.before = Some(bucket.last);
        let keep = if self.half_life > 0.0 { (-(since as f64) / self.half_life).exp2() } else { 0.0 };
        self.value = self.value * keep + bucket.mean() * (1.0 - keep);
        self.weight = self.weight * keep + (1.0 - keep);
        self.value / self.weight
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(n: u64, value: impl Fn(u64) -> f32) -> Curve {
        let mut curve = Curve::new(64);
        for step in 1..=n {
            curve.push(step, value(step));
        }
        curve
    }

    #[test]
    fn a_spike_survives_every_doubling() {
        let curve = line(100_000, |step| if step == 77 { 99.0 } else { 1.0 });
        let bucket = curve.bucket_at(77).unwrap();
        assert!((bucket.max - 99.0).abs() < 1e-6, "{bucket:?}");
        assert!(curve.stride() >= 1024);
        assert_eq!(curve.buckets().iter().filter(|bucket| bucket.max > 50.0).count(), 1);
    }

    #[test]
    fn memory_is_bounded_and_no_point_is_lost() {
        for n in [1, 63, 64, 65, 1000, 12_345] {
            let curve = line(n, |step| step as f32);
            assert!(curve.len() <= 64, "{n}: {}", curve.len());
            assert_eq!(curve.points(), n);
            let sum: f64 = curve.buckets().iter().map(|bucket| bucket.sum).sum();
            assert!((sum - (n * (n + 1) / 2) as f64).abs() < 1e-3);
            assert_eq!((curve.first_step(), curve.last_step()), (Some(1), Some(n)));
        }
    }

    #[test]
    fn a_curve_fed_in_pieces_is_the_same_curve() {
        let value = |step: u64| (step * 37 % 101) as f32;
        let (whole, mut pieces, mut fed) = (line(5000, value), Curve::new(64), Curve::new(64));
        for step in 1..=5000 {
            pieces.push(step, value(step));
            if step % 13 == 0 || step == 5000 {
                pieces.take().into_iter().for_each(|bucket| fed.add(bucket));
            }
        }
        assert!(pieces.is_empty());
        assert_eq!(fed, whole);
        fed.add(Bucket::of(5000, 1e6));
        assert_eq!(fed, whole, "not later than what is there");
    }

    #[test]
    fn truncating_forgets_later_points_and_the_curve_goes_on() {
        let mut curve = line(1000, |step| if step > 700 { 1e6 } else { 2.0 });
        curve.truncate(700);
        assert!(curve.last_step().unwrap() <= 700);
        assert!((curve.extent().unwrap().1 - 2.0).abs() < 1e-6, "nothing of the later steps is left");
        for step in 701..=900 {
            curve.push(step, 3.0);
        }
        assert_eq!(curve.last_step(), Some(900));
        assert!((curve.extent().unwrap().1 - 3.0).abs() < 1e-6);
        curve.truncate(0);
        assert!(curve.is_empty());
    }

    #[test]
    fn steps_that_do_not_rise_and_values_that_are_not_finite_are_left_out() {
        let mut curve = Curve::new(8);
        curve.push(5, 1.0);
        curve.push(5, 2.0);
        curve.push(4, 2.0);
        curve.push(6, f32::NAN);
        curve.push(7, f32::INFINITY);
        assert_eq!((curve.points(), curve.latest()), (1, Some(1.0)));
    }

    #[test]
    fn a_constant_stays_constant_when_smoothed_from_its_first_point_on() {
        let curve = line(300, |_| 4.0);
        assert!(curve.smoothed(50.0).all(|(_, value)| (value - 4.0).abs() < 1e-9));
    }

    #[test]
    fn smoothing_goes_by_steps_and_not_by_points() {
        let every = |k: u64| {
            let mut curve = Curve::new(4096);
            (1..=2000)
                .filter(|step| step % k == 0)
                .for_each(|step| curve.push(step, if step > 1000 { 1.0 } else { 0.0 }));
            curve.smoothed_at(200.0, 1200).unwrap()
        };
        let (dense, sparse) = (every(1), every(20));
        assert!((dense - 0.5).abs() < 0.02, "half way after one half-life: {dense}");
        assert!((dense - sparse).abs() < 0.02, "{dense} against {sparse}");
    }

    #[test]
    fn no_smoothing_gives_the_points_themselves() {
        let curve = line(40, |step| step as f32);
        assert!(curve.smoothed(0.0).all(|(step, value)| (value - step as f64).abs() < 1e-9));
        assert_eq!(curve.value_at(17), Some(17.0));
        assert_eq!((curve.value_at(0), curve.value_at(41)), (None, None));
    }
}
