//! The kernels for dense products.
//!
//! A tile is 4 rows × 8 columns of C. Its 8 sums, 2 vectors of B, a value of A and a product fit into the 15 vector registers that
//! browsers use on x86.

use crate::text::{Arithmetic, each, increment, multiply_add, repeat};

/// The memory order of A.
#[derive(Clone, Copy, PartialEq)]
enum Layout {
    /// Row-major: one pointer for each row of the tile, incremented by one value for each k.
    Rows,
    /// Column-major: one pointer for all rows of the tile, incremented by the stride for each k.
    Columns,
}

/// Rows of a tile.
const ROWS: usize = 4;
/// Vectors in a row of a tile.
const VECTORS: usize = 2;
/// Values of k in one iteration of the main loop.
const UNROLL: usize = 8;
/// Bytes of one row of a panel of B.
const PANEL_ROW: usize = 16 * VECTORS;

/// `tile_rows` and `tile_columns`.
pub(crate) fn kernels(arithmetic: Arithmetic) -> String {
    product("tile_rows", Layout::Rows, arithmetic) + &product("tile_columns", Layout::Columns, arithmetic)
}

/// A times one panel of B, tile by tile.
fn product(name: &str, layout: Layout, arithmetic: Arithmetic) -> String {
    let locals = each(0..ROWS, |r| format!("(local $a{r} i32) (local $c{r} i32)"))
        + &each(tile(), |(r, v)| format!("(local $s{r}{v} v128)"))
        + &each(0..VECTORS, |v| format!("(local $b{v} v128)"));
    // Beyond the last row the last one repeats, so incomplete tiles need no other loop.
    let row = |r| format!("(call $smaller (i32.add (local.get $i) (i32.const {r})) (local.get $last))");
    let a = match layout {
        Layout::Rows => each(0..ROWS, |r| {
            format!("(local.set $a{r} (i32.add (local.get $a) (i32.mul {} (local.get $as))))", row(r))
        }),
        Layout::Columns => "(local.set $a0 (i32.add (local.get $a) (i32.shl (local.get $i) (i32.const 2))))".to_owned(),
    };
    let c =
        each(0..ROWS, |r| format!("(local.set $c{r} (i32.add (local.get $c) (i32.mul {} (local.get $cs))))", row(r)));
    let zeros = each(tile(), |(r, v)| format!("(local.set $s{r}{v} (v128.const i32x4 0 0 0 0))"));
    let load = each(tile(), |(r, v)| format!("(local.set $s{r}{v} (v128.load offset={} (local.get $c{r})))", 16 * v));
    let store = each(tile(), |(r, v)| format!("(v128.store offset={} (local.get $c{r}) (local.get $s{r}{v}))", 16 * v));
    let unrolled = repeat("unrolled", "$unrolled_end", &steps(layout, UNROLL, arithmetic));
    let remainder = repeat("remainder", "$end", &steps(layout, 1, arithmetic));
    format!(
        r#"(func (export "{name}") (param $m i32) (param $k i32) (param $a i32) (param $as i32)
          (param $b i32) (param $c i32) (param $cs i32) (param $overwrite i32)
          (local $i i32) (local $last i32) (local $p i32) (local $unrolled_end i32) (local $end i32) (local $x v128) {locals}
          (local.set $as (i32.shl (local.get $as) (i32.const 2)))
          (local.set $cs (i32.shl (local.get $cs) (i32.const 2)))
          (local.set $last (i32.sub (local.get $m) (i32.const 1)))
          (local.set $unrolled_end (i32.add (local.get $b)
            (i32.mul (i32.div_u (local.get $k) (i32.const {UNROLL})) (i32.const {unrolled_bytes}))))
          (local.set $end (i32.add (local.get $b) (i32.mul (local.get $k) (i32.const {PANEL_ROW}))))
          (loop $tiles
            {a} {c}
            (if (local.get $overwrite) (then {zeros}) (else {load}))
            (local.set $p (local.get $b))
            {unrolled} {remainder} {c} {store}
            (local.set $i (i32.add (local.get $i) (i32.const {ROWS})))
            (br_if $tiles (i32.lt_u (local.get $i) (local.get $m)))))
        "#,
        unrolled_bytes = UNROLL * PANEL_ROW,
    )
}

/// Adds the products of `count` values of k to a tile and increments its pointers.
fn steps(layout: Layout, count: usize, arithmetic: Arithmetic) -> String {
    let step = |k: usize| {
        let b = each(0..VECTORS, |v| {
            format!("(local.set $b{v} (v128.load offset={} (local.get $p)))", k * PANEL_ROW + 16 * v)
        });
        let sums = each(0..ROWS, |r| {
            let (pointer, offset) = if layout == Layout::Rows { (r, 4 * k) } else { (0, 4 * r) };
            format!("(local.set $x (v128.load32_splat offset={offset} (local.get $a{pointer})))")
                + &each(0..VECTORS, |v| {
                    let b = format!("(local.get $b{v})");
                    multiply_add("f32x4", arithmetic, &format!("$s{r}{v}"), "(local.get $x)", &b)
                })
        });
        let next = if layout == Layout::Columns { increment("$a0", "(local.get $as)") } else { String::new() };
        b + &sums + &next
    };
    let next = if layout == Layout::Rows {
        each(0..ROWS, |r| increment(&format!("$a{r}"), &format!("(i32.const {})", 4 * count)))
    } else {
        String::new()
    };
    each(0..count, step) + &next + &increment("$p", &format!("(i32.const {})", count * PANEL_ROW))
}

/// Row and vector of each sum of a tile.
fn tile() -> impl Iterator<Item = (usize, usize)> {
    (0..ROWS).flat_map(|r| (0..VECTORS).map(move |v| (r, v)))
}
