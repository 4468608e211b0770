//! The kernels for momentum steps. Both arithmetics share them: products and sums are rounded separately.

use crate::text::{each, increment, lane_type, width};

/// `momentum32`, `momentum32_squares` and so on for 8 columns and 1.
pub(crate) fn kernels() -> String {
    each([8, 2, 0], |vectors| momentum(vectors, false) + &momentum(vectors, true))
}

/// A momentum step of the rows of a strip, with or without the sums of squares of its columns.
fn momentum(vectors: usize, with_squares: bool) -> String {
    let (lanes, kind, splat) = lane_type(vectors);
    let all = || 0..vectors.max(1);
    let constants = each([("mu", 0), ("eta", 4), ("threshold", 8)], |(name, at)| {
        format!("(local.set ${name} ({splat} offset={at} (local.get $constants)))")
    });
    // 0 where the magnitude is below the threshold.
    let (zero, magnitude, flush) = if vectors > 0 {
        (
            "(v128.const i32x4 0 0 0 0)",
            "(local.set $bits (v128.load32_splat offset=12 (local.get $constants)))",
            "(v128.andnot (local.get $x)
               (f32x4.lt (v128.and (local.get $x) (local.get $bits)) (local.get $threshold)))",
        )
    } else {
        (
            "(f32.const 0)",
            "",
            "(select (f32.const 0) (local.get $x) (f32.lt (f32.abs (local.get $x)) (local.get $threshold)))",
        )
    };
    let update = each(all(), |v| {
        let at = 16 * v;
        let square = if with_squares {
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
    let squares = |f: &dyn Fn(usize) -> String| if with_squares { each(all(), f) } else { String::new() };
    let locals = squares(&|v| format!("(local $q{v} {kind})"));
    let load = squares(&|v| format!("(local.set $q{v} ({kind}.load offset={} (local.get $squares)))", 16 * v));
    let store = squares(&|v| format!("({kind}.store offset={} (local.get $squares) (local.get $q{v}))", 16 * v));
    let next = each(["$w", "$v", "$g"], |pointer| increment(pointer, "(local.get $stride)"));
    format!(
        r#"(func (export "momentum{}{}") (param $rows i32) (param $stride i32)
          (param $w i32) (param $v i32) (param $g i32) (param $constants i32) (param $squares i32)
          (local $x {kind}) (local $mu {kind}) (local $eta {kind}) (local $threshold {kind}) (local $bits v128) {locals}
          (local.set $stride (i32.shl (local.get $stride) (i32.const 2)))
          {constants} {magnitude} {load}
          (loop $next
            {update} {next}
            (br_if $next (local.tee $rows (i32.sub (local.get $rows) (i32.const 1)))))
          {store})
        "#,
        width(vectors),
        if with_squares { "_squares" } else { "" },
    )
}
