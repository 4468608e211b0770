//! A test of the tests: estimators with the mistakes that implementers make must fail the very checks that the unaltered ones
//! pass.

#![allow(clippy::panic, reason = "a test that fails here has found something")]

use crate::common::checks::{self, rebar_at, unbiased_on_a_net};
use crate::common::states;
use crate::common::{choice, make, make_with, number, plain_sigmoid};
use gatelab_engine::estimator::{Estimator, GateContext, GateDraw, Record};
use gatelab_kernels::Matrix;
use gatelab_kernels::RandomSource;

/// A mistake.
#[derive(Clone, Copy, Debug)]
enum Mistake {
    /// `1 − p` where `p` belongs.
    SwappedChances,
    /// The factor `σ(|a|)` is missing.
    NoFactor,
    /// `p` in its place.
    ChanceAsFactor,
    /// The partner's uniform numbers are fresh ones.
    FreshPartner,
    /// The example's own loss is in what is subtracted from it.
    OwnLossInBaseline,
    /// `1/n` of the gates is flipped, but not counted `n` times.
    FlipNotWeighted,
    /// The gradient of the line through the mean field is not given back.
    LineNotGivenBack,
}

/// A real estimator whose gradient is asked for, or passed on, wrongly.
struct Altered {
    inner: Box<dyn Estimator<f64>>,
    mistake: Mistake,
}

fn altered(id: &str, mistake: Mistake) -> Box<dyn Estimator<f64>> {
    Box::new(Altered { inner: make(id), mistake })
}

impl Estimator<f64> for Altered {
    fn record(&self) -> &'static Record {
        self.inner.record()
    }

    fn logit_gradient(
        &mut self,
        logits: &Matrix<f64>,
        draw: &GateDraw<f64>,
        context: &mut dyn GateContext<f64>,
        noise: &mut dyn RandomSource<f64>,
        out: &mut Matrix<f64>,
    ) {
        let mut seen = draw.clone();
        match self.mistake {
            Mistake::SwappedChances => seen.probability.iter_mut().for_each(|p| *p = 1.0 - *p),
            Mistake::FreshPartner => seen.noise.iter_mut().for_each(|u| *u = (*u + 0.37).fract()),
            _ => {}
        }
        self.inner.logit_gradient(logits, &seen, context, noise, out);
        let gates = logits.ncols() as f64;
        match self.mistake {
            Mistake::NoFactor => out.iter_mut().zip(logits).for_each(|(out, a)| *out /= plain_sigmoid(a.abs())),
            Mistake::ChanceAsFactor => {
                out.iter_mut().zip(logits).for_each(|(out, &a)| *out *= plain_sigmoid(a) / plain_sigmoid(a.abs()));
            }
            // The mean of two contains half of each: what is left is half.
            Mistake::OwnLossInBaseline => out.iter_mut().for_each(|out| *out *= 0.5),
            Mistake::FlipNotWeighted => out.iter_mut().for_each(|out| *out /= gates),
            Mistake::LineNotGivenBack => {
                let (mut losses, mut slopes) = (vec![0.0; logits.nrows()], Matrix::zeros(logits.dim()));
                context.gate_grads_at(&draw.probability, &mut losses, &mut slopes);
                for ((out, slope), p) in out.iter_mut().zip(&slopes).zip(&draw.probability) {
                    *out -= slope * p * (1.0 - p);
                }
            }
            Mistake::SwappedChances | Mistake::FreshPartner => {}
        }
    }
}

#[track_caller]
fn must_fail(result: Result<(), String>, what: &str) {
    assert!(result.is_err(), "the check let this pass: {what}");
}

#[track_caller]
fn must_pass(result: Result<(), String>, what: &str) {
    result.unwrap_or_else(|wrong| panic!("{what}: {wrong}"));
}

#[test]
fn mistakes_in_disarm_are_caught() {
    must_pass(checks::disarm(&|| make("disarm")), "unaltered");
    for mistake in [Mistake::SwappedChances, Mistake::NoFactor, Mistake::ChanceAsFactor, Mistake::FreshPartner] {
        must_fail(checks::disarm(&|| altered("disarm", mistake)), &format!("{mistake:?}"));
    }
}

#[test]
fn mistakes_in_arm_are_caught() {
    let check = |make: checks::Make<'_>| unbiased_on_a_net(make, &|logits| vec![states::pairs_by_gauss(logits)]);
    must_pass(check(&|| make("arm")), "unaltered");
    for mistake in [Mistake::SwappedChances, Mistake::FreshPartner] {
        must_fail(check(&|| altered("arm", mistake)), &format!("{mistake:?}"));
    }
}

/// Dropping the part of `∂z̃/∂a` that moves with the logit is nearly invisible at some logits: the check sees it at all.
#[test]
fn the_historic_bug_in_rebar_is_caught_at_every_probability() {
    for temperature in [0.1, 0.5] {
        let sound = || make_with("rebar", &[("temperature", number(temperature))]);
        let bug = || make_with("rebar", &[("temperature", number(temperature)), ("historic-bug", choice("yes"))]);
        for p in [0.04, 0.182, 0.5, 0.9] {
            must_pass(rebar_at(&sound, p, 0.45), "unaltered");
            must_fail(rebar_at(&bug, p, 0.45), &format!("historic bug at p = {p}, τ = {temperature}"));
        }
    }
}

#[test]
fn mistakes_in_the_others_are_caught() {
    let twice = |logits: &[f64]| vec![states::coins(logits); 2];
    must_pass(unbiased_on_a_net(&|| make("rloo"), &twice), "unaltered");
    must_fail(unbiased_on_a_net(&|| altered("rloo", Mistake::OwnLossInBaseline), &twice), "own loss");
    let pick = |logits: &[f64]| vec![states::coins(logits), vec![states::pick(logits.len())]];
    must_pass(unbiased_on_a_net(&|| make("bitflip-1"), &pick), "unaltered");
    must_fail(unbiased_on_a_net(&|| altered("bitflip-1", Mistake::FlipNotWeighted), &pick), "no weight");
    let once = |logits: &[f64]| vec![states::coins(logits)];
    must_pass(unbiased_on_a_net(&|| make("muprop"), &once), "unaltered");
    must_fail(unbiased_on_a_net(&|| altered("muprop", Mistake::LineNotGivenBack), &once), "line not given back");
    must_pass(unbiased_on_a_net(&|| make("leg"), &once), "unaltered");
    must_fail(unbiased_on_a_net(&|| altered("leg", Mistake::NoFactor), &once), "wrong factor");
}
