//! The pen's paths for the digits 0 to 9: for each digit the common ways of writing it.
//!
//! A path is a list of nodes in a unit box (x to the right, y down), connected by a smooth curve; at a corner the curve has
//! a kink. All boxes are square here: the width of a digit is part of its style (`strokes.rs`).

/// A point of a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    /// Across, 0 left to 1 right.
    pub(super) x: f32,
    /// Down, 0 top to 1 bottom.
    pub(super) y: f32,
    /// Whether the direction changes abruptly here.
    pub(super) corner: bool,
}

/// A way of writing a digit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variant {
    /// How often, relative to the other ways.
    pub(super) weight: u32,
    /// Natural width of the digit for height 1.
    pub(super) width: f32,
    /// The paths, the pen being lifted between them.
    pub(super) paths: &'static [&'static [Node]],
}

/// A smooth point.
const fn s(x: f32, y: f32) -> Node {
    Node { x, y, corner: false }
}

/// A corner.
const fn c(x: f32, y: f32) -> Node {
    Node { x, y, corner: true }
}

/// The ways of writing each digit, at the index of its value.
pub(super) const SKELETONS: [&[Variant]; 10] = [ZERO, ONE, TWO, THREE, FOUR, FIVE, SIX, SEVEN, EIGHT, NINE];

#[rustfmt::skip]
const ZERO: &[Variant] = &[
    // A round oval that closes.
    Variant { weight: 5, width: 0.8, paths: &[&[
        s(0.55, 0.0), s(0.2, 0.13), s(0.0, 0.52), s(0.18, 0.88), s(0.5, 1.0), s(0.85, 0.84), s(1.0, 0.45),
        s(0.82, 0.1), s(0.5, 0.01),
    ]] },
    // Begun at the right, with a hook over the closing.
    Variant { weight: 3, width: 0.7, paths: &[&[
        s(0.7, 0.1), s(0.35, 0.08), s(0.05, 0.42), s(0.08, 0.8), s(0.4, 1.0), s(0.8, 0.86), s(1.0, 0.45),
        s(0.85, 0.1), s(0.55, 0.0), s(0.4, 0.12),
    ]] },
    // Hurried: narrow, not quite closed.
    Variant { weight: 1, width: 0.6, paths: &[&[
        s(0.5, 0.05), s(0.1, 0.3), s(0.02, 0.7), s(0.35, 0.99), s(0.8, 0.85), s(1.0, 0.4), s(0.75, 0.0),
    ]] },
];

#[rustfmt::skip]
const ONE: &[Variant] = &[
    // A bare stroke.
    Variant { weight: 14, width: 0.5, paths: &[&[s(0.5, 0.0), s(0.5, 0.5), s(0.5, 1.0)]] },
    // With a flag.
    Variant { weight: 3, width: 0.5, paths: &[&[s(0.1, 0.26), s(0.3, 0.16), c(0.55, 0.0), s(0.55, 0.5), s(0.55, 1.0)]] },
    // With flag and foot.
    Variant { weight: 2, width: 0.7, paths: &[
        &[s(0.15, 0.24), c(0.5, 0.0), s(0.5, 0.5), s(0.5, 1.0)],
        &[s(0.05, 1.0), s(0.5, 0.99), s(0.95, 0.98)],
    ] },
];

#[rustfmt::skip]
const TWO: &[Variant] = &[
    // With a sharp corner below.
    Variant { weight: 4, width: 0.75, paths: &[&[
        s(0.1, 0.2), s(0.35, 0.01), s(0.7, 0.05), s(0.82, 0.28), s(0.62, 0.57), s(0.3, 0.84), c(0.03, 0.98),
        s(0.5, 0.97), s(1.0, 0.95),
    ]] },
    // With a loop below.
    Variant { weight: 4, width: 0.85, paths: &[&[
        s(0.1, 0.22), s(0.32, 0.02), s(0.68, 0.04), s(0.77, 0.28), s(0.6, 0.6), s(0.32, 0.9), s(0.08, 0.95),
        s(0.04, 0.8), s(0.25, 0.75), s(0.55, 0.88), s(0.8, 0.96), s(1.0, 0.88),
    ]] },
    // Round, the base a wave.
    Variant { weight: 2, width: 0.8, paths: &[&[
        s(0.08, 0.3), s(0.25, 0.04), s(0.62, 0.0), s(0.85, 0.2), s(0.72, 0.5), s(0.35, 0.78), c(0.05, 0.96),
        s(0.3, 0.88), s(0.62, 0.98), s(0.98, 0.92),
    ]] },
];

#[rustfmt::skip]
const THREE: &[Variant] = &[
    // Two bows with a sharp waist.
    Variant { weight: 5, width: 0.68, paths: &[&[
        s(0.1, 0.14), s(0.42, 0.0), s(0.8, 0.1), s(0.8, 0.32), c(0.4, 0.46), s(0.82, 0.54), s(0.97, 0.77),
        s(0.65, 0.98), s(0.3, 0.99), s(0.02, 0.86),
    ]] },
    // The waist a small loop.
    Variant { weight: 3, width: 0.7, paths: &[&[
        s(0.08, 0.1), s(0.5, 0.0), s(0.85, 0.16), s(0.65, 0.4), s(0.38, 0.5), s(0.4, 0.43), s(0.75, 0.5),
        s(0.98, 0.75), s(0.7, 0.98), s(0.3, 0.98), s(0.0, 0.82),
    ]] },
    // Flat roof.
    Variant { weight: 1, width: 0.72, paths: &[&[
        s(0.08, 0.04), s(0.45, 0.04), c(0.88, 0.02), c(0.42, 0.4), s(0.82, 0.5), s(0.95, 0.76), s(0.6, 0.99), s(0.05, 0.9),
    ]] },
];

#[rustfmt::skip]
const FOUR: &[Variant] = &[
    // Open: an angle, then the stem.
    Variant { weight: 5, width: 0.72, paths: &[
        &[s(0.2, 0.03), s(0.1, 0.3), c(0.06, 0.56), s(0.45, 0.55), s(0.98, 0.5)],
        &[s(0.82, 0.0), s(0.76, 0.5), s(0.72, 1.0)],
    ] },
    // Open and round.
    Variant { weight: 3, width: 0.68, paths: &[
        &[s(0.1, 0.04), s(0.02, 0.32), s(0.2, 0.52), s(0.55, 0.5), s(0.8, 0.36)],
        &[s(0.92, 0.0), s(0.84, 0.45), s(0.78, 1.0)],
    ] },
    // Closed, with a long bar.
    Variant { weight: 3, width: 0.75, paths: &[
        &[s(0.68, 0.0), s(0.4, 0.3), c(0.02, 0.64), s(0.5, 0.63), s(1.0, 0.6)],
        &[s(0.7, 0.02), s(0.68, 0.5), s(0.65, 1.0)],
    ] },
];

#[rustfmt::skip]
const FIVE: &[Variant] = &[
    // In one go, the roof first.
    Variant { weight: 3, width: 0.72, paths: &[&[
        s(0.98, 0.02), s(0.6, 0.03), c(0.24, 0.05), c(0.17, 0.42), s(0.5, 0.37), s(0.86, 0.55), s(0.86, 0.84),
        s(0.5, 1.0), s(0.02, 0.92),
    ]] },
    // Body first, then the roof, which may miss it.
    Variant { weight: 4, width: 0.78, paths: &[
        &[s(0.25, 0.06), s(0.22, 0.24), c(0.14, 0.44), s(0.48, 0.42), s(0.8, 0.6), s(0.76, 0.88), s(0.4, 1.0), s(0.0, 0.9)],
        &[s(0.24, 0.06), s(0.6, 0.04), s(1.0, 0.0)],
    ] },
    // Hurried: nearly an S.
    Variant { weight: 2, width: 0.75, paths: &[&[
        s(1.0, 0.02), s(0.55, 0.04), s(0.28, 0.18), s(0.35, 0.4), s(0.66, 0.55), s(0.74, 0.8), s(0.42, 1.0), s(0.0, 0.92),
    ]] },
];

#[rustfmt::skip]
const SIX: &[Variant] = &[
    // A bow that curls in.
    Variant { weight: 5, width: 0.65, paths: &[&[
        s(0.78, 0.0), s(0.36, 0.22), s(0.06, 0.6), s(0.16, 0.92), s(0.52, 1.0), s(0.92, 0.84), s(0.88, 0.62),
        s(0.5, 0.55), s(0.14, 0.74),
    ]] },
    // Nearly straight, with a small loop.
    Variant { weight: 3, width: 0.6, paths: &[&[
        s(0.5, 0.0), s(0.2, 0.35), s(0.04, 0.75), s(0.25, 0.98), s(0.68, 0.97), s(0.92, 0.78), s(0.7, 0.62), s(0.35, 0.7),
        s(0.12, 0.86),
    ]] },
];

#[rustfmt::skip]
const SEVEN: &[Variant] = &[
    // Plain.
    Variant { weight: 6, width: 0.72, paths: &[&[
        s(0.02, 0.1), s(0.45, 0.06), c(0.95, 0.04), s(0.7, 0.45), s(0.45, 1.0),
    ]] },
    // Rounded corner.
    Variant { weight: 3, width: 0.68, paths: &[&[
        s(0.02, 0.16), s(0.35, 0.05), s(0.82, 0.03), s(0.88, 0.2), s(0.66, 0.55), s(0.52, 1.0),
    ]] },
    // With a bar.
    Variant { weight: 2, width: 0.75, paths: &[
        &[s(0.05, 0.08), s(0.5, 0.05), c(0.92, 0.03), s(0.62, 0.48), s(0.4, 1.0)],
        &[s(0.28, 0.52), s(0.62, 0.5), s(0.95, 0.47)],
    ] },
    // With a serif.
    Variant { weight: 2, width: 0.7, paths: &[&[
        s(0.02, 0.24), c(0.06, 0.05), s(0.5, 0.07), c(0.95, 0.02), s(0.72, 0.5), s(0.6, 1.0),
    ]] },
];

#[rustfmt::skip]
const EIGHT: &[Variant] = &[
    // An S that closes.
    Variant { weight: 6, width: 0.62, paths: &[&[
        s(0.82, 0.12), s(0.5, 0.0), s(0.16, 0.14), s(0.24, 0.36), s(0.56, 0.52), s(0.86, 0.74), s(0.7, 0.97), s(0.32, 0.99),
        s(0.1, 0.8), s(0.34, 0.58), s(0.66, 0.4), s(0.9, 0.16), s(0.78, 0.05),
    ]] },
    // Two rings.
    Variant { weight: 2, width: 0.66, paths: &[
        &[s(0.5, 0.0), s(0.18, 0.1), s(0.2, 0.36), s(0.52, 0.47), s(0.84, 0.34), s(0.8, 0.08), s(0.48, 0.0)],
        &[s(0.5, 0.46), s(0.12, 0.62), s(0.14, 0.9), s(0.5, 1.0), s(0.9, 0.88), s(0.88, 0.6), s(0.5, 0.46)],
    ] },
    // Hurried: begun at the right, open at the top.
    Variant { weight: 2, width: 0.58, paths: &[&[
        s(0.95, 0.08), s(0.5, 0.02), s(0.2, 0.2), s(0.5, 0.46), s(0.84, 0.74), s(0.6, 0.99), s(0.2, 0.92), s(0.22, 0.68),
        s(0.6, 0.42), s(0.98, 0.0),
    ]] },
];

#[rustfmt::skip]
const NINE: &[Variant] = &[
    // A ring, then a straight stem.
    Variant { weight: 5, width: 0.64, paths: &[&[
        s(0.86, 0.16), s(0.5, 0.0), s(0.1, 0.18), s(0.12, 0.42), s(0.5, 0.48), s(0.82, 0.26), c(0.92, 0.08), s(0.84, 0.5),
        s(0.76, 1.0),
    ]] },
    // The stem bends to the left.
    Variant { weight: 3, width: 0.66, paths: &[&[
        s(0.88, 0.2), s(0.55, 0.0), s(0.12, 0.14), s(0.1, 0.4), s(0.48, 0.48), s(0.84, 0.26), s(0.95, 0.3), s(0.9, 0.66),
        s(0.6, 0.96), s(0.15, 0.98),
    ]] },
    // Closed by the stem in one smooth go.
    Variant { weight: 2, width: 0.6, paths: &[&[
        s(0.8, 0.06), s(0.4, 0.04), s(0.06, 0.28), s(0.26, 0.46), s(0.66, 0.32), s(0.9, 0.04), s(0.78, 0.5), s(0.5, 1.0),
    ]] },
];
