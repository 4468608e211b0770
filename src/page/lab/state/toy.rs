//! A toy of equal gates, as set by the user.

use std::collections::BTreeMap;

use gatelab_engine::lab::{ObjectiveKind, ToySpec};
use gatelab_engine::schema::Value;

/// Least distance of firing probabilities from 0 and 1.
const EDGE: f64 = 1e-4;
/// Most gates.
pub const MOST_GATES: usize = 8;

/// The formula of the loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Spelling {
    /// `(b − t)²`.
    #[default]
    Square,
    /// `t² + (1 − 2t) b`: the same values at 0 and 1.
    Line,
    /// Any two values, and a bend between them.
    Values,
}

/// The gate and its loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Toy {
    /// The formula of the loss.
    pub spelling: Spelling,
    /// t of the first two formulas.
    pub t: f64,
    /// f₀ of the third formula.
    pub closed: f64,
    /// f₁.
    pub open: f64,
    /// κ.
    pub bend: f64,
    /// Firing probability of each gate.
    pub p: f64,
    /// Number of gates.
    pub gates: usize,
    /// Temperature of all estimators that have one; `None` for their defaults.
    pub temperature: Option<f64>,
}

impl Default for Toy {
    /// A toy on which straight-through moves the gate in the wrong direction.
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
    /// Applies a change.
    pub(super) fn set(&mut self, edit: ToyEdit) {
        match edit {
            ToyEdit::Spelling(spelling) => self.spelling = spelling,
            ToyEdit::Target(t) => self.t = t,
            ToyEdit::Closed(value) => self.closed = value,
            ToyEdit::Open(value) => self.open = value,
            ToyEdit::Bend(bend) => self.bend = bend,
            ToyEdit::Probability(p) => self.p = p.clamp(EDGE, 1.0 - EDGE),
            ToyEdit::Gates(gates) => self.gates = gates.clamp(1, MOST_GATES),
            ToyEdit::Temperature(temperature) => self.temperature = temperature,
        }
    }

    /// The loss.
    pub fn objective(&self) -> ObjectiveKind {
        match self.spelling {
            Spelling::Square => ObjectiveKind::Power { target: self.t, power: 2.0 },
            Spelling::Line => ObjectiveKind::Line { target: self.t },
            Spelling::Values => ObjectiveKind::Values { closed: self.closed, open: self.open, bend: self.bend },
        }
    }

    /// The specification for these estimators.
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

    /// The firing probability with the smallest expected loss, 0 or 1; `None` if f(0) = f(1).
    pub fn optimum(&self) -> Option<f64> {
        let area = self.area();
        (area != 0.0).then_some(if area > 0.0 { 0.0 } else { 1.0 })
    }
}

/// A change of the toy.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ToyEdit {
    /// The formula of the loss.
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
    /// Temperature, or `None` for the defaults.
    Temperature(Option<f64>),
}
