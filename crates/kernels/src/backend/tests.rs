use ndarray::{Array2, ArrayView2, s};
use proptest::prelude::*;

use super::{Backend, MatrixMultiply, Packed, Reference, available};
use crate::{ActivePairs, BlockMask, Entry, Matrix, MomentumParams, MomentumUpdate, PackedMatrix, Sparse, SparseView};

/// Values in (−1, 1) with full mantissas, so that another order of additions gives other bits.
fn filled(rows: usize, columns: usize, seed: u64) -> Array2<f32> {
    Array2::from_shape_fn((rows, columns), |(i, j)| {
        let h = (seed + 31 * i as u64 + 17_001 * j as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
        h as f32 / (1 << 23) as f32 - 1.0
    })
}

/// The storage of a matrix in some memory order: row-major, column-major, every other row of a larger matrix, neither.
fn laid_out(rows: usize, columns: usize, seed: u64, layout: u8) -> (Array2<f32>, u8) {
    let whole = match layout {
        0 => filled(rows, columns, seed),
        1 => filled(columns, rows, seed),
        2 => filled(2 * rows, columns + 3, seed),
        _ => filled(2 * rows, 2 * columns, seed),
    };
    (whole, layout)
}

fn view((whole, layout): &(Array2<f32>, u8)) -> ArrayView2<'_, f32> {
    let columns = whole.ncols();
    match layout {
        0 => whole.view(),
        1 => whole.t(),
        2 => whole.slice(s![..;2, ..columns - 3]),
        _ => whole.slice(s![..;-2, ..;-2]),
    }
}

/// The bits, with one pattern for all NaNs: the contract does not say which of several NaNs results.
fn bits<'a>(values: impl IntoIterator<Item = &'a f32>) -> Vec<u32> {
    values.into_iter().map(|x| if x.is_nan() { f32::NAN.to_bits() } else { x.to_bits() }).collect()
}

fn kernels() -> Vec<&'static dyn Backend<f32>> {
    let sets = available().into_iter().filter(|set| set.is_exact());
    sets.map(|set| -> &dyn Backend<f32> { set }).chain([&Packed as &dyn Backend<f32>]).collect()
}

/// The starts and entries of a random sparse matrix.
fn random_sparse(rows: usize, columns: usize, seed: u64) -> (Vec<u32>, Vec<Entry<f32>>) {
    let (mut starts, mut entries) = (vec![0], Vec::new());
    for row in filled(rows, columns, seed).rows() {
        for (j, &x) in row.iter().enumerate().filter(|(_, x)| **x > 0.3) {
            entries.push(Entry { column: j as u32, value: x });
        }
        starts.push(entries.len() as u32);
    }
    (starts, entries)
}

proptest! {
    #[test]
    fn products_are_the_triple_loop_bit_for_bit(
        (m, k, n) in (1..70usize, 0..70usize, 1..70usize), layouts in [0..4u8, 0..4u8, 0..4u8], add: bool, seed in 0..1000u64,
    ) {
        let (a, b) = (laid_out(m, k, seed, layouts[0]), laid_out(k, n, seed + 1, layouts[1]));
        let beta = f32::from(u8::from(add));
        let start = filled(m, n, seed + 2);
        let mut expected = start.clone();
        Reference.product(view(&a), view(&b), beta, expected.view_mut());
        for kernel in kernels() {
            // Values around C must not change.
            let mut around = Array2::from_elem((2 * m, 2 * n + 3), 7.0);
            let mut c = match layouts[2] {
                0 => around.slice_mut(s![..m, ..n]),
                1 => around.slice_mut(s![..m, ..;2]).split_at(ndarray::Axis(1), n).0,
                2 => around.slice_mut(s![..;-2, 3..n + 3]),
                _ => around.slice_mut(s![m.., n..2 * n]),
            };
            c.assign(&start);
            kernel.product(view(&a), view(&b), beta, c.view_mut());
            prop_assert_eq!(bits(&c), bits(&expected), "{}", kernel.name());
            c.fill(7.0);
            prop_assert!(around.iter().all(|x| x.to_bits() == 7.0_f32.to_bits()), "{} wrote outside", kernel.name());
        }
    }

    #[test]
    fn sparse_rows_are_the_triple_loop_bit_for_bit(
        (m, k, n) in (0..40usize, 1..200usize, 1..150usize), gap in 0..4usize, seed in 0..1000u64,
    ) {
        let (starts, entries) = random_sparse(m, k, seed);
        let mut cut = Sparse::default();
        cut.clear(k);
        filled(m, k, seed).rows().into_iter().for_each(|row| cut.push_row(row.iter().map(|&x| if x > 0.3 { x } else { 0.0 })));
        let b = filled(k, n + gap, seed + 1);
        let b = b.slice(s![.., ..n]);
        let start = filled(m, n + gap, seed + 2);
        let mut expected = start.clone();
        // The same rows, divided into one part and into two.
        let (a, cut) = (SparseView::new(&starts, &entries), cut.view());
        Reference.sparse_rows(a, b, expected.slice_mut(s![.., ..n]));
        for kernel in kernels().into_iter().chain([&Reference as &dyn Backend<f32>]) {
            for a in [a, cut] {
                let mut c = start.clone();
                kernel.sparse_rows(a, b, c.slice_mut(s![.., ..n]));
                prop_assert_eq!(bits(&c), bits(&expected), "{}", kernel.name());
            }
        }
    }

    #[test]
    fn masked_products_equal_their_definition_bit_for_bit(
        (batch, inputs, blocks, width) in (1..12usize, 1..180usize, 1..14usize, 1..20usize), two_parts: bool, active in 0..12u64, seed in 0..1000u64,
    ) {
        let (starts, entries) = random_sparse(batch, inputs, seed);
        let delta = Matrix::from(filled(batch, blocks * width, seed + 1));
        let mut mask = BlockMask::default();
        mask.refill_where((batch, blocks), |b, j| (7 * b + 3 * j) as u64 * (seed + 5) % 11 < active);
        let mut cut = Sparse::default();
        cut.clear(inputs);
        let whole = SparseView::new(&starts, &entries);
        (0..batch).for_each(|b| {
            let mut values = vec![0.0; inputs];
            whole.row(b).iter().for_each(|entry| values[entry.column as usize] = entry.value);
            cut.push_row(values.into_iter());
        });
        let input = if two_parts { cut.view() } else { whole };
        let pairs = ActivePairs { input, mask: &mask, block_width: width };
        let weights = PackedMatrix::<f32>::zeros(inputs, blocks * width);
        for columns in (0..weights.panels()).map(|panel| weights.panel_columns(panel)) {
            let start = filled(inputs, columns.len(), seed + 2).into_raw_vec_and_offset().0;
            let mut expected = start.clone();
            Reference.masked_weight_grad(pairs, &delta, columns.clone(), &mut expected);
            for kernel in kernels() {
                let mut gradient = start.clone();
                kernel.masked_weight_grad(pairs, &delta, columns.clone(), &mut gradient);
                prop_assert_eq!(bits(&gradient), bits(&expected), "{}", kernel.name());
            }
            let mut expected = delta.clone();
            Reference.masked_forward(pairs, columns.clone(), &start, &mut expected);
            for kernel in kernels() {
                let mut z = delta.clone();
                kernel.masked_forward(pairs, columns.clone(), &start, &mut z);
                prop_assert_eq!(bits(&z), bits(&expected), "{}", kernel.name());
            }
        }
    }

    #[test]
    fn momentum_steps_equal_their_definition_bit_for_bit(
        (rows, columns) in (1..40usize, 1..150usize), with_squares: bool, small in 0..6i32, seed in 0..1000u64,
    ) {
        let values = |seed| filled(rows, columns, seed).into_raw_vec_and_offset().0;
        let (start, gradient) = (values(seed), values(seed + 1));
        // Some of them around the threshold below which velocities become 0.
        let speed: Vec<f32> = values(seed + 2).iter().map(|v| v * 1e-4_f32.powi(small)).collect();
        let squares = if with_squares { filled(1, columns, seed + 3).into_raw_vec_and_offset().0 } else { Vec::new() };
        let run = |kernel: &dyn Backend<f32>| {
            let (mut w, mut v, mut sums) = (start.clone(), speed.clone(), squares.clone());
            for rate in [1e-3, 1e-21] {
                let mut gradient = gradient.clone();
                let (weights, velocity, squares) = (&mut *w, &mut *v, &mut *sums);
                let params = MomentumParams { momentum: 0.7, rate };
                kernel.momentum_step(params, MomentumUpdate { weights, velocity, gradient: &mut gradient, squares });
                assert!(gradient.iter().all(|g| g.to_bits() == 0), "{} does not clear the gradient", kernel.name());
            }
            [bits(&w), bits(&v), bits(&sums)]
        };
        let expected = run(&Reference);
        for kernel in kernels() {
            prop_assert_eq!(&run(kernel), &expected, "{}", kernel.name());
        }
    }

    #[test]
    fn values_that_are_not_finite_propagate_as_in_the_triple_loop(
        (m, k, n) in (1..20usize, 1..20usize, 1..40usize), index in 0..400usize, kind in 0..3usize, seed in 0..1000u64,
    ) {
        let mut a = filled(m, k, seed);
        let mut b = filled(k, n, seed + 1);
        a[(index % m, index % k)] = [f32::NAN, f32::INFINITY, -0.0][kind];
        b[(index % k, index % n)] = [0.0, f32::NEG_INFINITY, f32::NAN][kind];
        let mut expected = filled(m, n, seed + 2);
        let start = expected.clone();
        Reference.product(a.view(), b.view(), 1.0, expected.view_mut());
        for kernel in kernels() {
            let mut c = start.clone();
            kernel.product(a.view(), b.view(), 1.0, c.view_mut());
            prop_assert_eq!(bits(&c), bits(&expected), "{}", kernel.name());
        }
    }

    #[test]
    fn matrixmultiply_differs_by_rounding_only((m, k, n) in (1..40usize, 1..70usize, 1..40usize), seed in 0..1000u64) {
        let (a, b) = (filled(m, k, seed), filled(k, n, seed + 1));
        let (mut fast, mut slow) = (filled(m, n, seed + 2), filled(m, n, seed + 2));
        MatrixMultiply.product(a.view(), b.view(), 1.0, fast.view_mut());
        Reference.product(a.view(), b.view(), 1.0, slow.view_mut());
        for (x, y) in fast.iter().zip(&slow) {
            prop_assert!((x - y).abs() <= 1e-5 * (k as f32), "{x} {y}");
        }
    }
}

/// Sizes beyond one block of k, of columns, of rows, and a product that is computed transposed.
#[test]
fn several_blocks_give_the_bits_of_one() {
    for (m, k, n, transposed) in
        [(37, 1203, 151, false), (1061, 33, 35, false), (9, 32, 1100, false), (32, 811, 403, true)]
    {
        let a = filled(m, k, 1);
        let b = if transposed { filled(n, k, 2).reversed_axes() } else { filled(k, n, 2) };
        for beta in [0.0, 1.0] {
            let mut expected = filled(m, n, 3);
            Reference.product(a.view(), b.view(), beta, expected.view_mut());
            for kernel in kernels() {
                let mut c = filled(m, n, 3);
                kernel.product(a.view(), b.view(), beta, c.view_mut());
                assert_eq!(bits(&c), bits(&expected), "{} at {m} × {k} × {n}", kernel.name());
            }
        }
    }
}

#[test]
fn beta_zero_ignores_the_old_content() {
    let a = filled(3, 4, 1);
    let b = filled(4, 5, 2);
    for kernel in kernels().into_iter().chain([&Reference as &dyn Backend<f32>, &MatrixMultiply]) {
        let mut c = Array2::from_elem((3, 5), f32::NAN);
        kernel.product(a.view(), b.view(), 0.0, c.view_mut());
        assert!(c.iter().all(|x| x.is_finite()), "{}", kernel.name());
    }
}

#[test]
#[should_panic(expected = "columns lie inside")]
fn a_column_outside_is_refused() {
    let a = SparseView::new(&[0, 1], &[Entry { column: 4, value: 1.0 }]);
    Packed.sparse_rows(a, filled(4, 8, 1).view(), filled(1, 8, 1).view_mut());
}
