//! The usual mistakes in straight-through-like rules: each must fail the very check that the real one passes.

use crate::common::make;
use crate::common::rules::{is_dense_straight_through, is_the_trapezoid_rule};
use gatelab_engine::estimator::{Estimator, GateContext, GateDraw, Record};
use gatelab_kernels::Matrix;
use gatelab_kernels::RandomSource;
use ndarray::Zip;

#[derive(Clone, Copy)]
enum Mistake {
    /// ReinMax with the slope at the probability instead of at the sample.
    SlopeAtTheMean,
    /// ReinMax with the weights of the two ends swapped.
    SwappedEnds,
    /// ReinMax without its ½.
    NoHalf,
    /// Straight-through with the slopes of closed gates taken as 0.
    ClosedAreZero,
    /// Straight-through without σ′.
    NoDerivative,
}

/// An estimator with a mistake in it.
struct Mutant(Mistake);

impl Estimator<f64> for Mutant {
    fn record(&self) -> &'static Record {
        make("st").record()
    }

    fn logit_gradient(
        &mut self,
        _: &Matrix<f64>,
        draw: &GateDraw<f64>,
        context: &mut dyn GateContext<f64>,
        _: &mut dyn RandomSource<f64>,
        out: &mut Matrix<f64>,
    ) {
        let mistake = self.0;
        match mistake {
            Mistake::SlopeAtTheMean => {
                context.gate_grads_at(&draw.probability, &mut vec![0.0; draw.gates.nrows()], out);
            }
            Mistake::ClosedAreZero => context.gate_grads_of_active(out),
            _ => context.gate_grads_of_all(out),
        }
        Zip::from(out).and(&draw.gates).and(&draw.probability).for_each(|out, &b, &p| {
            *out *= match mistake {
                Mistake::SlopeAtTheMean => 0.5 * (b - p).abs(),
                Mistake::SwappedEnds => 0.5 * (1.0 - (b - p).abs()),
                Mistake::NoHalf => (b - p).abs(),
                Mistake::ClosedAreZero => p * (1.0 - p),
                Mistake::NoDerivative => 1.0,
            };
        });
    }
}

#[test]
fn mistakes_in_reinmax_are_found() {
    assert_eq!(is_the_trapezoid_rule(make("reinmax").as_mut()), Ok(()));
    for mistake in [Mistake::SlopeAtTheMean, Mistake::SwappedEnds, Mistake::NoHalf] {
        assert!(is_the_trapezoid_rule(&mut Mutant(mistake)).is_err());
    }
}

#[test]
fn mistakes_in_straight_through_are_found() {
    assert_eq!(is_dense_straight_through(make("st-sigmoid").as_mut()), Ok(()));
    for mistake in [Mistake::ClosedAreZero, Mistake::NoDerivative] {
        assert!(is_dense_straight_through(&mut Mutant(mistake)).is_err());
    }
    // The trap of the registry is that very mistake.
    assert!(is_dense_straight_through(make("st-masked").as_mut()).is_err());
}
