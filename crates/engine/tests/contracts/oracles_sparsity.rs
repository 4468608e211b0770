//! The sparsity control: Eq. 14 and Eq. 15 with its controller, and the penalty's gradient through every estimator's
//! activation against finite differences of the penalty itself.

use crate::common::script::{Script, scattered};
use crate::common::{assert_close, assert_printed, choice, differences, make_with, number, plain_sigmoid};
use gatelab_engine::estimator::{Activation, Estimator, GateDraw, registry};
use gatelab_engine::schema::Value;
use gatelab_engine::sparsity::{LambdaController, SparsityPenalty, cross_entropy, cross_entropy_grad};
use gatelab_kernels::Matrix;

#[test]
fn cross_entropy_at_its_target() {
    let s = 0.1;
    assert_printed(cross_entropy(s, s), 0.325_083, 1e-6, "per unit");
    assert_printed(2000.0 * cross_entropy(s, s), 650.166, 1e-3, "the paper's network");
    for m in [0.02, 0.1, 0.4, 0.9] {
        assert_close(cross_entropy_grad(s, m), -(s / m - (1.0 - s) / (1.0 - m)), 1e-12, "slope");
        assert!(cross_entropy(s, m) >= cross_entropy(s, s), "the target is the minimum");
    }
    assert_close(cross_entropy_grad(s, s), 0.0, 1e-12, "slope at the target");
}

/// Through the penalty itself, λ and the sum over units included.
#[test]
fn penalty_of_eq_14_sums_over_units_and_takes_the_mean_over_the_minibatch() {
    let penalty = SparsityPenalty::CrossEntropy { lambda: 0.7, target: 0.1 };
    // Means over the two examples: 0.1 and 0.3.
    let value = Matrix::from_vec((2, 2), vec![0.05, 0.2, 0.15, 0.4]);
    let slope = Matrix::from_elem((2, 2), 0.25);
    let mut gradient = Matrix::from_elem((2, 2), 1.0);
    let found = penalty.add_gradient(&value, &slope, &mut gradient);
    assert_close(found, 0.7 * (cross_entropy(0.1, 0.1) + cross_entropy(0.1, 0.3)), 1e-12, "penalty");
    for b in 0..2 {
        assert_close(gradient[(b, 0)], 1.0, 1e-12, "added to what was there, nothing at the target");
        // Per example: the factor B of the convention cancels the mean's 1/B.
        assert_close(gradient[(b, 1)], 1.0 + 0.7 * -(0.1 / 0.3 - 0.9 / 0.7) * 0.25, 1e-12, "above the target");
    }
}

#[test]
fn the_controller_of_eq_15() {
    let after = |rate: f64, steps: i32, start: f64| {
        let mut controller = LambdaController::new(start, 0.1);
        (0..steps).for_each(|_| controller.observe(rate));
        controller.lambda()
    };
    for steps in [1, 7, 30] {
        assert_close(after(0.2, steps, 1e-5) / (1e-5 * 1.1_f64.powi(steps)), 1.0, 1e-12, "above");
        assert_close(after(0.05, steps, 1e-5) / (1e-5 * 0.9_f64.powi(steps)), 1.0, 1e-12, "below");
        for inside in [0.105, 0.095, 0.1] {
            assert_close(after(inside, steps, 1e-5), 1e-5, 1e-20, "unchanged");
        }
    }
    assert_close(after(0.9, 2000, 1e-5), 1.0, 1e-12, "upper clip");
    assert_close(after(0.0, 2000, 1e-5), 1e-13, 1e-25, "lower clip");
    assert_close(after(0.9, 1, 1e-13), 1.1e-13, 1e-25, "it leaves the clip again");
    assert_close(after(0.1, 1, 5.0), 1.0, 1e-12, "starts within the clip");
}

/// Eq. 15 sums over minibatch and units.
#[test]
fn penalty_of_eq_15_sums_over_everything() {
    let penalty = SparsityPenalty::L1(LambdaController::new(0.01, 0.1));
    let value = Matrix::from_vec((2, 2), vec![0.5, 0.0, 2.0, 1.5]);
    let slope = value.map(|&v| if v > 0.0 { 1.0 } else { 0.0 });
    let mut gradient = Matrix::zeros((2, 2));
    assert_close(penalty.add_gradient(&value, &slope, &mut gradient), 0.01 * 4.0, 1e-15, "penalty");
    // d(sum)/da = λ per open pair; B times that in the per-example convention.
    for (at, &g) in gradient.indexed_iter() {
        assert_close(g, if value[at] > 0.0 { 0.02 } else { 0.0 }, 1e-15, "gradient");
    }
}

/// Every estimator, and every setting of it that changes its activation.
fn cases() -> Vec<(&'static str, Vec<(&'static str, Value)>)> {
    let mut cases: Vec<_> = registry::ids().into_iter().map(|id| (id, Vec::new())).collect();
    for id in ["sts", "sts-released"] {
        cases.push((id, vec![("penalty-on", choice("p"))]));
        cases.push((id, vec![("penalty-on", choice("root-p"))]));
        cases.push((
            id,
            vec![("logit-noise", choice("beta")), ("beta", number(40.1)), ("penalty-on", choice("root-p"))],
        ));
    }
    cases.push(("noisy-rectifier", vec![("noise", number(0.5)), ("noise-kind", choice("logistic"))]));
    cases.push(("sigmoid-noise", vec![("noise", number(2.0))]));
    cases
}

/// The penalty as a function of the logits, the draw's randomness kept.
fn penalty_at(
    estimator: &mut dyn Estimator<f64>,
    control: &SparsityPenalty,
    logits: &Matrix<f64>,
) -> (f64, Matrix<f64>) {
    let (batch, gates) = logits.dim();
    let mut draw = GateDraw::new(batch, gates);
    estimator.draw(logits, &mut Script::plenty(batch * gates, 4), &mut draw);
    let (mut value, mut slope) = (Matrix::zeros(logits.dim()), Matrix::zeros(logits.dim()));
    estimator.activation(logits, &draw, &mut value, &mut slope);
    let mut gradient = Matrix::zeros(logits.dim());
    let penalty = control.add_gradient(&value, &slope, &mut gradient);
    (penalty, gradient)
}

#[test]
fn the_penaltys_gradient_is_its_derivative_for_every_estimator() {
    let (batch, gates) = (3, 5);
    let logits = Matrix::from_shape_fn((batch, gates), |(b, j)| 4.0 * scattered(17, (b * gates + j) as u64) - 2.2);
    for (id, knobs) in cases() {
        let mut estimator = make_with(id, &knobs);
        let control = SparsityPenalty::new(estimator.record(), 0.3, 0.15);
        let is_l1 = matches!(control, SparsityPenalty::L1(_));
        assert_eq!(is_l1, estimator.record().activation == Activation::Value, "{id}");
        let (_, gradient) = penalty_at(estimator.as_mut(), &control, &logits);
        let differences: Vec<f64> = logits
            .indexed_iter()
            .map(|(at, &a)| {
                let moved = |a: f64| {
                    let mut logits = logits.clone();
                    logits[at] = a;
                    penalty_at(estimator.as_mut(), &control, &logits).0
                };
                // Per example: B times the derivative of what is added to the minibatch mean.
                batch as f64 * differences::derivative(moved, a, 1e-3)
            })
            .collect();
        let gradient: Vec<f64> = gradient.iter().copied().collect();
        let least = if is_l1 { 4 } else { batch * gates };
        let agreed = differences::compare(id, &gradient, &differences, least);
        assert_eq!(agreed, Ok(()), "{knobs:?}");
        let mut sabotaged = gradient;
        let at = (0..sabotaged.len()).find(|&i| sabotaged[i].abs() > 0.0).unwrap_or(0);
        sabotaged[at] *= 1.01;
        assert!(differences::compare(id, &sabotaged, &differences, least).is_err(), "one per cent passes: {id}");
    }
}

/// What the record says is held is what the activation is: the firing probability for coins, the value for rectifiers.
#[test]
fn by_default_the_control_holds_the_firing_probability() {
    let logits = Matrix::from_shape_fn((2, 3), |(b, j)| 3.0 * scattered(3, (3 * b + j) as u64) - 1.5);
    for record in registry::RECORDS {
        let mut knobs = Vec::new();
        for key in record.knobs {
            if let gatelab_engine::schema::Range::Choice(names) = key.range {
                knobs.push((key.name, choice(names[0])));
            }
        }
        let mut estimator = make_with(record.id, &knobs);
        let mut draw = GateDraw::new(2, 3);
        estimator.draw(&logits, &mut Script::plenty(6, 12), &mut draw);
        let (mut value, mut slope) = (Matrix::zeros((2, 3)), Matrix::zeros((2, 3)));
        estimator.activation(&logits, &draw, &mut value, &mut slope);
        for (at, &a) in logits.indexed_iter() {
            let expected = match record.id {
                "noisy-rectifier" | "rectifier" | "sigmoid" | "sigmoid-noise" => draw.gates[at],
                // Never closed: held are the coins that stand in for it at test time.
                "concrete" => plain_sigmoid(a),
                _ => estimator.open_probability(a),
            };
            assert_close(value[at], expected, 1e-12, record.id);
        }
    }
}
