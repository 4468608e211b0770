//! Colours that carry meaning: who (estimators), how much (probabilities), and which way (signed values).
//!
//! The constants here are the source; `static/panels.css` repeats the identity colours for markup, and a test compares the
//! two, the contrast of every line colour against its panel, and how far apart the colours stay for colour-blind eyes.

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

    /// The way from this colour to another, `t` in 0..=1.
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

/// The identity colours. `--hue-0` … in the style sheet.
pub const HUES: [Hue; 6] = [
    both(0x2f73da, 0x66b2ff),
    both(0xda2f73, 0xff7ba8),
    both(0x707000, 0xe6b800),
    both(0x0b4136, 0x66ffc2),
    both(0x571782, 0xbeb5e3),
    both(0x5d6470, 0xa3a8b3),
];

/// Panels, on which lines are drawn: light and dark.
pub const PANEL: Hue = both(0xffffff, 0x171a20);

/// Which of [`HUES`] an estimator has.
pub fn hue(estimator: &str) -> usize {
    match estimator {
        "st" | "st-sigmoid" => 0,
        "reinforce" | "reinforce-mean" | "reinforce-optimal" => 1,
        "sts" | "sts-released" => 2,
        "noisy-rectifier" | "rectifier" => 3,
        "sigmoid" | "sigmoid-noise" => 4,
        _ => 5,
    }
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

/// The shade of a probability, 0 = background. Slightly lifted, so that a rare firing is still seen.
#[must_use]
pub fn shade(background: Rgb, full: Rgb, probability: f32) -> Rgb {
    background.towards(full, probability.clamp(0.0, 1.0).powf(0.8))
}
