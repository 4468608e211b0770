//! Colours for data: estimators (identity), probabilities (shade), signed values (diverging).
//!
//! The constants here are the source; `static/hues.css` repeats the identity colours for markup, and tests check that
//! both agree, the contrast of every line colour against its panel, and the colour differences under colour blindness.

use std::ops::Range;

use gatelab_engine::estimator::{Family, registry};

/// A colour, eight bits a channel, sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb {
    /// Red.
    pub r: u8,
    /// Green.
    pub g: u8,
    /// Blue.
    pub b: u8,
}

impl Rgb {
    /// From `0xRRGGBB`.
    pub const fn hex(value: u32) -> Self {
        Self { r: (value >> 16) as u8, g: (value >> 8) as u8, b: value as u8 }
    }

    /// From `#rgb`, `#rrggbb` or `rgb(r, g, b)`, as custom properties and computed styles have it.
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(digits) = text.strip_prefix('#') {
            let value = u32::from_str_radix(digits, 16).ok()?;
            return match digits.len() {
                3 => Some(Self {
                    r: ((value >> 8 & 15) * 17) as u8,
                    g: ((value >> 4 & 15) * 17) as u8,
                    b: ((value & 15) * 17) as u8,
                }),
                6 => Some(Self::hex(value)),
                _ => None,
            };
        }
        let inner = text.strip_prefix("rgb(")?.strip_suffix(')')?;
        let mut parts = inner.split([',', ' ']).filter(|part| !part.is_empty()).map(str::parse);
        let mut next = || parts.next()?.ok();
        Some(Self { r: next()?, g: next()?, b: next()? })
    }

    /// As CSS writes it.
    pub fn css(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.r, self.g, self.b)
    }

    /// Interpolates to another colour, `t` in 0..=1.
    #[must_use]
    pub fn towards(self, other: Self, t: f32) -> Self {
        let mix = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * t.clamp(0.0, 1.0)).round() as u8;
        Self { r: mix(self.r, other.r), g: mix(self.g, other.g), b: mix(self.b, other.b) }
    }

    /// Relative luminance, 0..=1 (WCAG).
    pub fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let x = f64::from(channel) / 255.0;
            if x <= 0.04045 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * linear(self.r) + 0.7152 * linear(self.g) + 0.0722 * linear(self.b)
    }

    /// Contrast against another colour, 1..=21 (WCAG).
    pub fn contrast(self, other: Self) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }
}

/// An identity colour, for both themes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hue {
    /// On light panels.
    pub light: Rgb,
    /// On dark panels.
    pub dark: Rgb,
}

const fn both(light: u32, dark: u32) -> Hue {
    Hue { light: Rgb::hex(light), dark: Rgb::hex(dark) }
}

/// The identity colours. `--hue-0` … in the style sheet. First colours that differ under every colour blindness, then
/// grey for unknown estimators, then the shades of the families, which name and dash distinguish further.
pub const HUES: [Hue; 33] = [
    both(0x2a6ad0, 0x5d93fa),
    both(0xcf2a6d, 0xef4a76),
    both(0x707000, 0xecb31c),
    both(0x0b4136, 0x5cf0b8),
    both(0x571782, 0xe5ccfa),
    both(0x8a8f99, 0x969aa2),
    both(0x007860, 0x90d8c0),
    both(0x0c48fc, 0x9084cc),
    both(0x606ca8, 0x78c0cc),
    both(0x006060, 0x00cca8),
    both(0x003cb4, 0x54a8fc),
    both(0x24486c, 0xa8f0e4),
    both(0x4860fc, 0xa8b4fc),
    both(0x545490, 0x9cc0e4),
    both(0x005448, 0x489c84),
    both(0x1860a8, 0x78d8d8),
    both(0x2478c0, 0x48b4b4),
    both(0x90003c, 0xf08460),
    both(0x603000, 0xcca884),
    both(0xa80c84, 0xc07884),
    both(0x9c6090, 0xf090c0),
    both(0x783c54, 0xd86c60),
    both(0xe41848, 0xcc843c),
    both(0x6c1824, 0xfcc09c),
    both(0x78603c, 0xfce400),
    both(0x6c783c, 0xccc06c),
    both(0x604824, 0xc09c00),
    both(0x3c6000, 0xa8e460),
    both(0x546c24, 0xe4f084),
    both(0x3c3054, 0xcc90d8),
    both(0xcc18c0, 0xf054e4),
    both(0x000cb4, 0x9c84b4),
    both(0x0018fc, 0xccc0fc),
];

/// How many of [`HUES`], from the first, differ under every colour blindness: the main estimators and grey.
const PLAIN: usize = 6;
/// The grey one.
const GREY: usize = PLAIN - 1;

/// Backgrounds of the panels, light and dark.
pub const PANEL: Hue = both(0xffffff, 0x171a20);

/// Estimators with a colour of their own. A colour never changes its estimator, so that it stays familiar.
const OWN: &[(&str, usize)] = &[
    ("st", 0),
    ("reinforce", 1),
    ("sts", 2),
    ("noisy-rectifier", 3),
    ("sigmoid", 4),
    ("st-sigmoid", 6),
    ("reinmax", 7),
    ("st-gumbel", 8),
    ("st-on-only", 9),
    ("sts-released", 10),
    ("st-masked", 11),
    ("st-default-expert", 12),
    ("st-slope", 13),
    ("st-hard-sigmoid", 14),
    ("st-sampled-off", 15),
    ("semantic-hashing", 16),
    ("reinforce-mean", 17),
    ("rloo", 18),
    ("disarm", 19),
    ("reinforce-optimal", 20),
    ("arm", 21),
    ("leg", 22),
    ("bitflip-1", 23),
    ("muprop", 24),
    ("relax", 25),
    ("rebar", 26),
    ("double-cv", 27),
    ("predicted", 28),
    ("concrete", 29),
    ("rectifier", 30),
    ("hard-concrete", 31),
    ("sigmoid-noise", 32),
];

/// The shades of a family in [`HUES`].
const fn shades(family: Family) -> Range<usize> {
    match family {
        Family::StraightThrough => 6..17,
        Family::ScoreFunction => 17..24,
        Family::ControlVariate => 24..29,
        Family::Pathwise => 29..33,
    }
}

/// The index in [`HUES`] of an estimator: its own colour, or else a shade of its family.
pub fn hue(estimator: &str) -> usize {
    if let Some((_, hue)) = OWN.iter().find(|(id, _)| *id == estimator) {
        return *hue;
    }
    let Some(record) = registry::record(estimator) else { return GREY };
    let mut free: Vec<usize> =
        shades(record.family).filter(|shade| OWN.iter().all(|(_, taken)| taken != shade)).collect();
    if free.is_empty() {
        // All shades are taken: two estimators of the family share one; name and dash distinguish them.
        free.extend(shades(record.family));
    }
    let others = registry::RECORDS.iter().filter(|other| other.family == record.family);
    let mut unnamed = others.filter(|other| OWN.iter().all(|(id, _)| *id != other.id));
    let place = unnamed.position(|other| other.id == estimator).unwrap_or(0);
    place.checked_rem(free.len()).and_then(|place| free.get(place)).copied().unwrap_or(GREY)
}

/// Class that gives an element an estimator's colour as `--c`.
pub fn hue_class(estimator: &str) -> String {
    format!("hue-{}", hue(estimator))
}

/// Dash patterns of kept runs by slot, in CSS pixels; the current run is solid.
pub const DASHES: [&[f64]; 8] = [
    &[7.0, 4.0],
    &[2.0, 3.0],
    &[9.0, 3.0, 2.0, 3.0],
    &[4.0, 4.0],
    &[12.0, 4.0],
    &[1.5, 5.0],
    &[9.0, 3.0, 2.0, 3.0, 2.0, 3.0],
    &[4.0, 2.0],
];

/// The shade of a probability, 0 = background. Slightly raised, so that a rare firing is visible.
#[must_use]
pub fn shade(background: Rgb, full: Rgb, probability: f32) -> Rgb {
    background.towards(full, probability.clamp(0.0, 1.0).powf(0.8))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: &str = include_str!("../../static/hues.css");

    /// Linear RGB as a dichromat sees it: Machado, Oliveira, Fernandes 2009, severity 1.0.
    const EYES: [(&str, [[f64; 3]; 3]); 4] = [
        ("normal", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        (
            "protan",
            [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
        ),
        (
            "deutan",
            [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
        ),
        (
            "tritan",
            [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
        ),
    ];

    fn lab(colour: Rgb, eye: &[[f64; 3]; 3]) -> [f64; 3] {
        let linear = [colour.r, colour.g, colour.b].map(|channel| {
            let x = f64::from(channel) / 255.0;
            if x <= 0.04045 { x / 12.92 } else { ((x + 0.055) / 1.055).powf(2.4) }
        });
        let seen = eye.map(|row| row.iter().zip(linear).map(|(a, b)| a * b).sum::<f64>().clamp(0.0, 1.0));
        let mix = |row: [f64; 3]| row.iter().zip(seen).map(|(a, b)| a * b).sum::<f64>();
        let f = |t: f64| if t > 216.0 / 24389.0 { t.cbrt() } else { (24389.0 / 27.0 * t + 16.0) / 116.0 };
        let x = f(mix([0.412_456_4, 0.357_576_1, 0.180_437_5]) / 0.950_47);
        let y = f(mix([0.212_672_9, 0.715_152_2, 0.072_175]));
        let z = f(mix([0.019_333_9, 0.119_192, 0.950_304_1]) / 1.088_83);
        [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
    }

    /// CIEDE2000.
    fn difference([l1, a1, b1]: [f64; 3], [l2, a2, b2]: [f64; 3]) -> f64 {
        let seventh = |c: f64| (c.powi(7) / (c.powi(7) + 25_f64.powi(7))).sqrt();
        let g = 0.5 * (1.0 - seventh(f64::midpoint(a1.hypot(b1), a2.hypot(b2))));
        let (a1, a2) = (a1 * (1.0 + g), a2 * (1.0 + g));
        let (c1, c2) = (a1.hypot(b1), a2.hypot(b2));
        let (h1, h2) = (b1.atan2(a1).to_degrees().rem_euclid(360.0), b2.atan2(a2).to_degrees().rem_euclid(360.0));
        let turn = (h2 - h1 + 180.0).rem_euclid(360.0) - 180.0;
        let dh = 2.0 * (c1 * c2).sqrt() * (turn / 2.0).to_radians().sin();
        let (l, c) = (f64::midpoint(l1, l2), f64::midpoint(c1, c2));
        let h = (h1 + turn / 2.0).rem_euclid(360.0);
        let cos = |degrees: f64| degrees.to_radians().cos();
        let t =
            1.0 - 0.17 * cos(h - 30.0) + 0.24 * cos(2.0 * h) + 0.32 * cos(3.0 * h + 6.0) - 0.2 * cos(4.0 * h - 63.0);
        let sl = 1.0 + 0.015 * (l - 50.0).powi(2) / (20.0 + (l - 50.0).powi(2)).sqrt();
        let (sc, sh) = (1.0 + 0.045 * c, 1.0 + 0.015 * c * t);
        let rt = -2.0 * seventh(c) * (60.0 * (-((h - 275.0) / 25.0).powi(2)).exp()).to_radians().sin();
        let (l, c, h) = ((l2 - l1) / sl, (c2 - c1) / sc, dh / sh);
        (l * l + c * c + h * h + rt * c * h).sqrt()
    }

    #[test]
    fn colour_difference_is_ciede2000() {
        // Sharma, Wu, Dalal 2005, pairs 1 and 25.
        assert!((difference([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485]) - 2.0425).abs() < 1e-4);
        assert!((difference([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387]) - 1.2644).abs() < 1e-4);
    }

    #[test]
    fn lines_stand_out_from_their_panel() {
        for (index, hue) in HUES.iter().enumerate() {
            for (colour, panel) in [(hue.light, PANEL.light), (hue.dark, PANEL.dark)] {
                let least = if index == GREY { 3.0 } else { 4.5 };
                assert!(colour.contrast(panel) >= least, "hue {index} {}: {}", colour.css(), colour.contrast(panel));
            }
        }
    }

    /// Fails if two colours differ by less than `least` under this colour blindness.
    fn apart(name: &str, eye: &[[f64; 3]; 3], hues: &[Hue], least: f64) {
        for (i, a) in hues.iter().enumerate() {
            for b in hues.iter().skip(i + 1) {
                for (a, b) in [(a.light, b.light), (a.dark, b.dark)] {
                    let apart = difference(lab(a, eye), lab(b, eye));
                    assert!(apart >= least, "{name}: {} and {} are {apart:.1} apart", a.css(), b.css());
                }
            }
        }
    }

    #[test]
    fn plain_hues_stay_apart_for_every_eye_and_shades_for_most() {
        for (name, eye) in &EYES {
            apart(name, eye, &HUES[..PLAIN], 14.0);
        }
        apart("normal", &EYES[0].1, &HUES, 5.5);
    }

    #[test]
    fn the_style_sheet_has_the_same_colours() {
        for (index, hue) in HUES.iter().enumerate() {
            let count = |colour: Rgb| STYLE.matches(&format!("--hue-{index}: {};", colour.css())).count();
            assert_eq!(count(hue.light), 1, "--hue-{index} of the light theme");
            assert_eq!(count(hue.dark), 2, "--hue-{index} of the dark theme, by system and by choice");
            assert!(STYLE.contains(&format!(".hue-{index} {{ --c: var(--hue-{index}); }}")));
        }
    }

    #[test]
    fn the_style_sheet_has_the_same_panels() {
        let shell = include_str!("../../static/style.css");
        assert!(shell.contains(&format!("--panel: {};", PANEL.light.css())));
        assert!(shell.contains(&format!("--panel: {};", PANEL.dark.css())));
    }

    #[test]
    fn every_estimator_has_a_hue_and_those_with_a_place_their_own() {
        let mut owners = vec![Vec::new(); HUES.len()];
        for record in registry::RECORDS {
            owners[hue(record.id)].push(record.id);
        }
        assert!(owners[GREY].is_empty(), "only the fallback: {:?}", owners[GREY]);
        // A new estimator may share a shade of its family until it has a place in `OWN`; two with a place may not.
        let named = |id: &&&str| OWN.iter().any(|(own, _)| own == *id);
        let shared: Vec<_> = owners.iter().filter(|ids| ids.iter().filter(named).count() > 1).collect();
        assert!(shared.is_empty(), "one colour for {shared:?}");
        assert_eq!(hue("no such estimator"), GREY);
    }

    #[test]
    fn colours_are_given_within_the_family() {
        for (id, hue) in OWN {
            let record = registry::record(id).unwrap_or_else(|| panic!("no estimator is called {id}"));
            assert!(*hue < PLAIN || shades(record.family).contains(hue), "{id}");
        }
    }

    #[test]
    fn shades_belong_to_one_family() {
        let families = [Family::StraightThrough, Family::ScoreFunction, Family::ControlVariate, Family::Pathwise];
        let all: Vec<usize> = families.into_iter().flat_map(shades).collect();
        assert_eq!(all, (PLAIN..HUES.len()).collect::<Vec<_>>());
    }

    #[test]
    fn colours_are_read_as_written() {
        assert_eq!(Rgb::parse("#2f73da"), Some(Rgb::hex(0x2f_73_da)));
        assert_eq!(Rgb::parse("#fff"), Some(Rgb::hex(0xff_ff_ff)));
        assert_eq!(Rgb::parse("rgb(47, 115, 218)"), Some(Rgb::hex(0x2f_73_da)));
        assert_eq!(Rgb::parse("tomato"), None);
    }

    #[test]
    fn no_probability_is_no_colour() {
        let (ground, full) = (PANEL.light, HUES[0].light);
        assert_eq!((shade(ground, full, 0.0), shade(ground, full, 1.0)), (ground, full));
    }
}
