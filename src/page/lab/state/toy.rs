//! A gate and its loss, as the user has set them.

use std::collections::BTreeMap;

use gatelab_engine::lab::{ObjectiveKind, ToySpec};
use gatelab_engine::schema::Value;

/// Firing probabilities are kept this far from 0 and 1.
const EDGE: f64 = 1e-4;
/// Gates there may be.
pub const MOST_GATES: usize = 8;

/// How the loss is written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spelling {
    /// `(b − t)²`.
    #[default]
    Square,
    /// `t² + (1 − 2t) b`: the same values at 0 and 1.
    Line,
    /// Values of one's own, and a bend between them.
    Values,
}

/// The gate and its loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Toy {
    /// How the loss is written.
    pub spelling: Spelling,
    /// t of the first two spellings.
    pub t: f64,
    /// f₀ of the third.
    pub closed: f64,
    /// f₁.
    pub open: f64,
    /// κ.
    pub bend: f64,
    /// Firing probability of each gate.
    pub p: f64,
    /// Number of gates.
    pub gates: usize,
    /// Temperature of those that have one; `None` leaves each its own.
    pub temperature: Option<f64>,
}

impl Default for Toy {
    /// Where straight-through, which takes the slopes at the ends for the area, walks the wrong way.
    fn default() -> Self {
        Self {
            spelling: Spelling::Square,
            t: 0.45,
            closed: 0.2,
            open: 0.6,
            bend: 2.0,
            p: 0.3,
            gates: 1,
            temperature: None,
        }
    }
}

impl Toy {
    /// Makes it otherwise.
    pub(super) fn set(&mut self, wish: Wish) {
        match wish {
            Wish::Spelling(spelling) => self.spelling = spelling,
            Wish::Target(t) => self.t = t,
            Wish::Closed(value) => self.closed = value,
            Wish::Open(value) => self.open = value,
            Wish::Bend(bend) => self.bend = bend,
            Wish::Probability(p) => self.p = p.clamp(EDGE, 1.0 - EDGE),
            Wish::Gates(gates) => self.gates = gates.clamp(1, MOST_GATES),
            Wish::Temperature(temperature) => self.temperature = temperature,
        }
    }

    /// The loss, for engine and picture alike.
    pub fn objective(&self) -> ObjectiveKind {
        match self.spelling {
            Spelling::Square => ObjectiveKind::Power { target: self.t, power: 2.0 },
            Spelling::Line => ObjectiveKind::Line { target: self.t },
            Spelling::Values => ObjectiveKind::Values { closed: self.closed, open: self.open, bend: self.bend },
        }
    }

    /// For these estimators.
    pub fn spec(&self, estimators: &[&'static str], seed: u64) -> ToySpec {
        let mut knobs = BTreeMap::new();
        if let Some(temperature) = self.temperature {
            knobs.insert("temperature".to_owned(), Value::Number(temperature));
        }
        let estimators = estimators.iter().map(|id| (*id).to_owned()).collect();
        ToySpec { objective: self.objective(), p: vec![self.p; self.gates], estimators, knobs, seed }
    }

    /// `f′` of one gate at b.
    pub fn slope(&self, b: f64) -> f64 {
        let mut slope = [0.0];
        self.objective().build(1).slopes(&[b], &mut slope);
        slope[0]
    }

    /// `f` of one gate at b.
    pub fn value(&self, b: f64) -> f64 {
        self.objective().build(1).value(&[b])
    }

    /// The area under the slope, `f(1) − f(0)`.
    pub fn area(&self) -> f64 {
        self.value(1.0) - self.value(0.0)
    }

    /// The firing probability at which the expected loss is smallest; there is none where open and shut are alike.
    pub fn optimum(&self) -> Option<f64> {
        let area = self.area();
        (area != 0.0).then_some(if area > 0.0 { 0.0 } else { 1.0 })
    }
}

/// One gate is to be otherwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Wish {
    /// How the loss is written.
    Spelling(Spelling),
    /// t.
    Target(f64),
    /// f₀.
    Closed(f64),
    /// f₁.
    Open(f64),
    /// κ.
    Bend(f64),
    /// p.
    Probability(f64),
    /// Number of gates.
    Gates(usize),
    /// Temperature, or everybody's own.
    Temperature(Option<f64>),
}
