//! Random streams of the data module: a generator for each (seed, purpose, place).
//!
//! Every use of randomness in data names its purpose and its place (epoch, shard, example), so that any part can be
//! computed without the parts before it, and a new purpose changes no other stream. The rule is fixed, since curves,
//! checkpoints and golden tests depend on it: start from `splitmix64(seed)`, and for each further number n replace the
//! state s by `splitmix64(s ^ n)`; the result r and `splitmix64(r)` are state and stream of a [`Pcg32`].

use gatelab_kernels::splitmix64;
use rand::Rng;
use rand_pcg::Pcg32;

/// The generator for `path` (purpose first, then place) under `seed`.
pub(super) fn stream(seed: u64, path: &[u64]) -> Pcg32 {
    let state = path.iter().fold(splitmix64(seed), |state, &n| splitmix64(state ^ n));
    Pcg32::new(state, splitmix64(state))
}

/// A number in `0..bound` without bias, by Lemire's method with rejection. `bound` 0 counts as 1.
///
/// Written out, as is the rest of this file, because rand's own distributions may change values between releases.
pub(super) fn below(rng: &mut Pcg32, bound: u32) -> u32 {
    let bound = bound.max(1);
    let threshold = bound.wrapping_neg() % bound;
    loop {
        let product = u64::from(rng.next_u32()) * u64::from(bound);
        if product as u32 >= threshold {
            return (product >> 32) as u32;
        }
    }
}

/// Shuffles in place (Fisher and Yates, from the back). Slices longer than `u32::MAX` don't occur here.
pub(super) fn shuffle(rng: &mut Pcg32, items: &mut [u32]) {
    for last in (1..items.len()).rev() {
        let other = below(rng, last as u32 + 1) as usize;
        items.swap(last, other);
    }
}

/// A number in [0, 1) with 24 random bits: exact in `f32`.
pub(super) fn unit(rng: &mut Pcg32) -> f32 {
    (rng.next_u32() >> 8) as f32 * (1.0 / 16_777_216.0)
}

/// Approximately normal with mean 0 and standard deviation 1, as the sum of four uniform numbers: within ±3.47, so that
/// no drawing is extreme, and without logarithms, so that it is the same on every machine.
pub(super) fn bell(rng: &mut Pcg32) -> f32 {
    let sum = unit(rng) + unit(rng) + unit(rng) + unit(rng);
    (sum - 2.0) * 1.732_050_8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splitmix_matches_the_published_sequence() {
        // First outputs of the reference implementation for seed 0: the seed advances by the golden gamma.
        assert_eq!(splitmix64(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(splitmix64(0x9e37_79b9_7f4a_7c15), 0x6e78_9e6a_a1b9_65f4);
    }

    #[test]
    fn streams_differ_by_every_part_of_the_path() {
        let first = |seed, path: &[u64]| stream(seed, path).next_u32();
        let base = first(1, &[2, 3]);
        assert_eq!(base, first(1, &[2, 3]));
        for other in [first(2, &[2, 3]), first(1, &[3, 2]), first(1, &[2, 4]), first(1, &[2]), first(1, &[2, 3, 0])] {
            assert_ne!(base, other);
        }
    }

    #[test]
    fn below_is_even_and_bell_is_normal_enough() {
        let mut rng = stream(7, &[]);
        let mut counts = [0_u32; 10];
        for _ in 0..100_000 {
            counts[below(&mut rng, 10) as usize] += 1;
        }
        // Standard deviation 95.
        assert!(counts.iter().all(|&n| n.abs_diff(10_000) < 500), "{counts:?}");
        assert_eq!(below(&mut rng, 0), 0);

        let draws: Vec<f64> = (0..100_000).map(|_| f64::from(bell(&mut rng))).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.02 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
        assert!(draws.iter().all(|x| x.abs() < 3.47));
    }
}
