//! Randomness, always explicit.
//!
//! A [`Stream`] is named by the run's seed, a [`Purpose`] and a step, and derived anew at each step. So there is no generator
//! state to carry along: a checkpoint needs only the step, estimators raced from one seed meet the same initial weights and
//! minibatches, and switching one estimator for another moves no other stream.

use rand::Rng;
use rand_distr::{Beta, Distribution};
use rand_pcg::Pcg32;

use super::real::Real;

/// What a stream of randomness is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Initial weights.
    Init,
    /// Gate draws of training.
    Gates,
    /// Gate draws shown for the pinned digit.
    Pinned,
    /// Everything measured beside training.
    Lab,
}

/// Where estimators take their randomness from. Tests put a script in its place and enumerate.
pub trait Noise<R: Real> {
    /// Fills `out` with independent uniform numbers in the open interval (0, 1).
    fn uniform(&mut self, out: &mut [R]);
    /// Fills `out` with independent standard normal numbers.
    fn normal(&mut self, out: &mut [R]);
    /// Fills `out` with independent Beta(α, β) numbers, both parameters positive.
    fn beta(&mut self, alpha: f64, beta: f64, out: &mut [R]);
}

/// A value-stable generator (PCG-XSH-RR 64/32): the same numbers on every machine.
#[derive(Clone, Debug)]
pub struct Stream(Pcg32);

impl Stream {
    /// The stream of this seed, purpose and step.
    pub fn new(seed: u64, purpose: Purpose, step: u64) -> Self {
        let state = mix(mix(seed).wrapping_add(step));
        Self(Pcg32::new(state, mix(purpose as u64 + 1)))
    }

    fn unit(&mut self) -> f64 {
        // 24 bits and a half: never 0 or 1.
        (f64::from(self.0.next_u32() >> 8) + 0.5) / f64::from(1 << 24)
    }
}

/// Rounds to the number type, but never up to 1: half of the last of 24 bits is one bit more than `f32` has.
fn below_one<R: Real>(x: f64) -> R {
    R::of(x).min(R::one() - R::epsilon() / R::of(2.0))
}

/// `SplitMix64`'s finaliser: spreads nearby seeds over all of the state.
fn mix(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

impl<R: Real> Noise<R> for Stream {
    fn uniform(&mut self, out: &mut [R]) {
        for x in out {
            *x = below_one(self.unit());
        }
    }

    fn normal(&mut self, out: &mut [R]) {
        // Box and Muller's pairs.
        for pair in out.chunks_mut(2) {
            let radius = (-2.0 * libm::log(self.unit())).sqrt();
            let angle = 2.0 * std::f64::consts::PI * self.unit();
            let both = [radius * libm::cos(angle), radius * libm::sin(angle)];
            for (x, value) in pair.iter_mut().zip(both) {
                *x = R::of(value);
            }
        }
    }

    fn beta(&mut self, alpha: f64, beta: f64, out: &mut [R]) {
        // Parameters come from validated settings; with invalid ones the distribution's mean is the honest fallback.
        match Beta::new(alpha, beta) {
            Ok(distribution) => out.iter_mut().for_each(|x| *x = R::of(distribution.sample(&mut self.0))),
            Err(_) => out.fill(R::of(alpha / (alpha + beta))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(stream: &mut Stream, n: usize) -> Vec<f64> {
        let mut out = vec![0.0; n];
        stream.uniform(&mut out);
        out
    }

    #[test]
    fn streams_are_reproducible_and_apart() {
        let of = |seed, purpose, step| draws(&mut Stream::new(seed, purpose, step), 8);
        assert_eq!(of(7, Purpose::Gates, 3), of(7, Purpose::Gates, 3));
        assert_ne!(of(7, Purpose::Gates, 3), of(7, Purpose::Gates, 4));
        assert_ne!(of(7, Purpose::Gates, 3), of(7, Purpose::Pinned, 3));
        assert_ne!(of(7, Purpose::Gates, 3), of(8, Purpose::Gates, 3));
    }

    #[test]
    fn moments_are_those_of_the_distributions() {
        let n = 200_000;
        let mut stream = Stream::new(1, Purpose::Lab, 0);
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
    fn the_last_number_stays_below_one_when_rounded() {
        let last = (f64::from((1_u32 << 24) - 1) + 0.5) / f64::from(1 << 24);
        assert!((last as f32) >= 1.0, "it would be 1");
        assert!(below_one::<f32>(last) < 1.0 && below_one::<f64>(last) < 1.0);
        assert_eq!(below_one::<f32>(0.3).to_bits(), 0.3_f32.to_bits());
    }

    #[test]
    fn uniform_never_leaves_the_open_interval_in_f32() {
        let mut out = vec![0.0_f32; 100_000];
        Stream::new(3, Purpose::Gates, 0).uniform(&mut out);
        assert!(out.iter().all(|u| *u > 0.0 && *u < 1.0));
        // The largest and the smallest that a stream can give, too rare to wait for.
        let last = f64::from((1 << 24) - 1);
        let at = |k: f64| below_one::<f32>((k + 0.5) / f64::from(1 << 24));
        assert!(at(last) < 1.0 && at(last) >= at(last - 1.0) && at(0.0) > 0.0);
    }
}
