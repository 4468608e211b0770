//! A vector whose elements start at a cache line.
#![allow(
    unsafe_code,
    reason = "cache lines are viewed as elements without a bound on the element type of the accessors"
)]

use std::fmt::{self, Debug, Formatter};
use std::marker::PhantomData;
use std::slice::{from_raw_parts, from_raw_parts_mut};

use bytemuck::{Pod, Zeroable};

/// Bytes of a cache line.
const LINE: usize = 64;

/// One cache line. The alignment of this type aligns the whole vector.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C, align(64))]
struct CacheLine([u8; LINE]);

/// A vector of plain numbers that starts at an address divisible by 64.
///
/// A vector load from such memory does not cross a cache line if its offset is a multiple of its width.
#[derive(Clone)]
pub struct AlignedVec<T> {
    /// Invariant: `length` is 0, or `T` is [`Pod`] and these lines hold `length` elements.
    lines: Vec<CacheLine>,
    length: usize,
    element: PhantomData<T>,
}

impl<T> Default for AlignedVec<T> {
    /// No elements.
    fn default() -> Self {
        Self { lines: Vec::new(), length: 0, element: PhantomData }
    }
}

impl<T: Pod> AlignedVec<T> {
    /// `length` elements whose bits are all 0.
    pub fn zeroed(length: usize) -> Self {
        Self { lines: bytemuck::zeroed_vec(Self::lines_for(length)), length, element: PhantomData }
    }

    /// Cache lines that hold `length` elements.
    fn lines_for(length: usize) -> usize {
        const { assert!(size_of::<T>() > 0 && LINE.is_multiple_of(size_of::<T>()), "a line holds whole elements") };
        length.div_ceil(LINE / size_of::<T>())
    }

    /// The first `length` elements, after growing to at least that many. Old values remain; new ones are 0.
    pub fn scratch(&mut self, length: usize) -> &mut [T] {
        if self.length < length {
            self.lines.resize(Self::lines_for(length), CacheLine::zeroed());
            self.length = length;
        }
        &mut self.as_mut_slice()[..length]
    }
}

impl<T> AlignedVec<T> {
    /// All elements.
    #[inline]
    pub fn as_slice(&self) -> &[T] {
        const { assert!(align_of::<T>() <= LINE, "the start of a line is aligned for elements") };
        // SAFETY: by the invariant the lines hold `length` elements of a type for which every bit pattern is valid.
        unsafe { from_raw_parts(self.lines.as_ptr().cast(), self.length) }
    }

    /// All elements.
    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        const { assert!(align_of::<T>() <= LINE, "the start of a line is aligned for elements") };
        // SAFETY: as above; lines are plain bytes, so every element that is written leaves valid lines.
        unsafe { from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.length) }
    }
}

impl<T: PartialEq> PartialEq for AlignedVec<T> {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl<T: Debug> Debug for AlignedVec<T> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.as_slice()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_start_at_a_cache_line_in_copies_and_after_growing() {
        for length in [0, 1, 15, 16, 17, 1000] {
            let mut vector = AlignedVec::<f32>::zeroed(length);
            vector.as_mut_slice().iter_mut().enumerate().for_each(|(i, x)| *x = i as f32);
            let copy = vector.clone();
            assert_eq!(vector, copy);
            assert_eq!(vector.scratch(length + 20)[..length], *copy.as_slice());
            assert_eq!(vector.as_slice().len(), length + 20);
            for values in [vector.as_slice(), copy.as_slice()] {
                assert_eq!(values.as_ptr().addr() % LINE, 0, "{length} elements");
            }
        }
    }

    #[test]
    fn scratch_never_shrinks() {
        let mut vector = AlignedVec::<f64>::zeroed(9);
        vector.as_mut_slice()[8] = 5.0;
        assert_eq!(vector.scratch(3).len(), 3);
        assert_eq!(vector.as_slice()[8].to_bits(), 5.0_f64.to_bits());
    }
}
