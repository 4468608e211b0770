//! A 64-bit digest of numbers, to compare two states bit for bit.

use super::real::Real;

/// A streaming 64-bit digest: the multiplication of FNV-1a over 64-bit words instead of bytes, with an additional fold of the high half.
/// It detects accidental differences; it is not cryptographic.
#[derive(Clone, Copy, Debug)]
pub struct Digest(u64);

impl Default for Digest {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Digest {
    /// Appends one word.
    pub fn word(&mut self, word: u64) {
        self.0 = (self.0 ^ word).wrapping_mul(0x0000_0100_0000_01B3);
        // Multiplication moves bits upwards only. The fold lets every bit affect every other.
        self.0 ^= self.0 >> 32;
    }

    /// Appends the bits of numbers, in order, one word each.
    pub fn numbers<'a, R: Real>(&mut self, numbers: impl IntoIterator<Item = &'a R>) {
        for x in numbers {
            self.word(x.word());
        }
    }

    /// Appends bytes, one word each.
    pub fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.word(u64::from(byte));
        }
    }

    /// The digest so far.
    pub fn value(self) -> u64 {
        self.0
    }

    /// The digest as 16 hexadecimal digits.
    pub fn hex(self) -> String {
        format!("{:016x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_bit_anywhere_changes_it() {
        let of = |numbers: &[f32]| {
            let mut digest = Digest::default();
            digest.numbers(numbers);
            digest.value()
        };
        assert_eq!(of(&[1.0, 2.0, 3.0]), of(&[1.0, 2.0, 3.0]));
        assert_ne!(of(&[1.0, 2.0, 3.0]), of(&[1.0, f32::from_bits(2.0_f32.to_bits() ^ 1), 3.0]));
        assert_ne!(of(&[1.0, 2.0]), of(&[2.0, 1.0]));
        assert_ne!(of(&[0.0]), of(&[-0.0]));
    }
}
