//! The generator under every stream: sixteen xoshiro128++ side by side (Blackman & Vigna 2021), stepped together, so that each
//! line of its step is one or two vector instructions.
//!
//! It is value-stable: 32-bit additions, shifts and exclusive ors only, the same words on every machine, in the order of the
//! lanes. Each lane has a period of 2¹²⁸ − 1 and passes the usual batteries; 64-bit products, as in PCG or Philox, would cost
//! several instructions a lane in WebAssembly.

/// Generators side by side. With eight the compiler unrolls the loop over them and leaves a part of it in single numbers.
pub(super) const LANES: usize = 16;

/// Four words of state per lane, the lanes of a word together.
#[derive(Clone, Debug)]
pub(super) struct Lanes([[u32; LANES]; 4]);

impl Lanes {
    /// The generators of this key and name; none of them starts at 0, the one state that never moves.
    pub(super) fn new(key: u64, name: u64) -> Self {
        // `mix` is one to one and the inner numbers differ, so that at most one half of a lane is 0. Exclusive or keeps the lanes
        // of neighbouring keys from being the same ones in another order.
        let half = |lane: usize, half: usize| splitmix64(key ^ splitmix64(name.wrapping_add((2 * lane + half) as u64)));
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

/// One output of splitmix64 (Steele, Lea and Flood 2014) from the state `x`: a bijection that mixes all 64 bits.
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
    fn every_lane_gives_the_published_words() {
        // The authors' generator from the state 1, 2, 3, 4.
        let mut lanes = Lanes([1, 2, 3, 4].map(|word| [word; LANES]));
        for expected in [641, 1_573_767, 3_222_811_527, 3_517_856_514, 836_907_274, 4_247_214_768, 3_867_114_732] {
            assert_eq!(lanes.next(), [expected; LANES]);
        }
    }

    #[test]
    fn lanes_start_apart_and_none_at_zero() {
        let state = Lanes::new(0, 0).0;
        let mut starts: Vec<[u32; 4]> = (0..LANES).map(|lane| state.map(|words| words[lane])).collect();
        starts.sort_unstable();
        starts.dedup();
        assert_eq!(starts.len(), LANES);
        assert!(!starts.contains(&[0; 4]));
    }
}
