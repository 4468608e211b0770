//! Loops of multiply-adds on registers alone, for benchmarks.

use crate::text::{Arithmetic, each, increment, repeat};

/// Numbers of sums. Which of them hides the latency best differs between processors.
const SUMS: [usize; 4] = [8, 10, 12, 13];

/// `peak8` and so on: a loop for each number of sums.
pub(crate) fn loops(arithmetic: Arithmetic) -> String {
    each(SUMS, |sums| peak(sums, arithmetic))
}

/// `$p` passes over `sums` sums.
fn peak(sums: usize, arithmetic: Arithmetic) -> String {
    let locals = each(0..sums, |v| format!("(local $s{v} v128)"));
    // The values converge to 2, so they neither overflow nor become subnormal.
    let (half, one) = ("(v128.const f32x4 0.5 0.5 0.5 0.5)", "(v128.const f32x4 1 1 1 1)");
    let body = each(0..sums, |v| match arithmetic {
        Arithmetic::Strict => {
            format!("(local.set $s{v} (f32x4.add (f32x4.mul (local.get $s{v}) (local.get $half)) (local.get $one)))")
        }
        Arithmetic::Relaxed => {
            format!("(local.set $s{v} (f32x4.relaxed_madd (local.get $s{v}) (local.get $half) (local.get $one)))")
        }
    });
    let total = (1..sums).fold("(local.get $s0)".to_owned(), |sum, v| format!("(f32x4.add {sum} (local.get $s{v}))"));
    format!(
        r#"(func (export "peak{sums}") (param $p i32) (result f32)
          (local $half v128) (local $one v128) (local $end i32) {locals}
          (local.set $half {half}) (local.set $one {one})
          {}
          (f32x4.extract_lane 0 {total}))
        "#,
        repeat("pass", "$end", &(body + &increment("$p", "(i32.const -1)")))
    )
}
