//! Pieces of WebAssembly text that the kernels share.

/// How a product is added to a sum.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Arithmetic {
    /// Product and sum are rounded separately: the same bits everywhere.
    Strict,
    /// One rounding or two, as the processor chooses.
    Relaxed,
}

/// A module with these functions, which use the memory of the main module.
pub(crate) fn module(functions: &str) -> String {
    format!(
        r#"(module (import "main" "memory" (memory 0))
          (func $smaller (param $x i32) (param $y i32) (result i32)
            (select (local.get $x) (local.get $y) (i32.lt_u (local.get $x) (local.get $y))))
          {functions})"#
    )
}

/// Instruction prefix, value type and broadcasting load of a strip. `vectors` is its width in vectors; 0 stands for one scalar.
pub(crate) fn lane_type(vectors: usize) -> (&'static str, &'static str, &'static str) {
    if vectors > 0 { ("f32x4", "v128", "v128.load32_splat") } else { ("f32", "f32", "f32.load") }
}

/// Columns of a strip of this many vectors.
pub(crate) fn width(vectors: usize) -> usize {
    (4 * vectors).max(1)
}

/// The column of the entry at `$p`; its value is 4 bytes further on.
pub(crate) const COLUMN: &str = "(i32.load (local.get $p))";
/// Bytes of an entry.
pub(crate) const ENTRY: &str = "(i32.const 8)";

/// `sum ← sum + x·y`.
pub(crate) fn multiply_add(lanes: &str, arithmetic: Arithmetic, sum: &str, x: &str, y: &str) -> String {
    if arithmetic == Arithmetic::Relaxed && lanes == "f32x4" {
        return format!("(local.set {sum} (f32x4.relaxed_madd {x} {y} (local.get {sum})))\n");
    }
    format!("(local.set {sum} ({lanes}.add (local.get {sum}) ({lanes}.mul {x} {y})))\n")
}

/// Repeats `body`, which increments `$p`, until `$p` equals `end`. Does nothing if they are equal at the start.
pub(crate) fn repeat(label: &str, end: &str, body: &str) -> String {
    let at_end = format!("(local.get $p) (local.get {end})");
    format!(
        "(block ${label}-end (br_if ${label}-end (i32.eq {at_end}))\n(loop ${label} {body} (br_if ${label} (i32.ne {at_end}))))\n"
    )
}

/// `pointer ← pointer + by`.
pub(crate) fn increment(pointer: &str, by: &str) -> String {
    format!("(local.set {pointer} (i32.add (local.get {pointer}) {by}))\n")
}

/// The text of each item, one after the other.
pub(crate) fn each<T>(items: impl IntoIterator<Item = T>, f: impl FnMut(T) -> String) -> String {
    items.into_iter().map(f).collect()
}
