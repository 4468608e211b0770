//! Improved semantic hashing: the gate is a clipped noisy sigmoid or its step function, with probability ½ each, and the
//! gradient is that of the sigmoid in both cases (Kaiser & Bengio 2018).

use gatelab_kernels::{Matrix, RandomSource, Real, normal_cdf, normal_density, sigmoid};
use ndarray::Zip;

use crate::estimator::bernoulli::clip;
use crate::estimator::knobs::SIGNAL;
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDistribution, GateDraw, Level, Needs, Record, distribution,
    scratch,
};

/// Beyond `±ln 11` the saturating sigmoid `1.2σ(v) − 0.1` is clipped.
const EDGE: f64 = 2.397_895_272_798_370_5;

/// Soft or hard, with probability ½ each.
pub(in crate::estimator) static SEMANTIC_HASHING: Record = Record {
    id: "semantic-hashing",
    name: "Semantic hashing",
    short: "Semantic hashing",
    family: Family::StraightThrough,
    level: Level::Advanced,
    bias: Bias::Biased,
    needs: Needs::GateGradsOfSome,
    activation: Activation::Probability,
    forward: r"g = v_1 \mathrm{\ or\ } v_2, \quad v_1 = \min(1, \max(0, 1.2 \sigma(v) - 0.1)), \quad v_2 = \mathbb{1}[v > 0], \quad v = a + n, \quad n \sim \mathcal{N}(0, 1)",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial g} \cdot 1.2 \sigma'(v) \cdot \mathbb{1}[0 < v_1 < 1]",
    test_time: r"\mathbb{1}[a > \theta], \quad \theta \text{ for the target rate}",
    summary: "With probability ½ the gate is soft and its gradient exact; otherwise it is hard and uses the gradient of the soft \
              gate. The noise drives logits away from 0, where both gates are nearly the same.",
    source: "Kaiser & Bengio 2018, “Discrete Autoencoders for Sequence Models”",
    knobs: &[],
    tuned: &[("start-rate", 0.037_628), ("gater-rate", 10.0), ("lambda", 0.1)],
    live: &[SIGNAL],
};

/// `1.2s − 0.1`, clipped to 0..=1.
fn stretched<R: Real>(s: R) -> R {
    clip(R::from_f64(1.2) * s - R::from_f64(0.1))
}

/// Numbers whose distribution functions are taken at once.
const AT_ONCE: usize = 128;

/// `v₁` or `v₂`.
pub(in crate::estimator) struct SemanticHashing<R> {
    uniform: Matrix<R>,
    soft: Matrix<R>,
    wanted: Matrix<bool>,
}

impl<R: Real> SemanticHashing<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self { uniform: Matrix::default(), soft: Matrix::default(), wanted: Matrix::default() }
    }
}

impl<R: Real> Estimator<R> for SemanticHashing<R> {
    fn record(&self) -> &'static Record {
        &SEMANTIC_HASHING
    }

    fn draw(&mut self, logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
        noise.normal(draw.noise.values_mut());
        self.uniform.resize(logits.dim(), R::zero());
        noise.uniform(self.uniform.values_mut());
        scratch::relaxed_sigmoid_into(&mut draw.gates, logits, &draw.noise, R::one());
        let half = R::from_f64(0.5);
        Zip::from(&mut draw.gates).and(&self.uniform).and(logits).and(&draw.noise).for_each(|g, &u, &a, &n| {
            let hard = if a + n > R::zero() { R::one() } else { R::zero() };
            *g = if u < half { stretched(*g) } else { hard };
        });
    }

    fn logit_gradient(
        &mut self,
        logits: &Matrix<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn RandomSource<R>,
        out: &mut Matrix<R>,
    ) {
        self.wanted.resize(logits.dim(), false);
        // Where the soft gate is clipped the gradient is 0 whatever the slope: those experts needn't run.
        let edge = R::from_f64(EDGE);
        Zip::from(&mut self.wanted)
            .and(logits)
            .and(&draw.noise)
            .for_each(|wanted, &a, &n| *wanted = (a + n).abs() < edge);
        context.gate_grads_of(&self.wanted, out);
        // The gate gradients of the others are 0.
        scratch::relaxed_sigmoid_into(&mut self.soft, logits, &draw.noise, R::one());
        Zip::from(out).and(&self.soft).for_each(|out, &s| *out *= R::from_f64(1.2) * s * (R::one() - s));
    }

    fn activation(&self, logits: &Matrix<R>, _: &GateDraw<R>, value: &mut Matrix<R>, grad: &mut Matrix<R>) {
        let (edge, half) = (R::from_f64(EDGE), R::from_f64(0.5));
        let parts = value.values_mut().chunks_mut(AT_ONCE).zip(grad.values_mut().chunks_mut(AT_ONCE));
        for (logits, (value, grad)) in logits.values().chunks(AT_ONCE).zip(parts) {
            for (out, function) in [(value, R::normal_cdf_inplace as fn(&mut [R])), (grad, R::normal_density_inplace)] {
                let mut shifted = [R::zero(); AT_ONCE];
                let shifted = &mut shifted[..logits.len()];
                shifted.iter_mut().zip(logits).for_each(|(x, &a)| *x = a + edge);
                function(shifted);
                out.copy_from_slice(logits);
                function(out);
                out.iter_mut().zip(shifted).for_each(|(out, x)| *out = half * (*out + *x));
            }
        }
    }

    fn open_probability(&self, logit: R) -> R {
        R::from_f64(open(logit.as_f64()))
    }

    fn distribution(&self, a: f64) -> GateDistribution {
        let soft = distribution::normal(a, 1.0, &[-EDGE, EDGE], |v| stretched(sigmoid(v)));
        distribution::equal_mixture(soft, distribution::two_point(normal_cdf(a), normal_density(a)))
    }
}

/// `P(g ≠ 0)`: the soft gate opens above `−ln 11`, the hard one above 0.
fn open(a: f64) -> f64 {
    0.5 * (normal_cdf(a + EDGE) + normal_cdf(a))
}
