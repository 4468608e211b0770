//! Normalisation of a grey picture of a digit, as MNIST was made.
//!
//! As published (Le Cun, Bottou, Bengio, Haffner 1998, §III.A): the ink is scaled to fit a 20×20 box with its aspect
//! ratio kept, with anti-aliasing, and then moved so that its centre of mass is the centre of the 28×28 field. Without this,
//! a network trained on MNIST recognises few drawn digits. MNIST was not deskewed, so nothing is deskewed here.

use std::ops::Range;

use super::idx::check_length;
use super::{DataError, PIXELS, SIDE};

/// Side of the box that the ink is scaled to fit, in pixels.
pub const BOX: usize = 20;

/// Grey values up to this count as paper, so that compression noise or a faint brush doesn't widen the box.
const PAPER: u8 = 12;

/// Normalises a picture: `gray` is `width` × `height` bytes, row by row, 0 paper and 255 ink.
///
/// The centre of mass comes to within half a pixel of the centre of the field (13.5, 13.5 counted from the centre of the
/// first pixel), unless the ink would then leave the field.
///
/// # Errors
/// [`DataError::Length`] if the sides don't fit the bytes, [`DataError::NoInk`] for a picture without ink.
pub fn normalize_digit(gray: &[u8], width: usize, height: usize) -> Result<[u8; PIXELS], DataError> {
    let expected = width.saturating_mul(height);
    check_length("grey pixels", expected, gray)?;
    let (columns, rows) = ink_box(gray, width).ok_or(DataError::NoInk)?;
    let (ink_width, ink_height) = (columns.len(), rows.len());
    let scale = BOX as f32 / ink_width.max(ink_height) as f32;
    // At least one pixel, so that a thin line remains.
    let fit = |side: usize| ((side as f32 * scale).round() as usize).clamp(1, BOX);
    let (box_width, box_height) = (fit(ink_width), fit(ink_height));

    let across = coverage(ink_width, box_width);
    let down = coverage(ink_height, box_height);
    let mut small = [0.0; BOX * BOX];
    for (y, spans) in down.iter().enumerate() {
        for (x, columns_here) in across.iter().enumerate() {
            let mut ink = 0.0;
            for &(row, row_share) in spans {
                let line = &gray[(rows.start + row) * width + columns.start..];
                let mut sum = 0.0;
                for &(column, share) in columns_here {
                    sum += share * f32::from(line[column]);
                }
                ink += row_share * sum;
            }
            small[y * BOX + x] = ink / 255.0;
        }
    }
    Ok(centre_by_mass(&small))
}

/// Moves a 20×20 picture of ink in 0..=1 into the 28×28 field, its centre of mass to the field's centre as nearly as
/// whole pixels allow without cutting ink off. An empty picture gives an empty field.
pub(super) fn centre_by_mass(small: &[f32; BOX * BOX]) -> [u8; PIXELS] {
    let (mut mass, mut mass_x, mut mass_y) = (0.0, 0.0, 0.0);
    let (mut right, mut bottom) = (0, 0);
    let (mut left, mut top) = (BOX, BOX);
    for (i, &ink) in small.iter().enumerate() {
        if ink > 0.0 {
            let (x, y) = (i % BOX, i / BOX);
            mass += ink;
            mass_x += ink * x as f32;
            mass_y += ink * y as f32;
            (left, top) = (left.min(x), top.min(y));
            (right, bottom) = (right.max(x), bottom.max(y));
        }
    }
    let mut field = [0; PIXELS];
    if mass <= 0.0 {
        return field;
    }
    // Target of the ink's first column (or row): by the centre of mass, but inside the field.
    let target = |moment: f32, first: usize, last: usize| {
        let ideal = ((SIDE - 1) as f32 / 2.0 - moment / mass).round() + first as f32;
        (ideal.max(0.0) as usize).min(SIDE - 1 - (last - first))
    };
    let (to_left, to_top) = (target(mass_x, left, right), target(mass_y, top, bottom));
    for y in top..=bottom {
        for x in left..=right {
            let to = (to_top + y - top) * SIDE + to_left + x - left;
            field[to] = (small[y * BOX + x].clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
        }
    }
    field
}

/// Columns and rows that hold ink.
fn ink_box(gray: &[u8], width: usize) -> Option<(Range<usize>, Range<usize>)> {
    let mut found: Option<(Range<usize>, Range<usize>)> = None;
    let widen = |old: &Range<usize>, i: usize| old.start.min(i)..old.end.max(i + 1);
    for (i, _) in gray.iter().enumerate().filter(|&(_, &pixel)| pixel > PAPER) {
        let (x, y) = (i % width, i / width);
        found = Some(match found {
            Some((columns, rows)) => (widen(&columns, x), widen(&rows, y)),
            None => (x..x + 1, y..y + 1),
        });
    }
    found
}

/// For each of `to` equal parts of a line of `from` cells: the cells it covers and the share of the part that each
/// takes up (the shares of a part add up to 1): area averaging when it shrinks, repetition when it grows.
fn coverage(from: usize, to: usize) -> Vec<Vec<(usize, f32)>> {
    let width = from as f32 / to as f32;
    (0..to)
        .map(|part| {
            let (start, end) = (part as f32 * width, (part + 1) as f32 * width);
            let last = (end.ceil() as usize).min(from);
            (start as usize..last)
                .map(|cell| {
                    let overlap = end.min((cell + 1) as f32) - start.max(cell as f32);
                    (cell, overlap.max(0.0) / width)
                })
                .collect()
        })
        .collect()
}
