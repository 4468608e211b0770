//! Straight-through: where it is exact, where it is off by a known factor, and where even its sign is wrong.

#![allow(clippy::unwrap_used, reason = "a test that fails here has found something")]

use crate::common::script::Script;
use crate::common::toy::{
    Loss, TOY_LOGITS, ToyContext, enumerate_coins, exact_gradient, mean, mean_gradient, toy_loss,
};
use crate::common::{assert_close, assert_printed, make, plain_logit, plain_sigmoid};
use gatelab_engine::estimator::{Estimator, GateDraw};
use gatelab_kernels::Matrix;

/// Multilinear in every gate: no gate is squared.
fn multilinear() -> Loss {
    Loss::new(
        |h| 0.3 - 1.5 * h[0] + 2.0 * h[1] * h[2] - 0.7 * h[0] * h[1] * h[2] + h[2],
        |h, i| match i {
            0 => -1.5 - 0.7 * h[1] * h[2],
            1 => 2.0 * h[2] - 0.7 * h[0] * h[2],
            _ => 2.0 * h[1] - 0.7 * h[0] * h[1] + 1.0,
        },
    )
}

#[test]
fn for_a_multilinear_loss_the_derivative_variant_is_exact() {
    let exact = exact_gradient(&TOY_LOGITS, &multilinear());
    let derived = mean_gradient(&enumerate_coins(make("st-sigmoid").as_mut(), &TOY_LOGITS, &multilinear()));
    let identity = mean_gradient(&enumerate_coins(make("st").as_mut(), &TOY_LOGITS, &multilinear()));
    for i in 0..3 {
        let p = plain_sigmoid(TOY_LOGITS[i]);
        assert_close(derived[i], exact[i], 1e-12, "× σ′");
        assert_close(identity[i], exact[i] / (p * (1.0 - p)), 1e-12, "identity");
        assert!(identity[i] * exact[i] > 0.0, "same sign");
    }
    // With a square in it neither is: the toy of the paper's oracles.
    let exact = exact_gradient(&TOY_LOGITS, &toy_loss());
    let derived = mean_gradient(&enumerate_coins(make("st-sigmoid").as_mut(), &TOY_LOGITS, &toy_loss()));
    assert!((0..3).any(|i| (derived[i] - exact[i]).abs() > 0.1), "{derived:?} {exact:?}");
}

#[test]
fn for_a_linear_loss_it_has_no_noise_and_for_a_square_it_is_exact_at_one_half_only() {
    let slopes = [0.4, -1.3, 2.0];
    let linear = Loss::new(move |h| h.iter().zip(slopes).map(|(h, s)| h * s).sum(), move |_, i| slopes[i]);
    let exact = exact_gradient(&TOY_LOGITS, &linear);
    for outcome in enumerate_coins(make("st-sigmoid").as_mut(), &TOY_LOGITS, &linear) {
        (0..3).for_each(|i| assert_close(outcome.gradient[i], exact[i], 1e-12, "every sample"));
    }
    let square = Loss::of_one(|h| (h - 0.3).powi(2), |h| 2.0 * (h - 0.3));
    for (p, right) in [(0.5, true), (0.2, false), (0.8, false)] {
        let logits = [plain_logit(p)];
        let found = mean_gradient(&enumerate_coins(make("st-sigmoid").as_mut(), &logits, &square))[0];
        assert_eq!((found - exact_gradient(&logits, &square)[0]).abs() < 1e-12, right, "p = {p}");
    }
}

/// The paper's claim of the right sign for one layer, and its counterexample.
#[test]
fn the_sign_can_be_wrong_in_a_single_layer() {
    let loss = || Loss::of_one(|h| (h - 0.45).powi(2), |h| 2.0 * (h - 0.45));
    let change = loss().at(&[1.0]) - loss().at(&[0.0]);
    assert_close(change, 0.1, 1e-12, "opening the gate costs");
    for p in [0.05, 0.2, 0.4, 0.44, 0.46, 0.7] {
        let logits = [plain_logit(p)];
        let found = mean(&enumerate_coins(make("st").as_mut(), &logits, &loss()), |o| o.gradient[0]);
        assert_close(found, 2.0 * p - 0.9, 1e-12, "E ST");
        assert_eq!(found < 0.0, p < 0.45, "wrong below 0.45");
        assert!(exact_gradient(&logits, &loss())[0] > 0.0);
    }
    let logits = [plain_logit(0.2)];
    let found = mean(&enumerate_coins(make("st").as_mut(), &logits, &loss()), |o| o.gradient[0]);
    assert_printed(found, -0.5, 1e-9, "at p = 0.2");
    assert_printed(exact_gradient(&logits, &loss())[0], 0.016, 1e-9, "the truth");
    // For a convex loss the end slopes bracket the change: each end alone can be wrong, their order cannot.
    assert!(loss().slope_at(&[0.0], 0) <= change && change <= loss().slope_at(&[1.0], 0));
}

/// Two layers of straight-through gates: one gate feeds two gates through weights `w` and biases `c`; the loss weighs those
/// by `v`.
struct TwoLayers {
    w: [f64; 2],
    c: [f64; 2],
    v: [f64; 2],
}

impl TwoLayers {
    /// Mean of the estimate of `∂E L/∂a` over both layers' coins, both layers being estimators of this kind.
    fn estimate(&self, id: &str, p: f64) -> f64 {
        let logits = Matrix::from_elem((1, 1), plain_logit(p));
        let mut total = 0.0;
        for (u, weight) in [(0.5 * p, p), (0.5 * (1.0 + p), 1.0 - p)] {
            let mut first: Box<dyn Estimator<f64>> = make(id);
            let mut draw = GateDraw::new(1, 1);
            first.draw(&logits, &mut Script::uniform(&[u]), &mut draw);
            let b = draw.gates[(0, 0)];
            let second: Vec<f64> = (0..2).map(|k| self.w[k] * b + self.c[k]).collect();
            let v = self.v;
            let loss = Loss::new(move |h| v[0] * h[0] + v[1] * h[1], move |_, k| v[k]);
            let slopes = mean_gradient(&enumerate_coins(make(id).as_mut(), &second, &loss));
            let back = (0..2).map(|k| slopes[k] * self.w[k]).sum();
            let mut out = Matrix::zeros((1, 1));
            // The second layer's estimate, backpropagated, is the slope that the first layer sees.
            let (loss, gates) = (Loss::new(|_| 0.0, move |_, _| back), draw.gates.clone());
            first.logit_gradient(&logits, &draw, &mut ToyContext::new(&loss, &gates), &mut Script::default(), &mut out);
            total += weight * out[(0, 0)];
        }
        total
    }

    /// `p(1−p)·(E[L | b=1] − E[L | b=0])`.
    fn truth(&self, p: f64) -> f64 {
        let expected = |b: f64| (0..2).map(|k| self.v[k] * plain_sigmoid(self.w[k] * b + self.c[k])).sum::<f64>();
        p * (1.0 - p) * (expected(1.0) - expected(0.0))
    }
}

#[test]
fn the_sign_can_be_wrong_through_two_layers_even_for_a_linear_loss() {
    let p = 0.4;
    // A gate that is sure anyway passes a slope on as if it weren't.
    let sure = TwoLayers { w: [1.0, 1.0], c: [10.0, -0.5], v: [2.0, -1.0] };
    assert!(sure.truth(p) < -0.01 && sure.estimate("st", p) > 0.5, "{} {}", sure.truth(p), sure.estimate("st", p));
    assert!(sure.estimate("st-sigmoid", p) < 0.0, "σ′ repairs this one");
    // A gate that is thrown from one end to the other looks flat at both ends.
    let thrown = TwoLayers { w: [8.0, 1.0], c: [-4.0, -0.5], v: [1.0, -2.0] };
    assert!(thrown.truth(p) > 0.1 && thrown.estimate("st-sigmoid", p) < -0.01, "σ′ breaks this one");
    // With a single gate of the second layer there is nothing to weigh wrongly: the sign is right.
    for (w, c) in [(3.0, -1.0), (-2.0, 0.5), (8.0, -4.0)] {
        let one = TwoLayers { w: [w, 0.0], c: [c, 0.0], v: [1.5, 0.0] };
        for id in ["st", "st-sigmoid"] {
            assert!(one.truth(p) * one.estimate(id, p) > 0.0, "{id}, w = {w}");
        }
    }
}
