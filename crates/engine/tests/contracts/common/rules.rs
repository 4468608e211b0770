//! Checks of quadrature rules that pass on an estimator and must fail on its usual mistakes; each says what is wrong.

use gatelab_engine::estimator::Estimator;

use super::toy::{Loss, enumerate_coins, exact_gradient, mean_gradient};
use super::{plain_logit, plain_sigmoid};

/// What a check found wrong, or nothing.
pub(crate) type Checked = Result<(), String>;

/// Multilinear in three gates: no gate is squared.
pub(crate) fn multilinear() -> Loss {
    Loss::new(
        |h| 0.3 - 1.5 * h[0] + 2.0 * h[1] * h[2] - 0.7 * h[0] * h[1] * h[2] + h[2],
        |h, i| match i {
            0 => -1.5 - 0.7 * h[1] * h[2],
            1 => 2.0 * h[2] - 0.7 * h[0] * h[2],
            _ => 2.0 * h[1] - 0.7 * h[0] * h[1] + 1.0,
        },
    )
}

/// Any quadratic: squares of gates included.
pub(crate) fn quadratic() -> Loss {
    const A: [[f64; 3]; 3] = [[1.3, -0.4, 0.2], [-0.4, -0.8, 0.9], [0.2, 0.9, 2.1]];
    const C: [f64; 3] = [-0.7, 0.5, 1.1];
    Loss::new(
        |h| (0..3).map(|i| h[i] * (C[i] + (0..3).map(|j| A[i][j] * h[j]).sum::<f64>())).sum(),
        |h, i| C[i] + 2.0 * (0..3).map(|j| A[i][j] * h[j]).sum::<f64>(),
    )
}

/// Logits of gates from rare to usual.
pub(crate) const LOGITS: [f64; 3] = [-2.2, 0.3, 1.2];

/// Compares entry by entry.
pub(crate) fn agree(what: &str, found: &[f64], expected: &[f64], tolerance: f64) -> Checked {
    for (i, (f, e)) in found.iter().zip(expected).enumerate() {
        if (f - e).abs().is_nan() || (f - e).abs() > tolerance {
            return Err(format!("{what}, gate {i}: found {f:e}, expected {e:e}"));
        }
    }
    Ok(())
}

/// The mean over all states equals the exact gradient of this loss.
pub(crate) fn exact_in_mean(estimator: &mut dyn Estimator<f64>, what: &str, loss: &Loss) -> Checked {
    let found = mean_gradient(&enumerate_coins(estimator, &LOGITS, loss));
    agree(what, &found, &exact_gradient(&LOGITS, loss), 1e-12)
}

/// Every single state gives `weight(b, p)·∂f/∂b` at that very state.
pub(crate) fn weighs_slopes(
    estimator: &mut dyn Estimator<f64>,
    what: &str,
    loss: &Loss,
    weight: impl Fn(f64, f64) -> f64,
) -> Checked {
    for outcome in enumerate_coins(estimator, &LOGITS, loss) {
        let expected: Vec<f64> = (0..3)
            .map(|i| weight(outcome.gates[i], plain_sigmoid(LOGITS[i])) * loss.slope_at(&outcome.gates, i))
            .collect();
        agree(&format!("{what} at {:?}", outcome.gates), &outcome.gradient, &expected, 1e-12)?;
    }
    Ok(())
}

/// Exact for quadratics at every p, and for a cubic too much by `pq·f'''/12`: the trapezoid rule's own error.
pub(crate) fn is_the_trapezoid_rule(estimator: &mut dyn Estimator<f64>) -> Checked {
    exact_in_mean(estimator, "quadratic", &quadratic())?;
    exact_in_mean(estimator, "multilinear", &multilinear())?;
    let cubic = Loss::of_one(|h| 0.4 * h.powi(3) - 1.1 * h * h + 0.2 * h, |h| 1.2 * h * h - 2.2 * h + 0.2);
    for p in [0.03, 0.1, 0.5, 0.8] {
        let logits = [plain_logit(p)];
        let found = mean_gradient(&enumerate_coins(estimator, &logits, &cubic))[0];
        let expected = exact_gradient(&logits, &cubic)[0] + p * (1.0 - p) * 2.4 / 12.0;
        agree(&format!("cubic, p = {p}"), &[found], &[expected], 1e-12)?;
    }
    Ok(())
}

/// Dense straight-through: without noise for a linear loss, exact for a multilinear one, every gate with its own slope.
pub(crate) fn is_dense_straight_through(estimator: &mut dyn Estimator<f64>) -> Checked {
    let slopes = [0.4, -1.3, 2.0];
    let linear = Loss::new(move |h| h.iter().zip(slopes).map(|(h, s)| h * s).sum(), move |_, i| slopes[i]);
    weighs_slopes(estimator, "linear", &linear, |_, p| p * (1.0 - p))?;
    weighs_slopes(estimator, "quadratic", &quadratic(), |_, p| p * (1.0 - p))?;
    exact_in_mean(estimator, "multilinear", &multilinear())
}
