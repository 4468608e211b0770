//! A set of micro-kernels for one instruction set, and the signatures of its functions.
//!
//! Pointers are to `f32` values, and strides count `f32` values. Every kernel must give the bits of its definition in
//! [`super::Backend`], except in sets with relaxed arithmetic.

use ndarray::ArrayView2;

use crate::sparse::Entry;

/// Rows of a tile of `C`.
pub(super) const TILE_ROWS: usize = 4;

/// `C += A·B` for one panel of B, or `C ← A·B` if `overwrite` is not 0; m > 0, k > 0.
///
/// The panel of B is [k × N] without gaps. Row i of C is N values from `i·c_stride` on. A [m × k] is row-major or column-major, with
/// `a_stride` from one row or column to the next.
pub(super) type ProductKernel = unsafe extern "C" fn(
    m: usize,
    k: usize,
    a: *const f32,
    a_stride: usize,
    b: *const f32,
    c: *mut f32,
    c_stride: usize,
    overwrite: u32,
);

/// `C[i, :] += Σ_p value_p·B[column_p, :]` for N columns, over the entries p from `starts[i·step]` to `starts[i·step + 1]`; m > 0.
pub(super) type SparseKernel = unsafe extern "C" fn(
    m: usize,
    starts: *const u32,
    step: usize,
    entries: *const Entry<f32>,
    b: *const f32,
    b_stride: usize,
    c: *mut f32,
    c_stride: usize,
);

/// `z += Σ_p value_p·W[column_p, :]` for N columns, for two rows of entries and their results `z` and `z2`.
///
/// Interleaves the two rows to hide the latency of the additions. A single row is passed with `n2 = 0` and `z2 = z`; then `z` holds its
/// result.
pub(super) type ForwardPairKernel = unsafe extern "C" fn(
    n: usize,
    entries: *const Entry<f32>,
    n2: usize,
    entries2: *const Entry<f32>,
    w: *const f32,
    w_stride: usize,
    z: *mut f32,
    z2: *mut f32,
);

/// `G[column_p, :] += value_p·δ` for n entries p and N columns; n > 0.
pub(super) type GradBlockKernel =
    unsafe extern "C" fn(n: usize, entries: *const Entry<f32>, delta: *const f32, g: *mut f32, g_stride: usize);

/// `G[column_p, columns[i]] += value_p·δ[i]` for n entries p and i = 0..4, in this order; n > 0. Columns may repeat.
pub(super) type GradScatter4Kernel = unsafe extern "C" fn(
    n: usize,
    entries: *const Entry<f32>,
    delta: *const f32,
    columns: *const u32,
    g: *mut f32,
    g_stride: usize,
);

/// `v ← μv − ηg`, `w ← w + v`, `g ← 0` for N columns of `rows` rows, `stride` apart; rows > 0. A kernel with squares also adds Σw² of each
/// column to `squares`; others do not read that pointer.
pub(super) type MomentumKernel = unsafe extern "C" fn(
    rows: usize,
    stride: usize,
    w: *mut f32,
    v: *mut f32,
    g: *mut f32,
    constants: *const MomentumConstants,
    squares: *mut f32,
);

/// The constants of a momentum step, in the memory layout that kernels read.
#[repr(C)]
pub(super) struct MomentumConstants {
    pub(super) momentum: f32,
    pub(super) rate: f32,
    /// Velocities of smaller magnitude become 0.
    pub(super) flush_threshold: f32,
    /// All bits but the sign.
    pub(super) magnitude_mask: u32,
}

/// Kernels for dense products.
#[derive(Clone, Copy)]
pub(super) struct TileKernels {
    /// For row-major A.
    pub(super) rows: ProductKernel,
    /// For column-major A with m a multiple of [`TILE_ROWS`].
    pub(super) columns: ProductKernel,
}

/// A kernel for sparse rows that computes `width` columns.
#[derive(Clone, Copy)]
pub(super) struct SparseStrip {
    pub(super) width: usize,
    pub(super) run: SparseKernel,
}

/// Kernels for active blocks that compute `width` columns.
#[derive(Clone, Copy)]
pub(super) struct MaskedStrip {
    pub(super) width: usize,
    pub(super) forward_pair: ForwardPairKernel,
    pub(super) grad_block: GradBlockKernel,
}

/// Kernels for updates of `width` columns.
#[derive(Clone, Copy)]
pub(super) struct MomentumStrip {
    pub(super) width: usize,
    pub(super) plain: MomentumKernel,
    pub(super) with_squares: MomentumKernel,
}

/// A kernel for a strip of columns.
pub(super) trait Strip: Copy {
    /// Its number of columns.
    fn width(self) -> usize;
}

/// Implements [`Strip`] by the field `width`.
macro_rules! strip {
    ($($strip:ty),*) => {
        $(impl Strip for $strip {
            fn width(self) -> usize {
                self.width
            }
        })*
    };
}

strip!(SparseStrip, MaskedStrip, MomentumStrip);

/// Divides `columns` columns among strips. Gives each strip's first column; always takes the widest strip that fits.
///
/// `strips` are ordered by descending width. The last one has a width of 1, so it always fits.
pub(super) fn strips_of<S: Strip>(strips: &[S; 3], columns: usize) -> impl Iterator<Item = (usize, S)> {
    let mut next = 0;
    std::iter::from_fn(move || {
        let strip = *strips.iter().find(|strip| strip.width() <= columns - next)?;
        next += strip.width();
        Some((next - strip.width(), strip))
    })
}

/// The micro-kernels for one instruction set.
#[derive(Clone, Copy)]
pub struct KernelSet {
    pub(super) name: &'static str,
    pub(super) exact: bool,
    /// Columns of a panel of B.
    pub(super) panel: usize,
    /// Copies B into panels of this width.
    pub(super) pack: fn(&ArrayView2<'_, f32>, &mut [f32]),
    pub(super) tiles: TileKernels,
    pub(super) sparse: [SparseStrip; 3],
    pub(super) masked: [MaskedStrip; 3],
    pub(super) grad_scatter4: GradScatter4Kernel,
    pub(super) momentum: [MomentumStrip; 3],
}

impl KernelSet {
    /// Whether the set gives the bits of [`super::Reference`].
    pub fn is_exact(&self) -> bool {
        self.exact
    }
}
