//! What must hold for an estimator, as functions that say what went wrong: used on the estimators themselves, and on altered
//! ones that must be caught.

use gatelab_engine::estimator::Estimator;

use super::script::scattered;
use super::states::{self, States, mean_of_relaxed};
use super::toy::{Loss, Outcome, exact_gradient, mean, mean_gradient, variance};
use super::{plain_logit, set_state};

/// A new estimator.
pub(crate) type Make<'a> = &'a dyn Fn() -> Box<dyn Estimator<f64>>;

/// Says what is wrong unless both are within `tolerance` of each other.
pub(crate) fn close(found: f64, expected: f64, tolerance: f64, what: &str) -> Result<(), String> {
    if (found - expected).abs() <= tolerance {
        return Ok(());
    }
    Err(format!("{what}: found {found:e}, expected {expected:e} ± {tolerance:e}"))
}

/// The mean of the estimate is the exact gradient.
pub(crate) fn unbiased(outcomes: &[Outcome], logits: &[f64], loss: &Loss, tolerance: f64) -> Result<(), String> {
    close(mean(outcomes, |_| 1.0), 1.0, 1e-12, "total probability")?;
    for (i, (found, exact)) in mean_gradient(outcomes).into_iter().zip(exact_gradient(logits, loss)).enumerate() {
        close(found, exact, tolerance, &format!("mean of logit {i} at {logits:?}"))?;
    }
    Ok(())
}

/// Logits at which unbiasedness is checked: small and large `p`, and a fair coin.
pub(crate) const PLACES: [[f64; 4]; 3] = [[-1.0, 0.3, 1.2, -2.5], [0.0, 0.0, -0.7, 2.0], [-3.0, -2.2, -2.0, -2.6]];

/// A small softmax head on a hidden layer in which neighbouring gates meet: no symmetry, no linearity, and partial
/// derivatives that depend on the gate itself.
pub(crate) fn softmax_loss(gates: usize, seed: u64) -> Loss {
    let weight = move |i: usize, k: usize| 5.0 * (scattered(seed, (10 * i + k) as u64) - 0.5);
    let meeting = move |i: usize, k: usize| 3.0 * (scattered(seed + 1, (10 * i + k) as u64) - 0.5);
    let scores = move |g: &[f64]| -> [f64; 3] {
        std::array::from_fn(|k| {
            let alone: f64 = (0..gates).map(|i| weight(i, k) * g[i]).sum();
            let together: f64 = (1..gates).map(|i| meeting(i, k) * g[i] * g[i - 1]).sum();
            0.4 * k as f64 + alone + together
        })
    };
    let value = move |g: &[f64]| {
        let s = scores(g);
        s.iter().map(|s| s.exp()).sum::<f64>().ln() - s[1]
    };
    let slope = move |g: &[f64], i: usize| {
        let s = scores(g);
        let total: f64 = s.iter().map(|s| s.exp()).sum();
        let of_score = |k: usize| {
            let before = if i > 0 { meeting(i, k) * g[i - 1] } else { 0.0 };
            let after = if i + 1 < gates { meeting(i + 1, k) * g[i + 1] } else { 0.0 };
            weight(i, k) + before + after
        };
        (0..3).map(|k| s[k].exp() / total * of_score(k)).sum::<f64>() - of_score(1)
    };
    Loss::new(value, slope)
}

/// `(b − t)²` of one gate.
pub(crate) fn square(t: f64) -> Loss {
    Loss::of_one(move |b| (b - t).powi(2), move |b| 2.0 * (b - t))
}

/// Mean and variance of one gate's estimate.
pub(crate) fn moments(outcomes: &[Outcome]) -> (f64, f64) {
    (mean(outcomes, |o| o.gradient[0]), variance(outcomes, |o| o.gradient[0]))
}

/// `DisARM`: unbiased, and with one gate its closed-form variance.
pub(crate) fn disarm(make: Make<'_>) -> Result<(), String> {
    for logits in PLACES {
        let loss = softmax_loss(4, 3);
        let outcomes = States::product(&[states::pairs(&logits)]).outcomes(make().as_mut(), &logits, &loss);
        unbiased(&outcomes, &logits, &loss, 1e-12)?;
    }
    one_gate(make, &|logits| vec![states::pairs(logits)], &|p, difference| {
        let (low, high) = (p.min(1.0 - p), p.max(1.0 - p));
        difference.powi(2) * low * high.powi(2) * (0.5 - low)
    })
}

/// Unbiased on a net, from states given by their axes.
pub(crate) fn unbiased_on_a_net(make: Make<'_>, axes: &dyn Fn(&[f64]) -> Vec<Vec<states::Axis>>) -> Result<(), String> {
    for logits in PLACES {
        for seed in [3, 8] {
            let loss = softmax_loss(4, seed);
            let outcomes = States::product(&axes(&logits)).outcomes(make().as_mut(), &logits, &loss);
            unbiased(&outcomes, &logits, &loss, 1e-12)?;
        }
    }
    Ok(())
}

/// With one gate and `(b − t)²` the estimate is exact in the mean and has the variance given, of `p` and `f(1) − f(0)`.
pub(crate) fn one_gate(
    make: Make<'_>,
    axes: &dyn Fn(&[f64]) -> Vec<Vec<states::Axis>>,
    expected: &dyn Fn(f64, f64) -> f64,
) -> Result<(), String> {
    for p in [0.03, 0.1, 0.5, 0.8] {
        for t in [0.45, 0.499, -0.3] {
            let (logits, loss) = ([plain_logit(p)], square(t));
            let outcomes = States::product(&axes(&logits)).outcomes(make().as_mut(), &logits, &loss);
            unbiased(&outcomes, &logits, &loss, 1e-13)?;
            let (_, found) = moments(&outcomes);
            close(found, expected(p, 1.0 - 2.0 * t), 1e-13, &format!("variance at p = {p}, t = {t}"))?;
        }
    }
    Ok(())
}

/// Weight of the relaxed loss in the state of REBAR.
pub(crate) fn set_eta(estimator: &mut dyn Estimator<f64>, eta: f64) {
    set_state(estimator, 1, &[("eta", &[-eta, 1.0])]);
}

/// REBAR with one gate at this `p`: the mean is exact whatever the weight of its control variate.
pub(crate) fn rebar_at(make: Make<'_>, p: f64, t: f64) -> Result<(), String> {
    let (logits, loss) = ([plain_logit(p)], square(t));
    for eta in [1.0, -0.4] {
        let found = mean_of_relaxed(make().as_mut(), |e| set_eta(e, eta), &logits, &loss, 120);
        close(found[0], exact_gradient(&logits, &loss)[0], 1e-10, &format!("mean at p = {p}, t = {t}, η = {eta}"))?;
    }
    Ok(())
}
