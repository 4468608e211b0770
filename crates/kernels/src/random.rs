//! Reproducible random numbers in named streams.
//!
//! An [`Rng`] is determined by a seed, a [`Purpose`] and a step, and constructed anew at each step. So a checkpoint needs no generator
//! state, only the step. Drawing more or fewer numbers in one stream does not change any other stream.

use std::convert::Infallible;

use rand::TryRng;
use rand_distr::{Beta, Distribution};

use super::real::Real;
use super::xoshiro::{LANES, Xoshiro128PlusPlusX16, splitmix64};

/// The use of a stream. Streams of different purposes are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Initial parameters.
    Init,
    /// Stochastic units during training.
    Draws,
    /// Stochastic units of an example that is shown while training runs.
    Display,
    /// Measurements beside training.
    Measurement,
    /// Draws of reference values in measurements. Distinct from [`Self::Measurement`], so that a random problem and its reference do not share
    /// numbers when both have one seed.
    Reference,
    /// Initial values of learned state.
    State,
}

/// A source of random numbers. Tests implement it with a fixed list, to enumerate all outcomes.
pub trait RandomSource<R: Real> {
    /// Fills `out` with independent uniform numbers in the open interval (0, 1).
    fn uniform(&mut self, out: &mut [R]);
    /// Fills `out` with independent standard normal numbers.
    fn normal(&mut self, out: &mut [R]);
    /// Fills `out` with independent Beta(α, β) numbers.
    ///
    /// # Panics
    /// If α or β is not a positive number.
    fn beta(&mut self, alpha: f64, beta: f64, out: &mut [R]);
}

/// A value-stable generator: the same numbers on every machine. The sequence of uniform numbers does not depend on how many are drawn
/// per call.
///
/// ```
/// use gatelab_kernels::{Purpose, RandomSource, Rng};
///
/// let (mut first, mut again) = ([0.0_f32; 4], [0.0_f32; 4]);
/// Rng::new(7, Purpose::Init, 0).uniform(&mut first);
/// Rng::new(7, Purpose::Init, 0).uniform(&mut again);
/// assert_eq!(first, again);
/// ```
#[derive(Clone, Debug)]
pub struct Rng {
    generator: Xoshiro128PlusPlusX16,
    /// The last block of words, and how many of them have been used.
    words: [u32; LANES],
    used: usize,
}

/// Pairs of normal numbers computed together.
const PAIRS: usize = 128;

impl Rng {
    /// The stream of this seed, purpose and step.
    pub fn new(seed: u64, purpose: Purpose, step: u64) -> Self {
        let key = splitmix64(splitmix64(seed).wrapping_add(step));
        Self {
            generator: Xoshiro128PlusPlusX16::new(key, splitmix64(purpose as u64 + 1)),
            words: [0; LANES],
            used: LANES,
        }
    }

    /// Fills `out` with `f` of the next words.
    fn fill<T>(&mut self, out: &mut [T], f: impl Fn(u32) -> T) {
        let left = (LANES - self.used).min(out.len());
        let (first, out) = out.split_at_mut(left);
        for (x, &word) in first.iter_mut().zip(&self.words[self.used..]) {
            *x = f(word);
        }
        self.used += left;
        let mut blocks = out.chunks_exact_mut(LANES);
        // A local copy of the state can stay in registers.
        let mut generator = self.generator.clone();
        for block in &mut blocks {
            let words = generator.next();
            for (x, word) in block.iter_mut().zip(words) {
                *x = f(word);
            }
        }
        let last = blocks.into_remainder();
        if !last.is_empty() {
            self.words = generator.next();
            self.used = last.len();
            for (x, &word) in last.iter_mut().zip(&self.words) {
                *x = f(word);
            }
        }
        self.generator = generator;
    }
}

impl TryRng for Rng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        if self.used == LANES {
            self.words = self.generator.next();
            self.used = 0;
        }
        self.used += 1;
        Ok(self.words[self.used - 1])
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let low = u64::from(self.try_next_u32()?);
        Ok(u64::from(self.try_next_u32()?) << 32 | low)
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        self.fill(out, |word| (word >> 24) as u8);
        Ok(())
    }
}

impl<R: Real> RandomSource<R> for Rng {
    fn uniform(&mut self, out: &mut [R]) {
        self.fill(out, R::uniform_from);
    }

    fn normal(&mut self, out: &mut [R]) {
        // The Box–Muller transform. A block has one coordinate of its pairs in the first half, the other in the second.
        let (mut radii, mut turns) = ([R::zero(); PAIRS], [R::zero(); PAIRS]);
        for block in out.chunks_mut(2 * PAIRS) {
            let half = block.len().div_ceil(2);
            let (radii, turns) = (&mut radii[..half], &mut turns[..half]);
            self.uniform(radii);
            self.uniform(turns);
            R::ln_inplace(radii);
            radii.iter_mut().for_each(|r| *r = (R::from_f64(-2.0) * *r).sqrt());
            R::polar_to_cartesian(radii, turns);
            let (first, second) = block.split_at_mut(half);
            first.copy_from_slice(radii);
            second.copy_from_slice(&turns[..second.len()]);
        }
    }

    fn beta(&mut self, alpha: f64, beta: f64, out: &mut [R]) {
        assert!(alpha > 0.0 && beta > 0.0, "Beta({alpha}, {beta}) has positive parameters");
        let distribution = Beta::new(alpha, beta).unwrap_or_else(|error| unreachable!("positive parameters: {error}"));
        out.iter_mut().for_each(|x| *x = R::from_f64(distribution.sample(self)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(stream: &mut Rng, n: usize) -> Vec<f64> {
        let mut out = vec![0.0; n];
        stream.uniform(&mut out);
        out
    }

    #[test]
    fn streams_are_reproducible_and_differ() {
        let of = |seed, purpose, step| draws(&mut Rng::new(seed, purpose, step), 8);
        assert_eq!(of(7, Purpose::Draws, 3), of(7, Purpose::Draws, 3));
        assert_ne!(of(7, Purpose::Draws, 3), of(7, Purpose::Draws, 4));
        assert_ne!(of(7, Purpose::Draws, 3), of(7, Purpose::Display, 3));
        assert_ne!(of(7, Purpose::Draws, 3), of(8, Purpose::Draws, 3));
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let n = 200_000;
        let mut stream = Rng::new(1, Purpose::Measurement, 0);
        let moments = |x: &[f64]| {
            let mean = x.iter().sum::<f64>() / x.len() as f64;
            (mean, x.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / x.len() as f64)
        };
        let (mean, variance) = moments(&draws(&mut stream, n));
        assert!((mean - 0.5).abs() < 3e-3 && (variance - 1.0 / 12.0).abs() < 1e-3);
        let mut out = vec![0.0_f64; n];
        stream.normal(&mut out);
        let (mean, variance) = moments(&out);
        assert!(mean.abs() < 1e-2 && (variance - 1.0).abs() < 2e-2);
        stream.beta(5.344_444, 40.1, &mut out);
        assert!((moments(&out).0 - 0.117_602).abs() < 1e-3);
    }

    #[test]
    fn numbers_are_the_same_on_every_machine() {
        let mut stream = Rng::new(1, Purpose::Draws, 0);
        let mut words = [0_u32; 18];
        stream.fill(&mut words, |word| word);
        assert_eq!(words, GOLDEN_WORDS);
        let mut normal = [0.0_f32; 5];
        stream.normal(&mut normal);
        assert_eq!(normal.map(f32::to_bits), GOLDEN_NORMAL);
        let mut beta = [0.0_f32; 3];
        stream.beta(5.344_444, 40.1, &mut beta);
        assert_eq!(beta.map(f32::to_bits), GOLDEN_BETA);
    }

    const GOLDEN_WORDS: [u32; 18] = [
        597433098, 3845318771, 1685660377, 1505575335, 486882974, 2967251870, 4143847317, 611429887, 3960601233,
        1157418296, 2969943716, 1331214385, 1503327876, 170184159, 2347956054, 284908512, 3144593602, 4007391978,
    ];
    const GOLDEN_NORMAL: [u32; 5] = [1027220134, 1061048209, 3179266873, 1064280629, 1049694936];
    const GOLDEN_BETA: [u32; 3] = [1033244751, 1039060945, 1035718912];

    #[test]
    fn uniform_numbers_do_not_depend_on_the_size_of_calls() {
        let whole = draws(&mut Rng::new(5, Purpose::Measurement, 9), 100);
        let mut stream = Rng::new(5, Purpose::Measurement, 9);
        let parts: Vec<f64> = [1, 7, 8, 0, 3, 30, 5, 46].iter().flat_map(|&n| draws(&mut stream, n)).collect();
        assert_eq!(whole, parts);
        let mut narrow = [0.0_f32; 100];
        Rng::new(5, Purpose::Measurement, 9).uniform(&mut narrow);
        assert_eq!(
            narrow.map(f64::from).map(f64::to_bits).to_vec(),
            whole.iter().map(|u| u.to_bits()).collect::<Vec<_>>()
        );
    }

    #[test]
    fn streams_with_nearby_keys_are_uncorrelated() {
        let n = 20_000;
        let of = |seed, purpose, step| draws(&mut Rng::new(seed, purpose, step), n);
        // In units of the standard deviation for independent numbers.
        let correlation = |x: &[f64], y: &[f64]| {
            let n = x.len() as f64;
            x.iter().zip(y).map(|(x, y)| (x - 0.5) * (y - 0.5)).sum::<f64>() * 12.0 / n.sqrt()
        };
        let here = of(7, Purpose::Draws, 3);
        for other in [
            of(7, Purpose::Draws, 4),
            of(7, Purpose::Draws, 2),
            of(7, Purpose::Measurement, 3),
            of(7, Purpose::Display, 3),
            of(8, Purpose::Draws, 3),
            of(6, Purpose::Draws, 3),
        ] {
            // Shifts of up to two blocks of all lanes.
            for shift in 0..=2 * LANES {
                let found = correlation(&here[shift..], &other[..n - shift]);
                assert!(found.abs() < 4.5, "{shift}: {found}");
            }
        }
        for shift in 1..=2 * LANES {
            let found = correlation(&here[shift..], &here[..n - shift]);
            assert!(found.abs() < 4.5, "with itself, {shift}: {found}");
        }
    }

    #[test]
    fn uniform_numbers_fill_the_interval_evenly() {
        const CELLS: usize = 1024;
        let mut counts = [0_u32; CELLS];
        let numbers = draws(&mut Rng::new(11, Purpose::Draws, 0), 200 * CELLS);
        // Pairs of successive numbers on a square of 32 × 32 cells.
        for pair in numbers.chunks_exact(2) {
            counts[(pair[0] * 32.0) as usize * 32 + (pair[1] * 32.0) as usize] += 1;
        }
        let chi: f64 = counts.iter().map(|&n| (f64::from(n) - 100.0).powi(2) / 100.0).sum();
        // Mean 1023, standard deviation 45.
        assert!((chi - 1023.0).abs() < 4.5 * 45.2, "{chi}");
    }

    #[test]
    fn uniform_never_leaves_the_open_interval_in_f32() {
        let ends = [f32::uniform_from(0), f32::uniform_from(u32::MAX)];
        assert!(ends[0] > 0.0 && ends[1] < 1.0 && ends[0].to_bits() == (1.0 - ends[1]).to_bits(), "{ends:?}");
        assert_eq!(ends.map(|u| f64::from(u).to_bits()), [0, u32::MAX].map(|word| f64::uniform_from(word).to_bits()));
    }

    #[test]
    fn normal_numbers_have_their_tails_and_no_correlation() {
        let n = 200_001;
        let mut out = vec![0.0_f32; n];
        Rng::new(2, Purpose::Measurement, 0).normal(&mut out);
        let mean = |f: &dyn Fn(f64) -> f64| out.iter().map(|&x| f(f64::from(x))).sum::<f64>() / n as f64;
        assert!(mean(&|x| x).abs() < 0.01 && (mean(&|x| x * x) - 1.0).abs() < 0.015);
        assert!(mean(&|x| x * x * x).abs() < 0.04 && (mean(&|x| x.powi(4)) - 3.0).abs() < 0.1);
        let beyond = mean(&|x| if x.abs() > 2.0 { 1.0 } else { 0.0 });
        assert!((beyond - 0.0455).abs() < 0.002, "{beyond}");
        for shift in [1, PAIRS, 2 * PAIRS] {
            let product: f64 = out.iter().zip(&out[shift..]).map(|(&x, &y)| f64::from(x * y)).sum();
            assert!(product.abs() / (n as f64).sqrt() < 4.5, "{shift}");
        }
    }
}
