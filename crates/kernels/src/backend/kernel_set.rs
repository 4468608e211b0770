//! Products from tiles: `B` is copied in panels that stay in the caches, `A` is read where it lies.
//!
//! Around the innermost loops, from outside in: blocks of k, so that a panel of `B` stays in the first cache; blocks of
//! columns, so that all panels of a block stay in the second; blocks of rows, so that those of `A` do too; panels. Sums begin
//! with what is in `C`, so cutting k changes no bit.
#![allow(unsafe_code, reason = "calls loops that take addresses; what they may touch is asserted first")]

use crate::matrix::Matrix;
use std::cell::RefCell;
use std::ops::Range;

use ndarray::{ArrayView2, ArrayViewMut2, Axis, s};

use super::masked_strips::{self, PairStrip, UnitsLoop};
use super::momentum_strips::{self, MomentumStrip};
use super::tile::TILE_ROWS;
use super::{Backend, check_shapes};
use crate::masked_matmul::ActivePairs;
use crate::momentum::{MomentumParams, MomentumUpdate};
use crate::sparse::{Entry, SparseView};

/// `C += A·B` for one panel of `B`, or `C ← A·B` if `fresh` is not 0; m > 0, k > 0. The panel is [k × N] without gaps; row i of
/// `C` is N numbers from `i·c_stride` on. `A` [m × k] lies row by row or column by column, `a_stride` numbers apart.
pub(super) type ProductLoop = unsafe extern "C" fn(
    m: usize,
    k: usize,
    a: *const f32,
    a_stride: usize,
    b: *const f32,
    c: *mut f32,
    c_stride: usize,
    fresh: u32,
);

/// `C[i, :] += Σ_p value_p·B[column_p, :]` over the entries p from one start to the next, on a strip of columns; the starts of row i + 1
/// are `step` further on than those of row i. m > 0.
pub(super) type StripLoop = unsafe extern "C" fn(
    m: usize,
    starts: *const u32,
    step: usize,
    entries: *const Entry<f32>,
    b: *const f32,
    b_stride: usize,
    c: *mut f32,
    c_stride: usize,
);

/// A loop over sparse rows for strips of some width.
#[derive(Clone, Copy)]
pub(super) struct Strip {
    pub(super) width: usize,
    pub(super) run: StripLoop,
}

/// The innermost loops for one kind of processor, and what they are called.
pub struct KernelSet {
    pub(super) name: &'static str,
    pub(super) exact: bool,
    /// Columns of a panel.
    pub(super) panel: usize,
    /// [`pack`] for panels of this width.
    pub(super) pack: fn(&ArrayView2<'_, f32>, &mut [f32]),
    /// For `A` in rows.
    pub(super) rows: ProductLoop,
    /// For `A` in columns, m being a multiple of 4.
    pub(super) columns: ProductLoop,
    /// Widest first; the last is one column wide, here and below.
    pub(super) strips: [Strip; 3],
    /// For gradients of open pairs.
    pub(super) pairs: [PairStrip; 3],
    pub(super) units: UnitsLoop,
    /// For updates.
    pub(super) momentum: [MomentumStrip; 3],
}

impl KernelSet {
    /// Whether it gives the bits of [`super::Reference`].
    pub fn is_exact(&self) -> bool {
        self.exact
    }
}

impl Backend<f32> for KernelSet {
    fn name(&self) -> &'static str {
        self.name
    }

    fn product(&self, a: ArrayView2<'_, f32>, b: ArrayView2<'_, f32>, beta: f32, c: ArrayViewMut2<'_, f32>) {
        check_shapes(&a, &b, beta, &c);
        let mut scratch = SCRATCH.take();
        multiply(self, a, b, beta == 0.0, c, &mut scratch);
        SCRATCH.set(scratch);
    }

    fn sparse_rows(&self, a: SparseView<'_, f32>, b: ArrayView2<'_, f32>, mut c: ArrayViewMut2<'_, f32>) {
        a.check(b.nrows());
        let n = b.ncols();
        assert_eq!(c.dim(), (a.rows(), n), "the result has the rows of A and the columns of B");
        if c.is_empty() || a.entries.is_empty() {
            return;
        }
        assert!(layout(&b) == Layout::Rows && layout(&c.view()) == Layout::Rows, "rows are contiguous");
        let (b_stride, c_stride) = (row_stride(&b), row_stride(&c.view()));
        let (starts, entries, step) = (a.starts.as_ptr(), a.entries.as_ptr(), a.parts);
        let mut from = 0;
        while from < n {
            let strip = self.strips.iter().find(|strip| strip.width <= n - from).unwrap_or(&self.strips[2]);
            for part in 0..a.parts {
                // SAFETY: `check` has seen the entries and that there are starts of all parts, the asserts the rows, and the strip ends
                // within n.
                unsafe {
                    let (b, c) = (b.as_ptr().add(from), c.as_mut_ptr().add(from));
                    (strip.run)(a.rows(), starts.add(part), step, entries, b, b_stride, c, c_stride);
                }
            }
            from += strip.width;
        }
    }

    fn masked_forward(&self, pairs: ActivePairs<'_, f32>, span: Range<usize>, weights: &[f32], z: &mut Matrix<f32>) {
        masked_strips::forward(self, pairs, span, weights, z);
    }

    fn masked_weight_grad(
        &self,
        pairs: ActivePairs<'_, f32>,
        delta: &Matrix<f32>,
        span: Range<usize>,
        gradient: &mut [f32],
    ) {
        masked_strips::gradient(self, pairs, delta, span, gradient);
    }

    fn advance(&self, motion: MomentumParams<f32>, panel: MomentumUpdate<'_, f32>) {
        momentum_strips::advance(self, motion, panel);
    }
}

/// Numbers from one row to the next, in a matrix of [`Layout::Rows`].
fn row_stride(view: &ArrayView2<'_, f32>) -> usize {
    view.strides()[0].unsigned_abs()
}

/// Numbers of a block of `A` or of `B`: 128 KiB, a quarter of a common second cache.
const BLOCK: usize = 32 * 1024;
/// Rows of `A` and `C` that all panels go by before the next ones do, so that lines of `C` are still there for the panel beside.
const BLOCK_M: usize = 32;
/// Columns of `A` whose steps are read where they lie: half of what a first-level buffer of pages holds.
const NEAR: usize = 32;
/// The longest block of k: a panel of 8 columns then takes 13 KiB of the first cache.
const BLOCK_K: usize = 400;

/// A cache line: panels begin with one, so that no vector of them straddles two.
#[derive(Clone, Copy, Default)]
#[repr(C, align(64))]
struct Line([f32; 16]);

/// Memory that is kept from one product to the next.
#[derive(Default)]
struct Scratch {
    /// PackedMatrix of `B`.
    panels: Vec<Line>,
    /// The columns of `C` under a panel that is wider than what is left.
    edge: Vec<f32>,
    /// Rows of `A` that must be copied.
    rows: Vec<f32>,
    /// Columns of `A` that are brought together.
    columns: Vec<f32>,
    /// The turned `C`.
    turned: Vec<f32>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// `values` with room for at least `length` numbers.
fn room<T: Copy + Default>(values: &mut Vec<T>, length: usize) -> &mut [T] {
    if values.len() < length {
        values.resize(length, T::default());
    }
    &mut values[..length]
}

/// A matrix in such memory; what it holds is left over from before.
fn matrix(values: &mut Vec<f32>, dim: (usize, usize)) -> ArrayViewMut2<'_, f32> {
    let values = room(values, dim.0 * dim.1);
    // SAFETY: that many numbers are there, and stay borrowed as long as the view.
    unsafe { ArrayViewMut2::from_shape_ptr(dim, values.as_mut_ptr()) }
}

/// How `A` lies.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Layout {
    Rows,
    Columns,
    Neither,
}

fn layout(view: &ArrayView2<'_, f32>) -> Layout {
    let [row, column] = [0, 1].map(|axis| if view.len_of(Axis(axis)) < 2 { 1 } else { view.strides()[axis] });
    match (row, column) {
        (0.., 1) => Layout::Rows,
        (1, 0..) => Layout::Columns,
        _ => Layout::Neither,
    }
}

/// The product, by whichever way round copies less.
fn multiply(
    set: &KernelSet,
    a: ArrayView2<'_, f32>,
    b: ArrayView2<'_, f32>,
    fresh: bool,
    mut c: ArrayViewMut2<'_, f32>,
    scratch: &mut Scratch,
) {
    let ((m, k), n) = (a.dim(), b.ncols());
    // A `B` that lies column by column must be copied number by number. As the left side of Cᵀ = Bᵀ·Aᵀ it is read in place.
    let turned_is_cheaper = layout(&b) == Layout::Columns && k * n > k * m + 2 * m * n;
    if layout(&c.view()) == Layout::Rows && !turned_is_cheaper {
        return blocks(set, a, b, fresh, c, scratch);
    }
    let mut memory = std::mem::take(&mut scratch.turned);
    let mut turned = matrix(&mut memory, (n, m));
    if !fresh {
        turned.assign(&c.t());
    }
    blocks(set, b.reversed_axes(), a.reversed_axes(), fresh, turned.view_mut(), scratch);
    c.assign(&turned.t());
    scratch.turned = memory;
}

/// The blocks of a product whose `C` lies in rows.
fn blocks(
    set: &KernelSet,
    a: ArrayView2<'_, f32>,
    b: ArrayView2<'_, f32>,
    fresh: bool,
    mut c: ArrayViewMut2<'_, f32>,
    scratch: &mut Scratch,
) {
    let ((m, k), n) = (a.dim(), b.ncols());
    if k == 0 && fresh {
        c.fill(0.0);
    }
    if m == 0 || n == 0 || k == 0 {
        return;
    }
    // Blocks of equal size, so that the last one is not a short one.
    let k_block = k.div_ceil(k.div_ceil(BLOCK_K)).next_multiple_of(8);
    let n_block = (BLOCK / k_block).next_multiple_of(set.panel);
    let m_block = (BLOCK / k_block).next_multiple_of(TILE_ROWS).min(BLOCK_M);
    let k_blocks = a.axis_chunks_iter(Axis(1), k_block).zip(b.axis_chunks_iter(Axis(0), k_block));
    for (number, (a, b)) in k_blocks.enumerate() {
        let fresh = fresh && number == 0;
        for (b, mut c) in b.axis_chunks_iter(Axis(1), n_block).zip(c.axis_chunks_iter_mut(Axis(1), n_block)) {
            let lines = b.ncols().next_multiple_of(set.panel) * b.nrows();
            let mut panels = std::mem::take(&mut scratch.panels);
            let packed = numbers(room(&mut panels, lines.div_ceil(16)));
            (set.pack)(&b, packed);
            for (a, c) in a.axis_chunks_iter(Axis(0), m_block).zip(c.axis_chunks_iter_mut(Axis(0), m_block)) {
                block(set, &a, packed, fresh, c, scratch);
            }
            scratch.panels = panels;
        }
    }
}

fn numbers(lines: &mut [Line]) -> &mut [f32] {
    // SAFETY: a line is 16 numbers and nothing else.
    unsafe { std::slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), lines.len() * 16) }
}

/// Copies `B` panel by panel, each [k × N]; what a last panel lacks is filled up with numbers that nobody looks at.
pub(super) fn pack<const N: usize>(b: &ArrayView2<'_, f32>, packed: &mut [f32]) {
    let (k, n) = b.dim();
    match layout(b) {
        // Row by row: what is read lies together, and there are but a few places to write to.
        Layout::Rows => {
            let (stride, panels) = (row_stride(b), n / N);
            assert!(packed.len() >= k * n.next_multiple_of(N), "there is room for all panels");
            for p in 0..k {
                // SAFETY: rows of B have n contiguous numbers, of which `panels` times N are read, and the assert is about the rest.
                unsafe {
                    let (from, to) = (b.as_ptr().add(p * stride), packed.as_mut_ptr().add(p * N));
                    for panel in 0..panels {
                        to.add(panel * k * N).cast::<[f32; N]>().write(from.add(panel * N).cast::<[f32; N]>().read());
                    }
                }
            }
            for (p, row) in b.rows().into_iter().enumerate().filter(|_| n % N > 0) {
                let rest = row.to_slice().unwrap_or_default().as_chunks::<N>().1;
                packed[(panels * k + p) * N..][..rest.len()].copy_from_slice(rest);
            }
        }
        // Panel by panel, all of its columns at once.
        Layout::Columns => {
            for (first, panel) in (0..n).step_by(N).zip(packed.chunks_exact_mut(k * N)) {
                let column = |j: usize| b.column((first + j).min(n - 1)).to_slice().unwrap_or_default();
                let columns: [&[f32]; N] = std::array::from_fn(|j| &column(j)[..k]);
                for (p, to) in panel.as_chunks_mut::<N>().0.iter_mut().enumerate() {
                    *to = columns.map(|column| column[p]);
                }
            }
        }
        Layout::Neither => {
            for ((p, j), &from) in b.indexed_iter() {
                packed[(j / N * k + p) * N + j % N] = from;
            }
        }
    }
}

/// Rows of `A` times the panels of a block.
fn block(
    set: &KernelSet,
    a: &ArrayView2<'_, f32>,
    panels: &[f32],
    fresh: bool,
    mut c: ArrayViewMut2<'_, f32>,
    scratch: &mut Scratch,
) {
    let ((m, k), n) = (a.dim(), set.panel);
    // The loops take all rows as they lie, and columns in whole tiles. What is left is copied into rows.
    let in_place = match layout(a) {
        Layout::Rows => m,
        Layout::Columns => m - m % TILE_ROWS,
        Layout::Neither => 0,
    };
    let (whole, rest) = a.view().split_at(Axis(0), in_place);
    let mut copy = matrix(&mut scratch.rows, rest.dim());
    copy.assign(&rest);
    // Many steps of long columns are in many pages, more than a processor finds at once: brought together first.
    let far = layout(a) == Layout::Columns && k > NEAR;
    let mut together = matrix(&mut scratch.columns, if far { (k, in_place) } else { (0, 0) });
    if far {
        copy_rows(&whole.t(), &mut together.view_mut());
    }
    let parts = [if far { together.t() } else { whole }, copy.view()];
    let columns = c.ncols();
    let (panels, last) = panels.split_at(columns / n * n * k);
    let (mut all, mut few) = c.view_mut().split_at(Axis(1), columns / n * n);
    parts_times_panels(set, &parts, panels, fresh, &mut all);
    if few.ncols() > 0 {
        // Wider than what is left of C: into memory of its own, and back.
        let mut wide = matrix(&mut scratch.edge, (m, n));
        wide.fill(0.0);
        copy_rows(&few.view(), &mut wide.slice_mut(s![.., ..few.ncols()]));
        parts_times_panels(set, &parts, &last[..n * k], fresh, &mut wide);
        copy_rows(&wide.slice(s![.., ..few.ncols()]), &mut few);
    }
}

/// Copies a few columns, lying in rows: a plain loop is quicker here than one that can do more.
fn copy_rows(from: &ArrayView2<'_, f32>, to: &mut ArrayViewMut2<'_, f32>) {
    for (from, mut to) in from.rows().into_iter().zip(to.rows_mut()) {
        if let (Some(from), Some(to)) = (from.as_slice(), to.as_slice_mut()) {
            from.iter().zip(to).for_each(|(&from, to)| *to = from);
        }
    }
}

/// Two parts of `A`, one above the other, times whole panels.
fn parts_times_panels(
    set: &KernelSet,
    parts: &[ArrayView2<'_, f32>; 2],
    panels: &[f32],
    fresh: bool,
    c: &mut ArrayViewMut2<'_, f32>,
) {
    let mut first = 0;
    for a in parts.iter().filter(|a| a.nrows() > 0) {
        let (m, k) = a.dim();
        let in_rows = layout(a) == Layout::Rows;
        let run = if in_rows { set.rows } else { set.columns };
        let a_stride = if in_rows { row_stride(a) } else { row_stride(&a.t()) };
        assert!(in_rows || m % TILE_ROWS == 0, "columns come in whole tiles");
        assert!(panels.len() == k * c.ncols() && c.ncols().is_multiple_of(set.panel), "panels of B go with those of C");
        assert!(first + m <= c.nrows() && layout(&c.view()) == Layout::Rows, "C lies in rows");
        let (c_stride, c) = (row_stride(&c.view()), c.as_mut_ptr());
        for (i, panel) in panels.chunks_exact(k * set.panel).enumerate() {
            // SAFETY: the asserts are what the loops ask for; the panels of C follow one another along its rows.
            unsafe {
                let c = c.add(first * c_stride + i * set.panel);
                run(m, k, a.as_ptr(), a_stride, panel.as_ptr(), c, c_stride, u32::from(fresh));
            }
        }
        first += m;
    }
}
