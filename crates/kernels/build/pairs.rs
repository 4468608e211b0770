//! The loops over open pairs, as text: `src/numeric/loops/pairs.rs` has the same to be read, and says what the parameters are.

use crate::loops::{Arithmetic, COLUMN, ENTRY, add, advance, each, kind, repeat};

/// `sum ← sum + x·w` for the entry at `$p` of each of two examples, then for what is left of the longer one.
pub(crate) fn two(vectors: usize, arithmetic: Arithmetic) -> String {
    let (lanes, kind, splat) = kind(vectors);
    let all = || 0..vectors.max(1);
    let examples = || ["a", "b"].into_iter();
    let locals = each(examples(), |e| each(all(), |v| format!("(local ${e}{v} {kind})")));
    let load =
        |e: &str| each(all(), |v| format!("(local.set ${e}{v} ({kind}.load offset={} (local.get $z{e})))", 16 * v));
    let store =
        |e: &str| each(all(), |v| format!("({kind}.store offset={} (local.get $z{e}) (local.get ${e}{v}))", 16 * v));
    // The other example's entry is `$apart` bytes away.
    let entry = |e: &str| {
        let at = if e == "b" { "(i32.add (local.get $p) (local.get $apart))" } else { "(local.get $p)" };
        let sums = each(all(), |v| {
            let w = format!("({kind}.load offset={} (local.get $row))", 16 * v);
            add(lanes, arithmetic, &format!("${e}{v}"), "(local.get $x)", &w)
        });
        format!(
            "(local.set $row (i32.add (local.get $w) (i32.mul (local.get $ws) (i32.load {at}))))
             (local.set $x ({splat} offset=4 {at})) {sums}"
        )
    };
    let on = advance("$p", ENTRY);
    let both = repeat("both", "$end", &(entry("a") + &entry("b") + &on));
    let rest = |e: &str, entries: &str, count: &str| {
        // `$p` of the second example begins where the first one's is, so that its entry is found in the same way.
        let from = if e == "b" { "(i32.sub (local.get $entries2) (local.get $apart))" } else { entries };
        format!(
            "(local.set $p (i32.add {from} (i32.shl (local.get $m) (i32.const 3))))
             (local.set $end (i32.add {from} (i32.shl (local.get {count}) (i32.const 3)))) {}",
            repeat(&format!("rest-{e}"), "$end", &(entry(e) + &on))
        )
    };
    format!(
        r#"(func (export "two{}") (param $n i32) (param $entries i32) (param $n2 i32) (param $entries2 i32)
          (param $w i32) (param $ws i32) (param $za i32) (param $zb i32)
          (local $p i32) (local $end i32) (local $m i32) (local $apart i32) (local $row i32) (local $x {kind}) {locals}
          (local.set $ws (i32.shl (local.get $ws) (i32.const 2)))
          (local.set $m (call $smaller (local.get $n) (local.get $n2)))
          (local.set $apart (i32.sub (local.get $entries2) (local.get $entries)))
          (local.set $p (local.get $entries))
          (local.set $end (i32.add (local.get $p) (i32.shl (local.get $m) (i32.const 3))))
          {} {} {both} {} {} {} {})
        "#,
        (4 * vectors).max(1),
        load("a"),
        load("b"),
        rest("a", "(local.get $entries)", "$n"),
        rest("b", "", "$n2"),
        store("b"),
        store("a"),
    )
}

/// The entries of one example times what comes back at one gate's units.
pub(crate) fn pair(vectors: usize, arithmetic: Arithmetic) -> String {
    let (lanes, kind, splat) = kind(vectors);
    let all = || 0..vectors.max(1);
    let locals = each(all(), |v| format!("(local $d{v} {kind})"));
    let load = each(all(), |v| format!("(local.set $d{v} ({kind}.load offset={} (local.get $delta)))", 16 * v));
    let sums = each(all(), |v| {
        format!("(local.set $s ({kind}.load offset={} (local.get $row)))", 16 * v)
            + &add(lanes, arithmetic, "$s", "(local.get $x)", &format!("(local.get $d{v})"))
            + &format!("({kind}.store offset={} (local.get $row) (local.get $s))", 16 * v)
    });
    let entry = format!(
        "(local.set $row (i32.add (local.get $g) (i32.mul (local.get $gs) {COLUMN})))
         (local.set $x ({splat} offset=4 (local.get $p))) {sums} {}",
        advance("$p", ENTRY)
    );
    format!(
        r#"(func (export "pair{}") (param $n i32) (param $p i32) (param $delta i32) (param $g i32) (param $gs i32)
          (local $end i32) (local $row i32) (local $x {kind}) (local $s {kind}) {locals}
          (local.set $gs (i32.shl (local.get $gs) (i32.const 2)))
          (local.set $end (i32.add (local.get $p) (i32.shl (local.get $n) (i32.const 3))))
          {load} {})
        "#,
        (4 * vectors).max(1),
        repeat("entry", "$end", &entry)
    )
}

/// The entries of one example times what comes back at four units, wherever they lie.
pub(crate) fn units() -> String {
    let locals = each(0..4, |i| format!("(local $d{i} f32) (local $g{i} i32)"));
    let load = each(0..4, |i| {
        let at = 4 * i;
        format!(
            "(local.set $d{i} (f32.load offset={at} (local.get $delta)))
             (local.set $g{i} (i32.add (local.get $g)
               (i32.shl (i32.load offset={at} (local.get $places)) (i32.const 2))))"
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
        advance("$p", ENTRY)
    );
    format!(
        r#"(func (export "units") (param $n i32) (param $p i32) (param $delta i32) (param $places i32)
          (param $g i32) (param $gs i32)
          (local $end i32) (local $at i32) (local $row i32) (local $x f32) {locals}
          (local.set $gs (i32.shl (local.get $gs) (i32.const 2)))
          (local.set $end (i32.add (local.get $p) (i32.shl (local.get $n) (i32.const 3))))
          {load} {})
        "#,
        repeat("entry", "$end", &entry)
    )
}
