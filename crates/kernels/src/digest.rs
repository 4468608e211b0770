//! A 64-bit digest of numbers and bytes, to compare two states bit for bit.

use xxhash_rust::xxh3::Xxh3;

use super::real::Real;

/// A streaming XXH3 digest of 64 bits with seed 0 (Y. Collet, xxHash specification). It detects accidental differences; it is not
/// cryptographic.
///
/// The digest is of the bytes appended so far, in little-endian order on every machine. How they are divided among calls makes no
/// difference. So the digest of a tensor can be computed from its little-endian bytes by any implementation of XXH3.
///
/// ```
/// use gatelab_kernels::Digest;
///
/// let mut digest = Digest::default();
/// digest.bytes(b"a");
/// digest.bytes(b"bc");
/// assert_eq!(digest.hex(), "78af5f94892f3950");
/// ```
#[derive(Clone, Default)]
pub struct Digest(Xxh3);

impl Digest {
    /// Appends the 8 bytes of a word.
    pub fn word(&mut self, word: u64) {
        self.0.update(&word.to_le_bytes());
    }

    /// Appends the bits of numbers in order: 4 bytes for each `f32`, 8 for each `f64`.
    pub fn numbers<'a, R: Real>(&mut self, numbers: impl IntoIterator<Item = &'a R>) {
        // One update for many numbers: an update of a few bytes costs more than their digest.
        let (mut buffer, mut used) = ([0; 256], 0);
        for x in numbers {
            buffer[used..used + size_of::<R>()].copy_from_slice(&x.word().to_le_bytes()[..size_of::<R>()]);
            used += size_of::<R>();
            if used == buffer.len() {
                self.0.update(&buffer);
                used = 0;
            }
        }
        self.0.update(&buffer[..used]);
    }

    /// Appends bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest so far.
    pub fn value(&self) -> u64 {
        self.0.digest()
    }

    /// The digest so far as 16 hexadecimal digits.
    pub fn hex(&self) -> String {
        format!("{:016x}", self.value())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The pseudorandom bytes of xxHash's own test (`sanity_test.c`).
    fn test_bytes(length: usize) -> Vec<u8> {
        let mut state = 2_654_435_761_u64;
        let next = || {
            let byte = (state >> 56) as u8;
            state = state.wrapping_mul(11_400_714_785_074_694_797);
            byte
        };
        std::iter::repeat_with(next).take(length).collect()
    }

    #[test]
    fn published_test_vectors() {
        for (length, expected) in [
            (0, 0x2D06_8005_38D3_94C2),
            (1, 0xC44B_DFF4_074E_ECDB),
            (6, 0x27B5_6A84_CD2D_7325),
            (12, 0xA713_DAF0_DFBB_77E7),
            (24, 0xA3FE_70BF_9D35_10EB),
            (48, 0x397D_A259_ECBA_1F11),
            (80, 0xBCDE_FBBB_2C47_C90A),
            (195, 0xCD94_217E_E362_EC3A),
            (403, 0xCDEB_804D_65C6_DEA4),
            (512, 0x617E_4959_9013_CB6B),
            (2048, 0xDD59_E2C3_A5F0_38E0),
            (2240, 0x6E73_A905_39CF_2948),
            (2367, 0xCB37_AEB9_E5D3_61ED),
        ] {
            let bytes = test_bytes(length);
            let mut whole = Digest::default();
            whole.bytes(&bytes);
            assert_eq!(whole.value(), expected, "{length} bytes");
            let mut parts = Digest::default();
            bytes.chunks(7).for_each(|part| parts.bytes(part));
            assert_eq!(parts.hex(), format!("{expected:016x}"), "{length} bytes in parts");
        }
    }

    #[test]
    fn numbers_and_words_are_their_little_endian_bytes() {
        let (mut numbers, mut bytes) = (Digest::default(), Digest::default());
        numbers.numbers(&[1.5_f32, -0.0]);
        numbers.numbers(&[std::f64::consts::PI]);
        numbers.word(0x0102_0304_0506_0708);
        bytes.bytes(&[0, 0, 0xc0, 0x3f, 0, 0, 0, 0x80]);
        bytes.bytes(&[0x18, 0x2d, 0x44, 0x54, 0xfb, 0x21, 0x09, 0x40]);
        bytes.bytes(&[8, 7, 6, 5, 4, 3, 2, 1]);
        assert_eq!(numbers.value(), bytes.value());
        let many: Vec<f32> = (0..1000).map(|i| i as f32 * 0.37).collect();
        let (mut numbers, mut bytes) = (Digest::default(), Digest::default());
        numbers.numbers(&many);
        many.iter().for_each(|x| bytes.bytes(&x.to_le_bytes()));
        assert_eq!(numbers.value(), bytes.value());
    }

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
