//! Shared by the tests of the engine: scripted randomness, toy losses, sums over everything an estimator can draw,
//! quadrature, and finite differences.

#![allow(dead_code, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that fails here has found something")]

pub(crate) mod checks;
pub(crate) mod differences;
pub(crate) mod files;
pub(crate) mod integral;
pub(crate) mod network;
pub(crate) mod perturbation;
pub(crate) mod quadrature;
pub(crate) mod rules;
pub(crate) mod runs;
pub(crate) mod script;
pub(crate) mod states;
pub(crate) mod toy;

use std::collections::BTreeMap;

use gatelab_engine::estimator::{Estimator, Sizes, StateTensor, registry};
use gatelab_engine::schema::Value;
use gatelab_kernels::Matrix;

/// An estimator of the registry in `f64`, its knobs as built in.
pub(crate) fn make(id: &str) -> Box<dyn Estimator<f64>> {
    registry::make(id).unwrap_or_else(|| panic!("no estimator {id}"))
}

/// The same with knobs.
pub(crate) fn make_with(id: &str, knobs: &[(&str, Value)]) -> Box<dyn Estimator<f64>> {
    let mut estimator = make(id);
    let knobs: BTreeMap<String, Value> = knobs.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect();
    estimator.configure(&knobs);
    estimator
}

/// A number knob's value.
pub(crate) fn number(x: f64) -> Value {
    Value::Number(x)
}

/// A choice knob's value.
pub(crate) fn choice(name: &str) -> Value {
    Value::Choice(name.to_owned())
}

/// `1/(1+e^{−a})` as in a textbook: what the engine's own function is compared with.
pub(crate) fn plain_sigmoid(a: f64) -> f64 {
    1.0 / (1.0 + (-a).exp())
}

/// The logit of `p`.
pub(crate) fn plain_logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

/// Fails unless both are within `tolerance` of each other; NaN fails.
#[track_caller]
pub(crate) fn assert_close(found: f64, expected: f64, tolerance: f64, what: &str) {
    assert!((found - expected).abs() <= tolerance, "{what}: found {found:e}, expected {expected:e} ± {tolerance:e}");
}

/// Fails unless `found` rounds to the number printed, whose last digit is worth `unit`.
#[track_caller]
pub(crate) fn assert_printed(found: f64, printed: f64, unit: f64, what: &str) {
    assert_close(found, printed, 0.5 * unit * (1.0 + 1e-6), what);
}

/// `f` of two matrices of one shape, entry by entry.
pub(crate) fn combined(a: &Matrix<f64>, b: &Matrix<f64>, f: impl Fn(f64, f64) -> f64) -> Matrix<f64> {
    assert_eq!(a.dim(), b.dim());
    Matrix::from_vec(a.dim(), a.iter().zip(b).map(|(&a, &b)| f(a, b)).collect())
}

/// Gives an estimator of a toy with this many gates, of one unit each, its initial state, but for the tensors that are given.
pub(crate) fn set_state(estimator: &mut dyn Estimator<f64>, gates: usize, given: &[(&str, &[f64])]) {
    estimator.reset_state(Sizes { gates, units: gates }, 0);
    let own: Vec<_> =
        estimator.state().iter().map(|own| (own.name.to_owned(), own.shape, own.values.to_vec())).collect();
    for (name, _) in given {
        assert!(own.iter().any(|own| own.0 == *name), "no tensor {name}");
    }
    let tensors = own.iter().map(|(name, shape, values)| {
        let given = given.iter().find(|given| given.0 == name);
        StateTensor { name, shape: *shape, values: given.map_or(&values[..], |given| given.1) }
    });
    estimator.load_state(&tensors.collect::<Vec<_>>()).unwrap();
}

/// The entries of a tensor of an estimator's learned state.
pub(crate) fn state_of(estimator: &dyn Estimator<f64>, name: &str) -> Vec<f64> {
    let state = estimator.state();
    let tensor = state.iter().find(|tensor| tensor.name == name);
    tensor.unwrap_or_else(|| panic!("no tensor {name}")).values.to_vec()
}
