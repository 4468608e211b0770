//! Log-softmax of the rows of a matrix.

use super::real::Real;

/// Exponentials computed by one call: several short rows, or a part of a long row.
const BATCH: usize = 160;

/// Log-softmax in place, for rows of `columns` values: `s − ln Σ e^s`, without overflow. Each sum is in ascending order.
///
/// # Panics
/// If the values are not whole rows.
pub fn log_softmax_rows<R: Real>(values: &mut [R], columns: usize) {
    if values.is_empty() {
        return;
    }
    assert!(columns > 0 && values.len().is_multiple_of(columns), "whole rows of {columns} values");
    for rows in values.chunks_mut(columns * (BATCH / columns).max(1)) {
        for row in rows.chunks_mut(columns) {
            let largest = row.iter().fold(R::neg_infinity(), |m, &s| if s > m { s } else { m });
            row.iter_mut().for_each(|s| *s -= largest);
        }
        let mut sums = [R::zero(); BATCH];
        let mut exponentials = [R::zero(); BATCH];
        // Either all these rows are one part, or a single long row has several parts.
        for part in rows.chunks(BATCH) {
            let exponentials = &mut exponentials[..part.len()];
            exponentials.copy_from_slice(part);
            R::exp_inplace(exponentials);
            for (sum, exponentials) in sums.iter_mut().zip(exponentials.chunks(columns)) {
                *sum = exponentials.iter().fold(*sum, |sum, &e| sum + e);
            }
        }
        let sums = &mut sums[..rows.len().div_ceil(columns)];
        R::ln_inplace(sums);
        for (row, &sum) in rows.chunks_mut(columns).zip(sums.iter()) {
            row.iter_mut().for_each(|s| *s -= sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `s − ln Σ e^s` of one row, in `f64`.
    fn reference(row: &[f64]) -> Vec<f64> {
        let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = row.iter().map(|s| libm::exp(s - largest)).sum();
        row.iter().map(|s| s - largest - libm::log(sum)).collect()
    }

    #[test]
    fn rows_of_any_length_agree_with_the_definition() {
        for (rows, columns) in [(1, 1), (33, 10), (5, 7), (3, 159), (3, 160), (3, 161), (2, 1000)] {
            let scores: Vec<f64> = (0..rows * columns).map(|i| 30.0 * libm::sin(i as f64 * 1.7)).collect();
            let mut narrow: Vec<f32> = scores.iter().map(|&s| s as f32).collect();
            let mut wide = scores.clone();
            log_softmax_rows(&mut narrow, columns);
            log_softmax_rows(&mut wide, columns);
            let exact: Vec<f64> = scores.chunks(columns).flat_map(reference).collect();
            for ((&narrow, &wide), exact) in narrow.iter().zip(&wide).zip(exact) {
                assert!((wide - exact).abs() < 1e-12, "{rows} × {columns}: {wide}, {exact}");
                assert!((f64::from(narrow) - exact).abs() < 1e-5, "{rows} × {columns}: {narrow}, {exact}");
            }
        }
    }

    #[test]
    fn scores_of_any_size_overflow_nothing_and_nan_shows() {
        let mut scores = [1e38_f32, -1e38, 0.0, -3e38];
        log_softmax_rows(&mut scores, 4);
        assert!(scores[0] == 0.0 && scores.iter().all(|s| *s <= 0.0));
        let mut scores = [0.0_f32, f32::NAN, 1.0];
        log_softmax_rows(&mut scores, 3);
        assert!(scores.iter().all(|s| s.is_nan()));
    }
}
