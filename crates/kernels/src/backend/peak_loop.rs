//! A loop on registers alone, for `crate::peak`.

/// A loop that multiplies and adds without memory access.
pub struct PeakLoop {
    /// Vector width, arithmetic, number of sums.
    pub name: String,
    /// Whether every multiplication and every addition is rounded.
    pub exact: bool,
    /// Floating-point operations of one pass; a multiplication and an addition count one each.
    pub operations: u64,
    /// Makes the given number of passes.
    pub run: Box<dyn Fn(u32)>,
}
