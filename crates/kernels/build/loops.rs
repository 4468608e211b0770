//! The innermost loops as WebAssembly text, instruction by instruction. Written in Rust, the compiler moves all loads of a
//! tile ahead of its arithmetic, the browser runs out of registers, and the loops lose up to half their speed.
//!
//! A tile is 4 rows × 8 columns of `C`: its 8 sums, 2 vectors of `B`, a number of `A` and a product fit the 15 vector
//! registers that browsers use on x86. `src/numeric/loops/tile.rs` has the same loops to be read, `packed.rs` says what
//! the parameters are; strides arrive as numbers and become bytes here.

use crate::{pairs, updates};

/// How a product is added to a sum.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Arithmetic {
    /// Two roundings: the same bits everywhere.
    Strict,
    /// One rounding or two, as the processor likes.
    Relaxed,
}

/// How `A` lies.
#[derive(Clone, Copy, PartialEq)]
enum Layout {
    /// A pointer for each row of the tile; the next step is the next number.
    Rows,
    /// One pointer: the tile's rows are neighbours, the next step is a stride away.
    Columns,
}

/// Rows of a tile.
const ROWS: usize = 4;
/// Vectors across a tile.
const WIDTH: usize = 2;
/// Steps k in one turn of the loop.
const TURN: usize = 8;
/// Bytes of one step in a panel of `B`.
const PANEL_STEP: usize = 16 * WIDTH;

/// The text of the whole module.
pub(crate) fn module(arithmetic: Arithmetic) -> String {
    let mut text = String::from("(module (import \"trainer\" \"memory\" (memory 0))\n");
    text += "(func $smaller (param $x i32) (param $y i32) (result i32) (select (local.get $x) (local.get $y)
      (i32.lt_u (local.get $x) (local.get $y))))\n";
    text += &product("rows", Layout::Rows, arithmetic);
    text += &product("columns", Layout::Columns, arithmetic);
    for (name, vectors) in [("strip32", 8), ("strip8", 2), ("strip1", 0)] {
        text += &strip(name, vectors, arithmetic);
    }
    text += &each([2, 1, 0], |vectors| pairs::two(vectors, arithmetic) + &pairs::pair(vectors, arithmetic));
    text += &pairs::units();
    text += &each([8, 2, 0], |vectors| updates::momentum(vectors, false) + &updates::momentum(vectors, true));
    text += &each(PEAKS, |sums| peak(sums, arithmetic));
    text + ")"
}

/// Numbers of sums that the loops on registers alone keep: how many hide the latency best differs.
const PEAKS: [usize; 4] = [8, 10, 12, 13];

/// Multiply-adds on registers alone, `sums` at a time and `$p` times: what no loop can exceed.
fn peak(sums: usize, arithmetic: Arithmetic) -> String {
    let locals = each(0..sums, |v| format!("(local $s{v} v128)"));
    // Towards 2: neither grows nor becomes so small that arithmetic gets slow.
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
        repeat("pass", "$end", &(body + &advance("$p", "(i32.const -1)")))
    )
}

/// `A` times one panel, tile by tile.
fn product(name: &str, layout: Layout, arithmetic: Arithmetic) -> String {
    let locals = each(0..ROWS, |r| format!("(local $a{r} i32) (local $c{r} i32)"))
        + &each(tile(), |(r, v)| format!("(local $s{r}{v} v128)"))
        + &each(0..WIDTH, |v| format!("(local $b{v} v128)"));
    // Past the last row it is the last one again: what is left over needs no other loop.
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
    let turns = repeat("turn", "$turns", &steps(layout, TURN, arithmetic));
    let singles = repeat("single", "$end", &steps(layout, 1, arithmetic));
    format!(
        r#"(func (export "{name}") (param $m i32) (param $k i32) (param $a i32) (param $as i32)
          (param $b i32) (param $c i32) (param $cs i32) (param $fresh i32)
          (local $i i32) (local $last i32) (local $p i32) (local $turns i32) (local $end i32) (local $x v128) {locals}
          (local.set $as (i32.shl (local.get $as) (i32.const 2)))
          (local.set $cs (i32.shl (local.get $cs) (i32.const 2)))
          (local.set $last (i32.sub (local.get $m) (i32.const 1)))
          (local.set $turns (i32.add (local.get $b)
            (i32.mul (i32.div_u (local.get $k) (i32.const {TURN})) (i32.const {turn_bytes}))))
          (local.set $end (i32.add (local.get $b) (i32.mul (local.get $k) (i32.const {PANEL_STEP}))))
          (loop $tiles
            {a} {c}
            (if (local.get $fresh) (then {zeros}) (else {load}))
            (local.set $p (local.get $b))
            {turns} {singles} {c} {store}
            (local.set $i (i32.add (local.get $i) (i32.const {ROWS})))
            (br_if $tiles (i32.lt_u (local.get $i) (local.get $m)))))
        "#,
        turn_bytes = TURN * PANEL_STEP,
    )
}

/// Some steps k of a tile, and its pointers moved on.
fn steps(layout: Layout, count: usize, arithmetic: Arithmetic) -> String {
    let step = |k: usize| {
        let b = each(0..WIDTH, |v| {
            format!("(local.set $b{v} (v128.load offset={} (local.get $p)))", k * PANEL_STEP + 16 * v)
        });
        let sums = each(0..ROWS, |r| {
            let (pointer, offset) = if layout == Layout::Rows { (r, 4 * k) } else { (0, 4 * r) };
            format!("(local.set $x (v128.load32_splat offset={offset} (local.get $a{pointer})))")
                + &each(0..WIDTH, |v| {
                    add("f32x4", arithmetic, &format!("$s{r}{v}"), "(local.get $x)", &format!("(local.get $b{v})"))
                })
        });
        let on = if layout == Layout::Columns { advance("$a0", "(local.get $as)") } else { String::new() };
        b + &sums + &on
    };
    let on = if layout == Layout::Rows {
        each(0..ROWS, |r| advance(&format!("$a{r}"), &format!("(i32.const {})", 4 * count)))
    } else {
        String::new()
    };
    each(0..count, step) + &on + &advance("$p", &format!("(i32.const {})", count * PANEL_STEP))
}

/// Lanes, type and splat of a strip, whose width is given in vectors; 0 is one number.
pub(crate) fn kind(vectors: usize) -> (&'static str, &'static str, &'static str) {
    if vectors > 0 { ("f32x4", "v128", "v128.load32_splat") } else { ("f32", "f32", "f32.load") }
}

/// Rows of sparse entries times a strip of `B`: `vectors` wide, or one number for 0.
fn strip(name: &str, vectors: usize, arithmetic: Arithmetic) -> String {
    let wide = vectors > 0;
    let (lanes, kind, splat) = kind(vectors);
    let all = || 0..vectors.max(1);
    let locals = each(all(), |v| format!("(local $s{v} {kind})"));
    let load = each(all(), |v| format!("(local.set $s{v} ({kind}.load offset={} (local.get $c)))", 16 * v));
    let store = each(all(), |v| format!("({kind}.store offset={} (local.get $c) (local.get $s{v}))", 16 * v));
    let sums = each(all(), |v| {
        let b = format!("({kind}.load offset={} (local.get $row))", 16 * v);
        add(lanes, arithmetic, &format!("$s{v}"), "(local.get $x)", &b)
    });
    let entry = |row: &str| {
        let x = format!("(local.set $x ({splat} offset=4 (local.get $p)))");
        format!("(local.set $row (i32.add (local.get $b) {row})) {x} {sums} {}", advance("$p", ENTRY))
    };
    // Rows of a panel as wide as the strip, the usual case, are found without a multiplication.
    let width = 16 * vectors;
    let entries = if wide {
        format!(
            "(if (i32.eq (local.get $bs) (i32.const {width})) (then {}) (else {}))",
            repeat("next", "$end", &entry(&format!("(i32.shl {COLUMN} (i32.const {}))", width.ilog2()))),
            repeat("any", "$end", &entry(&format!("(i32.mul (local.get $bs) {COLUMN})")))
        )
    } else {
        repeat("any", "$end", &entry(&format!("(i32.mul (local.get $bs) {COLUMN})")))
    };
    let on = advance("$starts", "(local.get $step)") + &advance("$c", "(local.get $cs)");
    let entry_at = |offset: usize| {
        format!("(i32.add (local.get $entries) (i32.shl (i32.load offset={offset} (local.get $starts)) (i32.const 3)))")
    };
    format!(
        r#"(func (export "{name}") (param $m i32) (param $starts i32) (param $step i32) (param $entries i32)
          (param $b i32) (param $bs i32) (param $c i32) (param $cs i32)
          (local $p i32) (local $end i32) (local $row i32) (local $x {kind}) {locals}
          (local.set $bs (i32.shl (local.get $bs) (i32.const 2)))
          (local.set $cs (i32.shl (local.get $cs) (i32.const 2)))
          (local.set $step (i32.shl (local.get $step) (i32.const 2)))
          (loop $rows
            (local.set $p {}) (local.set $end {})
            {load} {entries} {store} {on}
            (br_if $rows (local.tee $m (i32.sub (local.get $m) (i32.const 1))))))
        "#,
        entry_at(0),
        entry_at(4)
    )
}

/// The column of the entry at `$p`; its value is 4 bytes further on.
pub(crate) const COLUMN: &str = "(i32.load (local.get $p))";
/// From one entry to the next.
pub(crate) const ENTRY: &str = "(i32.const 8)";

/// `sum ← sum + x·y`.
pub(crate) fn add(lanes: &str, arithmetic: Arithmetic, sum: &str, x: &str, y: &str) -> String {
    if arithmetic == Arithmetic::Relaxed && lanes == "f32x4" {
        return format!("(local.set {sum} (f32x4.relaxed_madd {x} {y} (local.get {sum})))\n");
    }
    format!("(local.set {sum} ({lanes}.add (local.get {sum}) ({lanes}.mul {x} {y})))\n")
}

/// Runs `body`, which moves `$p` on, until it is at `end`; not at all if it is there.
pub(crate) fn repeat(label: &str, end: &str, body: &str) -> String {
    let at_end = format!("(local.get $p) (local.get {end})");
    format!(
        "(block ${label}-end (br_if ${label}-end (i32.eq {at_end}))\n(loop ${label} {body} (br_if ${label} (i32.ne {at_end}))))\n"
    )
}

pub(crate) fn advance(pointer: &str, by: &str) -> String {
    format!("(local.set {pointer} (i32.add (local.get {pointer}) {by}))\n")
}

pub(crate) fn each<T>(items: impl IntoIterator<Item = T>, f: impl FnMut(T) -> String) -> String {
    items.into_iter().map(f).collect()
}

/// Row and vector of each sum of a tile.
fn tile() -> impl Iterator<Item = (usize, usize)> {
    (0..ROWS).flat_map(|r| (0..WIDTH).map(move |v| (r, v)))
}
