//! The kernels for active blocks.

use crate::text::{Arithmetic, COLUMN, ENTRY, each, increment, lane_type, multiply_add, repeat, width};

/// `forward_pair8`, `grad_block8` and so on for 4 columns and 1, and `grad_scatter4`.
pub(crate) fn kernels(arithmetic: Arithmetic) -> String {
    each([2, 1, 0], |vectors| forward_pair(vectors, arithmetic) + &grad_block(vectors, arithmetic)) + &grad_scatter4()
}

/// Two rows of entries times a strip of W: the entries that both have, alternating, then the remaining ones of the longer row.
fn forward_pair(vectors: usize, arithmetic: Arithmetic) -> String {
    let (lanes, kind, splat) = lane_type(vectors);
    let all = || 0..vectors.max(1);
    let rows = || ["a", "b"].into_iter();
    let locals = each(rows(), |e| each(all(), |v| format!("(local ${e}{v} {kind})")));
    let load =
        |e: &str| each(all(), |v| format!("(local.set ${e}{v} ({kind}.load offset={} (local.get $z{e})))", 16 * v));
    let store =
        |e: &str| each(all(), |v| format!("({kind}.store offset={} (local.get $z{e}) (local.get ${e}{v}))", 16 * v));
    // The entry of row b is `$apart` bytes from that of row a.
    let entry = |e: &str| {
        let at = if e == "b" { "(i32.add (local.get $p) (local.get $apart))" } else { "(local.get $p)" };
        let sums = each(all(), |v| {
            let w = format!("({kind}.load offset={} (local.get $row))", 16 * v);
            multiply_add(lanes, arithmetic, &format!("${e}{v}"), "(local.get $x)", &w)
        });
        format!(
            "(local.set $row (i32.add (local.get $w) (i32.mul (local.get $ws) (i32.load {at}))))
             (local.set $x ({splat} offset=4 {at})) {sums}"
        )
    };
    let next = increment("$p", ENTRY);
    let shared = repeat("shared", "$end", &(entry("a") + &entry("b") + &next));
    let rest = |e: &str, entries: &str, count: &str| {
        // For row b, `$p` is `$apart` bytes before its entries, as in the shared loop.
        let from = if e == "b" { "(i32.sub (local.get $entries2) (local.get $apart))" } else { entries };
        format!(
            "(local.set $p (i32.add {from} (i32.shl (local.get $m) (i32.const 3))))
             (local.set $end (i32.add {from} (i32.shl (local.get {count}) (i32.const 3)))) {}",
            repeat(&format!("rest-{e}"), "$end", &(entry(e) + &next))
        )
    };
    format!(
        r#"(func (export "forward_pair{}") (param $n i32) (param $entries i32) (param $n2 i32) (param $entries2 i32)
          (param $w i32) (param $ws i32) (param $za i32) (param $zb i32)
          (local $p i32) (local $end i32) (local $m i32) (local $apart i32) (local $row i32) (local $x {kind}) {locals}
          (local.set $ws (i32.shl (local.get $ws) (i32.const 2)))
          (local.set $m (call $smaller (local.get $n) (local.get $n2)))
          (local.set $apart (i32.sub (local.get $entries2) (local.get $entries)))
          (local.set $p (local.get $entries))
          (local.set $end (i32.add (local.get $p) (i32.shl (local.get $m) (i32.const 3))))
          {} {} {shared} {} {} {} {})
        "#,
        width(vectors),
        load("a"),
        load("b"),
        rest("a", "(local.get $entries)", "$n"),
        rest("b", "", "$n2"),
        store("b"),
        store("a"),
    )
}

/// A row of entries times a strip of δ, added to rows of G.
fn grad_block(vectors: usize, arithmetic: Arithmetic) -> String {
    let (lanes, kind, splat) = lane_type(vectors);
    let all = || 0..vectors.max(1);
    let locals = each(all(), |v| format!("(local $d{v} {kind})"));
    let load = each(all(), |v| format!("(local.set $d{v} ({kind}.load offset={} (local.get $delta)))", 16 * v));
    let sums = each(all(), |v| {
        format!("(local.set $s ({kind}.load offset={} (local.get $row)))", 16 * v)
            + &multiply_add(lanes, arithmetic, "$s", "(local.get $x)", &format!("(local.get $d{v})"))
            + &format!("({kind}.store offset={} (local.get $row) (local.get $s))", 16 * v)
    });
    let entry = format!(
        "(local.set $row (i32.add (local.get $g) (i32.mul (local.get $gs) {COLUMN})))
         (local.set $x ({splat} offset=4 (local.get $p))) {sums} {}",
        increment("$p", ENTRY)
    );
    format!(
        r#"(func (export "grad_block{}") (param $n i32) (param $p i32) (param $delta i32) (param $g i32) (param $gs i32)
          (local $end i32) (local $row i32) (local $x {kind}) (local $s {kind}) {locals}
          (local.set $gs (i32.shl (local.get $gs) (i32.const 2)))
          (local.set $end (i32.add (local.get $p) (i32.shl (local.get $n) (i32.const 3))))
          {load} {})
        "#,
        width(vectors),
        repeat("entry", "$end", &entry)
    )
}

/// A row of entries times four values of δ, added to four columns of G.
fn grad_scatter4() -> String {
    let locals = each(0..4, |i| format!("(local $d{i} f32) (local $g{i} i32)"));
    let load = each(0..4, |i| {
        let at = 4 * i;
        format!(
            "(local.set $d{i} (f32.load offset={at} (local.get $delta)))
             (local.set $g{i} (i32.add (local.get $g)
               (i32.shl (i32.load offset={at} (local.get $columns)) (i32.const 2))))"
        )
    });
    let sums = each(0..4, |i| {
        format!(
            "(local.set $row (i32.add (local.get $g{i}) (local.get $at)))
             (f32.store (local.get $row)
               (f32.add (f32.load (local.get $row)) (f32.mul (local.get $x) (local.get $d{i}))))"
        )
    });
    let entry = format!(
        "(local.set $at (i32.mul (local.get $gs) {COLUMN}))
         (local.set $x (f32.load offset=4 (local.get $p))) {sums} {}",
        increment("$p", ENTRY)
    );
    format!(
        r#"(func (export "grad_scatter4") (param $n i32) (param $p i32) (param $delta i32) (param $columns i32)
          (param $g i32) (param $gs i32)
          (local $end i32) (local $at i32) (local $row i32) (local $x f32) {locals}
          (local.set $gs (i32.shl (local.get $gs) (i32.const 2)))
          (local.set $end (i32.add (local.get $p) (i32.shl (local.get $n) (i32.const 3))))
          {load} {})
        "#,
        repeat("entry", "$end", &entry)
    )
}
