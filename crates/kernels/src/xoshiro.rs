//! Sixteen interleaved xoshiro128++ generators (Blackman & Vigna 2021, “Scrambled Linear Pseudorandom Number Generators”).
//!
//! All lanes advance together, so each line of the update is one or two vector instructions. The output is value-stable: it uses
//! 32-bit additions, shifts and exclusive ors only, so it has the same words on every machine, in the order of the lanes. Each lane has
//! a period of 2¹²⁸ − 1. The 64-bit products of PCG or Philox would cost several instructions a lane in WebAssembly.

/// Number of interleaved generators. With eight lanes the compiler unrolls the loop and leaves part of it scalar.
pub(super) const LANES: usize = 16;

/// Four words of state per lane, stored as one array of lanes per word.
#[derive(Clone, Debug)]
pub(super) struct Xoshiro128PlusPlusX16([[u32; LANES]; 4]);

impl Xoshiro128PlusPlusX16 {
    /// The generators of this key and stream. No lane starts at the all-zero state, which is a fixed point.
    pub(super) fn new(key: u64, stream: u64) -> Self {
        // `splitmix64` is a bijection and its inner arguments differ, so at most one half of a lane is 0. The exclusive or prevents
        // neighbouring keys from having the same lanes in another order.
        let half =
            |lane: usize, half: usize| splitmix64(key ^ splitmix64(stream.wrapping_add((2 * lane + half) as u64)));
        let [first, second] = [0, 1].map(|which| std::array::from_fn::<_, LANES, _>(|lane| half(lane, which)));
        let low = |words: [u64; LANES]| words.map(|word| word as u32);
        let high = |words: [u64; LANES]| words.map(|word| (word >> 32) as u32);
        Self([low(first), high(first), low(second), high(second)])
    }

    /// The next word of each lane.
    #[inline]
    pub(super) fn next(&mut self) -> [u32; LANES] {
        let [a, b, c, d] = &mut self.0;
        let mut words = [0; LANES];
        for i in 0..LANES {
            words[i] = a[i].wrapping_add(d[i]).rotate_left(7).wrapping_add(a[i]);
            let shifted = b[i] << 9;
            c[i] ^= a[i];
            d[i] ^= b[i];
            b[i] ^= c[i];
            a[i] ^= d[i];
            c[i] ^= shifted;
            d[i] = d[i].rotate_left(11);
        }
        words
    }
}

/// The output function of `SplitMix64` (Steele, Lea & Flood 2014): a bijection that maps nearby arguments to unrelated values.
pub fn splitmix64(x: u64) -> u64 {
    let mut z = x.wrapping_add(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_lane_gives_the_published_sequence() {
        // The authors' generator from the state 1, 2, 3, 4.
        let mut lanes = Xoshiro128PlusPlusX16([1, 2, 3, 4].map(|word| [word; LANES]));
        for expected in [641, 1_573_767, 3_222_811_527, 3_517_856_514, 836_907_274, 4_247_214_768, 3_867_114_732] {
            assert_eq!(lanes.next(), [expected; LANES]);
        }
    }

    #[test]
    fn lanes_start_in_distinct_nonzero_states() {
        let state = Xoshiro128PlusPlusX16::new(0, 0).0;
        let mut starts: Vec<[u32; 4]> = (0..LANES).map(|lane| state.map(|words| words[lane])).collect();
        starts.sort_unstable();
        starts.dedup();
        assert_eq!(starts.len(), LANES);
        assert!(!starts.contains(&[0; 4]));
    }
}
