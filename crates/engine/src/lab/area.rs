//! One gate, looked at from inside: the slope of the loss between closed and open, the area under it, and what each rule takes
//! that area for.

use serde::{Deserialize, Serialize};

use super::exact::is_bernoulli;
use super::metrics::Row;
use super::randomness::{OneGate, one_gate};
use super::toy::{LabError, Toy, ToySpec, make};
use gatelab_kernels::{logit, sigmoid};

/// Points at which the slope is given.
const POINTS: usize = 65;

/// What one estimator makes of one gate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Guess {
    /// Its id.
    pub estimator: String,
    /// Mean and variance of its estimate, by quadrature over its own random numbers; `None` where there are too many.
    pub exact: Option<OneGate>,
    /// `E ĝ / p(1−p)`: the height of the rectangle it takes the area for, on average; `None` where its gate is no plain coin.
    pub area: Option<f64>,
}

/// One gate of a toy, and what was measured on all of its gates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToyView {
    /// `∂f/∂b` of the first gate at evenly spaced b in 0..=1, the others as they are likeliest.
    pub slope: Vec<f64>,
    /// The area under it: `f(1) − f(0)`.
    pub area: f64,
    /// `p(1−p)` times the area for one gate; for several the first gate's exact gradient.
    pub gradient: f64,
    /// What each rule takes the area for, as far as it is known; empty for several gates.
    pub guesses: Vec<Guess>,
    /// What the draws say, in the same order.
    pub rows: Vec<Row>,
}

/// The view of a toy from whose estimators draws have been taken, with what is known of their guesses: a guess may take long,
/// and stays the same while draws are added, so the caller keeps them.
pub fn view(spec: &ToySpec, toy: &Toy, guesses: Vec<Guess>) -> ToyView {
    let n = spec.p.len();
    let objective = spec.objective.build(n);
    let mut gates: Vec<f64> = spec.p.iter().map(|p| f64::from(u8::from(*p > 0.5))).collect();
    let mut slopes = vec![0.0; n];
    let mut slope = Vec::with_capacity(POINTS);
    for k in 0..POINTS {
        gates[0] = k as f64 / (POINTS - 1) as f64;
        objective.slopes(&gates, &mut slopes);
        slope.push(slopes[0]);
    }
    let mut at = |b: f64| {
        gates[0] = b;
        objective.value(&gates)
    };
    let area = at(1.0) - at(0.0);
    let gradient = toy.bernoulli().gradient().first().copied().unwrap_or_default();
    ToyView { slope, area, gradient, guesses, rows: toy.rows() }
}

/// One rule on a toy of one gate.
pub fn guess(spec: &ToySpec, id: &str) -> Result<Guess, LabError> {
    let p = spec.p.first().copied().unwrap_or(0.5);
    let a: f64 = logit(p);
    let mut estimator = make(id, &spec.knobs)?;
    let objective = spec.objective.build(1);
    let exact = one_gate(estimator.as_mut(), objective.as_ref(), p);
    let coin = is_bernoulli(&estimator.distribution(a), a);
    let width = sigmoid::<f64>(a) * sigmoid::<f64>(-a);
    let area = exact.filter(|_| coin).map(|exact| exact.mean / width);
    Ok(Guess { estimator: id.to_owned(), exact, area })
}
