//! The loops of gradients and updates, as text: `src/numeric/loops/{pairs,momentum}.rs` have the same to be read, and say what the
//! parameters are.

use crate::loops::{Arithmetic, add, advance, each, repeat};

/// Lanes, type and splat of a strip. Its width is given in vectors; 0 is one number.
fn kind(vectors: usize) -> (&'static str, &'static str, &'static str) {
    if vectors > 0 { ("f32x4", "v128", "v128.load32_splat") } else { ("f32", "f32", "f32.load") }
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
        "(local.set $row (i32.add (local.get $g) (i32.mul (local.get $gs) \
           (i32.load (i32.add (local.get $columns) (local.get $p))))))
         (local.set $x ({splat} (i32.add (local.get $values) (local.get $p))))
         {sums} {}",
        advance("$p", "(i32.const 4)")
    );
    format!(
        r#"(func (export "pair{}") (param $n i32) (param $columns i32) (param $values i32) (param $delta i32)
          (param $g i32) (param $gs i32)
          (local $p i32) (local $end i32) (local $row i32) (local $x {kind}) (local $s {kind}) {locals}
          (local.set $gs (i32.shl (local.get $gs) (i32.const 2)))
          (local.set $end (i32.shl (local.get $n) (i32.const 2)))
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
        "(local.set $at (i32.mul (local.get $gs) (i32.load (i32.add (local.get $columns) (local.get $p)))))
         (local.set $x (f32.load (i32.add (local.get $values) (local.get $p))))
         {sums} {}",
        advance("$p", "(i32.const 4)")
    );
    format!(
        r#"(func (export "units") (param $n i32) (param $columns i32) (param $values i32) (param $delta i32)
          (param $places i32) (param $g i32) (param $gs i32)
          (local $p i32) (local $end i32) (local $at i32) (local $row i32) (local $x f32) {locals}
          (local.set $gs (i32.shl (local.get $gs) (i32.const 2)))
          (local.set $end (i32.shl (local.get $n) (i32.const 2)))
          {load} {})
        "#,
        repeat("entry", "$end", &entry)
    )
}

/// One step of momentum down the rows of a strip. Numbers are kept in variables, because the browser makes constants anew each time.
pub(crate) fn momentum(vectors: usize, normed: bool) -> String {
    let (lanes, kind, splat) = kind(vectors);
    let all = || 0..vectors.max(1);
    let numbers = each([("mu", 0), ("eta", 4), ("still", 8)], |(name, at)| {
        format!("(local.set ${name} ({splat} offset={at} (local.get $numbers)))")
    });
    // 0 where the magnitude is too small.
    let (magnitude, flush) = if vectors > 0 {
        (
            "(local.set $bits (v128.load32_splat offset=12 (local.get $numbers)))",
            "(v128.andnot (local.get $x)
               (f32x4.lt (v128.and (local.get $x) (local.get $bits)) (local.get $still)))",
        )
    } else {
        ("", "(select (f32.const 0) (local.get $x) (f32.lt (f32.abs (local.get $x)) (local.get $still)))")
    };
    let moves = each(all(), |v| {
        let at = 16 * v;
        let square = if normed {
            format!("(local.set $q{v} ({lanes}.add (local.get $q{v}) ({lanes}.mul (local.get $x) (local.get $x))))")
        } else {
            String::new()
        };
        format!(
            "(local.set $x ({lanes}.sub ({lanes}.mul (local.get $mu) ({kind}.load offset={at} (local.get $v)))
               ({lanes}.mul (local.get $eta) ({kind}.load offset={at} (local.get $row)))))
             (local.set $x {flush})
             ({kind}.store offset={at} (local.get $v) (local.get $x))
             (local.set $x ({lanes}.add (local.get $x) ({kind}.load offset={at} (local.get $w))))
             ({kind}.store offset={at} (local.get $w) (local.get $x)) {square}"
        )
    });
    let squares = |f: &dyn Fn(usize) -> String| if normed { each(all(), f) } else { String::new() };
    let locals = squares(&|v| format!("(local $q{v} {kind})"));
    let load = squares(&|v| format!("(local.set $q{v} ({kind}.load offset={} (local.get $norms)))", 16 * v));
    let store = squares(&|v| format!("({kind}.store offset={} (local.get $norms) (local.get $q{v}))", 16 * v));
    let on = each(["$w", "$v", "$g"], |pointer| advance(pointer, "(local.get $stride)"));
    format!(
        r#"(func (export "momentum{}{}") (param $rows i32) (param $stride i32) (param $step i32) (param $touched i32)
          (param $w i32) (param $v i32) (param $g i32) (param $numbers i32) (param $norms i32)
          (local $row i32) (local $x {kind}) (local $mu {kind}) (local $eta {kind}) (local $still {kind})
          (local $bits v128) {locals}
          (local.set $stride (i32.shl (local.get $stride) (i32.const 2)))
          {numbers} {magnitude} {load}
          (loop $next
            (local.set $row (select (local.get $g) (i32.add (local.get $numbers) (i32.const 16))
              (i32.load8_u (local.get $touched))))
            {moves} {on} {}
            (br_if $next (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))
          {store})
        "#,
        (4 * vectors).max(1),
        if normed { "-normed" } else { "" },
        advance("$touched", "(local.get $step)")
    )
}
