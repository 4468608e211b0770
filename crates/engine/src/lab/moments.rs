//! Sums over many draws of a gradient estimate: means and variances of each entry, signs, directions, and sums of 16 groups,
//! from which standard errors follow. All in `f64`.

use super::finite;

/// Number of groups. Draw number s belongs to group s mod 16; standard errors are computed from the differences of groups.
pub const GROUPS: usize = 16;

/// Sums over the draws of one estimator. An entry is a gate, or an (example, gate) pair.
#[derive(Clone, Debug)]
pub struct Moments {
    count: u64,
    mean: Vec<f64>,
    /// Sums of squared deviations from the mean, entry by entry (Welford's recurrence).
    squared_deviations: Vec<f64>,
    positive: Vec<u32>,
    negative: Vec<u32>,
    /// Sum of the draws, each divided by its length.
    directions: Vec<f64>,
    /// Sums of the draws of each group `[groups × entries]`.
    groups: Vec<Vec<f64>>,
    in_group: [u64; GROUPS],
}

impl Moments {
    /// Of no draws yet; each draw has `entries` numbers.
    pub fn new(entries: usize) -> Self {
        let zeros = || vec![0.0; entries];
        Self {
            count: 0,
            mean: zeros(),
            squared_deviations: zeros(),
            positive: vec![0; entries],
            negative: vec![0; entries],
            directions: zeros(),
            groups: (0..GROUPS).map(|_| zeros()).collect(),
            in_group: [0; GROUPS],
        }
    }

    /// Adds one draw `[entries]`. A NaN stays in the means and variances from then on.
    ///
    /// # Panics
    /// If the draw has another length.
    pub fn add(&mut self, draw: &[f64]) {
        assert_eq!(draw.len(), self.mean.len(), "one number for each entry");
        let group = (self.count % GROUPS as u64) as usize;
        self.count += 1;
        let share = 1.0 / self.count as f64;
        let length = draw.iter().map(|x| x * x).sum::<f64>().sqrt();
        // A zero vector has no direction and counts as 0; a NaN must not.
        let unit = if length == 0.0 { 0.0 } else { 1.0 / length };
        self.in_group[group] += 1;
        let sums = &mut self.groups[group];
        for (i, &x) in draw.iter().enumerate() {
            let deviation = x - self.mean[i];
            self.mean[i] += share * deviation;
            self.squared_deviations[i] += deviation * (x - self.mean[i]);
            self.positive[i] += u32::from(x > 0.0);
            self.negative[i] += u32::from(x < 0.0);
            self.directions[i] += unit * x;
            sums[i] += x;
        }
    }

    /// Number of draws S.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Mean of each entry over the draws `[entries]`.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Variance of each entry over the draws, with denominator S − 1 `[entries]`; empty before the second draw.
    pub fn variance(&self) -> Vec<f64> {
        if self.count < 2 {
            return Vec::new();
        }
        self.squared_deviations.iter().map(|s| s / (self.count - 1) as f64).collect()
    }

    /// Sum of the entries' variances, trace(Var).
    pub fn total_variance(&self) -> f64 {
        self.variance().iter().sum()
    }

    /// Mean over the draws of the cosine between a draw and `direction` `[entries]`; a draw of length 0 counts as cosine 0.
    pub fn mean_cosine(&self, direction: &[f64]) -> f64 {
        let length = direction.iter().map(|x| x * x).sum::<f64>().sqrt();
        let sum: f64 = self.directions.iter().zip(direction).map(|(d, g)| d * g).sum();
        if length == 0.0 || self.count == 0 { 0.0 } else { sum / length / self.count as f64 }
    }

    /// Shares of entries, over all draws, whose sign equals that of `reference` `[entries]`, whose sign is opposite, and that are
    /// 0. The three add up to 1.
    pub fn signs(&self, reference: &[f64]) -> [f64; 3] {
        let (mut agree, mut opposite) = (0_u64, 0_u64);
        for ((&positive, &negative), &g) in self.positive.iter().zip(&self.negative).zip(reference) {
            let (same, other) = if g >= 0.0 { (positive, negative) } else { (negative, positive) };
            agree += u64::from(same);
            opposite += u64::from(other);
        }
        let all = (self.count * reference.len() as u64).max(1) as f64;
        let (agree, opposite) = (agree as f64 / all, opposite as f64 / all);
        [agree, opposite, (1.0 - agree - opposite).max(0.0)]
    }

    /// Means of the groups `[groups × entries]`; `None` until every group has a draw.
    pub(super) fn group_means(&self) -> Option<Vec<Vec<f64>>> {
        if self.in_group.contains(&0) {
            return None;
        }
        let means = self.groups.iter().zip(self.in_group);
        Some(means.map(|(sums, n)| sums.iter().map(|s| s / n as f64).collect()).collect())
    }
}

/// A number with its standard error, in the same unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Estimate {
    /// The number.
    #[serde(with = "finite")]
    pub value: f64,
    /// Its standard error.
    #[serde(with = "finite")]
    pub error: f64,
}

/// `|E d|²` from independent vectors d of one mean: the mean of the products of *different* vectors. The square of a mean would
/// be too large by trace(Var)/count; products of different vectors have no such bias. The result can be below 0. The standard
/// error is that of the jackknife over vectors (Efron & Stein 1981).
pub(super) fn squared_mean(vectors: &[Vec<f64>]) -> Estimate {
    let m = vectors.len();
    let product = |i: usize, j: usize| vectors[i].iter().zip(&vectors[j]).map(|(x, y)| x * y).sum::<f64>();
    let mut rows = vec![0.0; m];
    for i in 0..m {
        for j in 0..i {
            let p = product(i, j);
            rows[i] += p;
            rows[j] += p;
        }
    }
    let total: f64 = rows.iter().sum();
    let mf = m as f64;
    let value = total / (mf * (mf - 1.0));
    // Leaving out vector k removes its products, which stand in a row and in a column.
    let without: Vec<f64> = rows.iter().map(|row| (total - 2.0 * row) / ((mf - 1.0) * (mf - 2.0))).collect();
    let centre = without.iter().sum::<f64>() / mf;
    let error = ((mf - 1.0) / mf * without.iter().map(|x| (x - centre).powi(2)).sum::<f64>()).sqrt();
    Estimate { value, error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gatelab_kernels::{Purpose, RandomSource, Rng};

    #[test]
    fn moments_are_those_of_the_draws() {
        let draws = [[1.0, 0.0], [3.0, -2.0], [5.0, 0.0]];
        let mut moments = Moments::new(2);
        draws.iter().for_each(|draw| moments.add(draw));
        assert!((moments.mean()[0] - 3.0).abs() < 1e-15 && (moments.mean()[1] + 2.0 / 3.0).abs() < 1e-15);
        assert!((moments.variance()[0] - 4.0).abs() < 1e-15);
        let [agree, opposite, silent] = moments.signs(&[1.0, 1.0]);
        assert!(
            (agree - 0.5).abs() < 1e-15 && (opposite - 1.0 / 6.0).abs() < 1e-15 && (silent - 1.0 / 3.0).abs() < 1e-15
        );
        let cosine = (1.0 + 3.0 / 13.0_f64.sqrt() + 1.0) / 3.0;
        assert!((moments.mean_cosine(&[2.0, 0.0]) - cosine).abs() < 1e-15);
    }

    /// Twice the error covers the true value in about 19 of 20 cases, with a mean and without.
    #[test]
    fn the_square_of_a_mean_is_free_of_noise_and_its_error_covers() {
        let mut covered = 0;
        for trial in 0..200 {
            let mut noise = Rng::new(11, Purpose::Measurement, trial);
            let mean = if trial % 2 == 0 { 0.0 } else { 0.3 };
            let vectors: Vec<Vec<f64>> = (0..GROUPS)
                .map(|_| {
                    let mut v = vec![0.0; 20];
                    noise.normal(&mut v);
                    v.iter_mut().for_each(|x| *x += mean);
                    v
                })
                .collect();
            let found = squared_mean(&vectors);
            covered += u32::from((found.value - 20.0 * mean * mean).abs() < 2.0 * found.error);
        }
        assert!((170..=200).contains(&covered), "{covered} of 200");
    }
}
