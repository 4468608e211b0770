//! One gate of a toy: the gate gradient of the loss between closed and open, its integral, and what each estimator's mean
//! gradient amounts to as an estimate of that integral.
//!
//! For a Bernoulli gate `∂E f/∂a = p(1 − p)·∫₀¹ f′(b) db = p(1 − p)·(f(1) − f(0))`. So the mean gradient of any estimator,
//! divided by `p(1 − p)`, is its estimate of the integral (the area under f′).

use serde::{Deserialize, Serialize};

use super::exact::is_bernoulli;
use super::finite;
use super::metrics::Row;
use super::quadrature::{MeanVariance, mean_and_variance};
use super::toy::Toy;
use super::toy_spec::{LabError, ToySpec, make};
use gatelab_kernels::{logit, sigmoid};

/// Number of values of b at which the gate gradient is reported.
const POINTS: usize = 65;

/// What one estimator does on one gate, without sampling.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GateAnalysis {
    /// Id of the estimator.
    pub estimator: String,
    /// Mean and variance of its gradient, by quadrature over its random numbers; `None` if that takes too many nodes.
    pub exact: Option<MeanVariance>,
    /// `E ĝ / (p(1−p))`: its mean estimate of the area `f(1) − f(0)`; `None` if its gate is not Bernoulli(σ(a)).
    pub area: Option<f64>,
}

/// The first gate of a toy, and the measurements on all of its gates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ToyView {
    /// `∂f/∂b` of the first gate at 65 evenly spaced b from 0 to 1, the other gates at their likelier state.
    #[serde(with = "finite")]
    pub slope: Vec<f64>,
    /// `f(1) − f(0)` of the first gate, the integral of that.
    #[serde(with = "finite")]
    pub area: f64,
    /// The first entry of the reference gradient for Bernoulli gates.
    #[serde(with = "finite")]
    pub gradient: f64,
    /// Whether that entry is exact; an average over draws otherwise.
    pub gradient_is_exact: bool,
    /// Analyses that are done so far; empty for several gates.
    pub analyses: Vec<GateAnalysis>,
    /// Measurements of the draws, in the order of the specification.
    pub rows: Vec<Row>,
}

/// The view of a toy after some draws. The caller keeps the `analyses`, which may take long and do not depend on the draws.
///
/// # Errors
/// A specification that is out of range.
pub fn view(spec: &ToySpec, toy: &Toy, analyses: Vec<GateAnalysis>) -> Result<ToyView, LabError> {
    spec.check()?;
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
    let reference = toy.bernoulli();
    let (gradient, gradient_is_exact) = (reference.gradient()[0], reference.is_exact());
    Ok(ToyView { slope, area, gradient, gradient_is_exact, analyses, rows: toy.rows() })
}

/// Analyses one estimator on a toy of one gate.
///
/// # Errors
/// A specification that is out of range or has several gates, an unknown estimator, a knob that it refuses.
pub fn analyse(spec: &ToySpec, id: &str) -> Result<GateAnalysis, LabError> {
    spec.check()?;
    let &[p] = spec.p.as_slice() else {
        let found = spec.p.len().to_string();
        return Err(LabError::Range { what: "gates", found, expected: "one gate" });
    };
    let a: f64 = logit(p);
    let mut estimator = make(id, &spec.knobs)?;
    let objective = spec.objective.build(1);
    let exact = mean_and_variance(estimator.as_mut(), objective.as_ref(), p);
    let bernoulli = is_bernoulli(&estimator.distribution(a), a);
    let width = sigmoid::<f64>(a) * sigmoid::<f64>(-a);
    let area = exact.filter(|_| bernoulli).map(|exact| exact.mean / width);
    Ok(GateAnalysis { estimator: id.to_owned(), exact, area })
}
