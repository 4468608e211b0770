//! Axes of the laboratory's charts, and the placement of labels.

/// A logarithmic axis between two powers of ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogAxis {
    /// Exponent of the left end.
    pub low: i32,
    /// Exponent of the right end.
    pub high: i32,
}

impl LogAxis {
    /// The axis that contains these values, at least two decades long; values that are not positive are ignored.
    pub fn around(values: impl Iterator<Item = f64>) -> Self {
        let logs: Vec<f64> = values.filter(|v| *v > 0.0 && v.is_finite()).map(f64::log10).collect();
        let low = logs.iter().copied().fold(f64::INFINITY, f64::min);
        let high = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        if logs.is_empty() {
            return Self { low: 0, high: 2 };
        }
        let low = low.floor() as i32;
        Self { low, high: (high.ceil() as i32).max(low + 2) }
    }

    /// Position of a value, 0..=1, clamped to the ends.
    pub fn position(&self, value: f64) -> f64 {
        let at = if value > 0.0 { value.log10() } else { f64::NEG_INFINITY };
        ((at - f64::from(self.low)) / f64::from(self.high - self.low)).clamp(0.0, 1.0)
    }

    /// Exponents of the ticks, at most four.
    pub fn ticks(&self) -> Vec<i32> {
        let every = ((self.high - self.low) as usize).div_ceil(3).max(1);
        (self.low..=self.high).step_by(every).collect()
    }
}

/// A linear axis between two round numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LinearAxis {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Distance between ticks.
    pub step: f64,
}

impl LinearAxis {
    /// The axis that contains these values. Ticks are at least `least` apart, so that small changes of the values do not
    /// rescale it.
    pub fn around(values: impl Iterator<Item = f64>, least: f64) -> Self {
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        for value in values.filter(|value| value.is_finite()) {
            low = low.min(value);
            high = high.max(value);
        }
        if low > high {
            (low, high) = (0.0, 1.0);
        }
        let step = round_up((high - low) / 5.0).max(least);
        let (low, high) = ((low / step).floor() * step, (high / step).ceil() * step);
        Self { low, high: if high > low { high } else { low + step }, step }
    }

    /// Position of a value, 0..=1, clamped to the ends.
    pub fn position(&self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// Whether a value lies on the axis.
    pub fn has(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Values of the ticks.
    pub fn ticks(&self) -> Vec<f64> {
        let count = ((self.high - self.low) / self.step).round() as usize;
        // Rounding can leave a tick of 1e-17 instead of 0.
        (0..=count)
            .map(|k| self.low + self.step * k as f64)
            .map(|t| if t.abs() < self.step * 1e-6 { 0.0 } else { t })
            .collect()
    }
}

/// The smallest 1, 2 or 5 times a power of ten that is at least `value`.
fn round_up(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let decade = 10_f64.powi(value.log10().floor() as i32);
    [1.0, 2.0, 5.0]
        .into_iter()
        .map(|times| times * decade)
        .find(|step| *step >= value * 0.999_999)
        .unwrap_or(10.0 * decade)
}

/// Moves labels apart. Returns the heights in the order of `wanted`, at least `gap` apart, and between `top` and `bottom` where
/// there is enough space.
pub fn apart(wanted: &[f64], gap: f64, top: f64, bottom: f64) -> Vec<f64> {
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|x, y| wanted[*x].total_cmp(&wanted[*y]));
    let mut out = wanted.to_vec();
    let mut last = top - gap;
    for &i in &order {
        last = out[i].max(last + gap);
        out[i] = last;
    }
    let mut next = bottom + gap;
    for &i in order.iter().rev() {
        next = out[i].min(next - gap);
        out[i] = next;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decades_cover_and_ticks_are_few() {
        let axis = LogAxis::around([0.4, 0.0, 7000.0].into_iter());
        assert_eq!((axis.low, axis.high), (-1, 4));
        assert!(axis.ticks().len() <= 4);
        assert!(
            axis.position(0.0) < 1e-12 && axis.position(1e9) > 1.0 - 1e-12 && (axis.position(1.0) - 0.2).abs() < 1e-12
        );
    }

    #[test]
    fn spans_end_at_ticks() {
        let axis = LinearAxis::around([-0.9, 1.1].into_iter(), 0.5);
        assert_eq!((axis.low, axis.high, axis.step), (-1.0, 1.5, 0.5));
        assert_eq!(axis.ticks(), [-1.0, -0.5, 0.0, 0.5, 1.0, 1.5]);
        let flat = LinearAxis::around([0.25].into_iter(), 0.01);
        assert!(flat.high > flat.low && flat.has(0.25));
    }

    #[test]
    fn labels_keep_their_order_and_distance() {
        let out = apart(&[50.0, 50.0, 10.0, 52.0], 10.0, 0.0, 60.0);
        assert!(out[2] < out[0] && out[0] < out[1] && out[1] < out[3], "{out:?}");
        let mut sorted = out.clone();
        sorted.sort_by(f64::total_cmp);
        assert!(sorted.windows(2).all(|pair| pair[1] - pair[0] >= 10.0 - 1e-9) && sorted[3] <= 60.0, "{out:?}");
    }
}
