//! The loop of updates, as text: `src/numeric/loops/momentum.rs` has the same to be read, and says what the parameters are.

use crate::loops::{advance, each, kind};

/// One step of momentum down the rows of a strip.
pub(crate) fn momentum(vectors: usize, normed: bool) -> String {
    let (lanes, kind, splat) = kind(vectors);
    let all = || 0..vectors.max(1);
    let numbers = each([("mu", 0), ("eta", 4), ("still", 8)], |(name, at)| {
        format!("(local.set ${name} ({splat} offset={at} (local.get $numbers)))")
    });
    // 0 where the magnitude is too small.
    let (zero, magnitude, flush) = if vectors > 0 {
        (
            "(v128.const i32x4 0 0 0 0)",
            "(local.set $bits (v128.load32_splat offset=12 (local.get $numbers)))",
            "(v128.andnot (local.get $x)
               (f32x4.lt (v128.and (local.get $x) (local.get $bits)) (local.get $still)))",
        )
    } else {
        (
            "(f32.const 0)",
            "",
            "(select (f32.const 0) (local.get $x) (f32.lt (f32.abs (local.get $x)) (local.get $still)))",
        )
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
               ({lanes}.mul (local.get $eta) ({kind}.load offset={at} (local.get $g)))))
             ({kind}.store offset={at} (local.get $g) {zero})
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
        r#"(func (export "momentum{}{}") (param $rows i32) (param $stride i32)
          (param $w i32) (param $v i32) (param $g i32) (param $numbers i32) (param $norms i32)
          (local $x {kind}) (local $mu {kind}) (local $eta {kind}) (local $still {kind}) (local $bits v128) {locals}
          (local.set $stride (i32.shl (local.get $stride) (i32.const 2)))
          {numbers} {magnitude} {load}
          (loop $next
            {moves} {on}
            (br_if $next (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))
          {store})
        "#,
        (4 * vectors).max(1),
        if normed { "-normed" } else { "" },
    )
}
