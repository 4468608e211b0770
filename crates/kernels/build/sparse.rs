//! The kernels for sparse rows.

use crate::text::{Arithmetic, COLUMN, ENTRY, each, increment, lane_type, multiply_add, repeat, width};

/// `sparse_strip32`, `sparse_strip8`, `sparse_strip1`.
pub(crate) fn kernels(arithmetic: Arithmetic) -> String {
    each([8, 2, 0], |vectors| strip(vectors, arithmetic))
}

/// Sparse rows times a strip of B.
fn strip(vectors: usize, arithmetic: Arithmetic) -> String {
    let (lanes, kind, splat) = lane_type(vectors);
    let all = || 0..vectors.max(1);
    let locals = each(all(), |v| format!("(local $s{v} {kind})"));
    let load = each(all(), |v| format!("(local.set $s{v} ({kind}.load offset={} (local.get $c)))", 16 * v));
    let store = each(all(), |v| format!("({kind}.store offset={} (local.get $c) (local.get $s{v}))", 16 * v));
    let sums = each(all(), |v| {
        let b = format!("({kind}.load offset={} (local.get $row))", 16 * v);
        multiply_add(lanes, arithmetic, &format!("$s{v}"), "(local.get $x)", &b)
    });
    let entry = |row: &str| {
        let x = format!("(local.set $x ({splat} offset=4 (local.get $p)))");
        format!("(local.set $row (i32.add (local.get $b) {row})) {x} {sums} {}", increment("$p", ENTRY))
    };
    let entries = entries(vectors, &entry);
    let next = increment("$starts", "(local.get $step)") + &increment("$c", "(local.get $cs)");
    let entry_at = |offset: usize| {
        format!("(i32.add (local.get $entries) (i32.shl (i32.load offset={offset} (local.get $starts)) (i32.const 3)))")
    };
    format!(
        r#"(func (export "sparse_strip{}") (param $m i32) (param $starts i32) (param $step i32) (param $entries i32)
          (param $b i32) (param $bs i32) (param $c i32) (param $cs i32)
          (local $p i32) (local $end i32) (local $row i32) (local $x {kind}) {locals}
          (local.set $bs (i32.shl (local.get $bs) (i32.const 2)))
          (local.set $cs (i32.shl (local.get $cs) (i32.const 2)))
          (local.set $step (i32.shl (local.get $step) (i32.const 2)))
          (loop $rows
            (local.set $p {}) (local.set $end {})
            {load} {entries} {store} {next}
            (br_if $rows (local.tee $m (i32.sub (local.get $m) (i32.const 1))))))
        "#,
        width(vectors),
        entry_at(0),
        entry_at(4)
    )
}

/// The loop over the entries of a row. A panel as wide as the strip, the usual case, has a loop without multiplication.
fn entries(vectors: usize, entry: &dyn Fn(&str) -> String) -> String {
    let any = repeat("any", "$end", &entry(&format!("(i32.mul (local.get $bs) {COLUMN})")));
    if vectors == 0 {
        return any;
    }
    let bytes = 16 * vectors;
    let shifted = entry(&format!("(i32.shl {COLUMN} (i32.const {}))", bytes.ilog2()));
    format!(
        "(if (i32.eq (local.get $bs) (i32.const {bytes})) (then {}) (else {any}))",
        repeat("next", "$end", &shifted)
    )
}
