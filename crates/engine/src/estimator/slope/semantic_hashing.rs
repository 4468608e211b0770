//! Improved semantic hashing: the gate is a clipped noisy sigmoid or its sign, by a fair coin, and the gradient goes through
//! the sigmoid either way (Kaiser & Bengio 2018).

use gatelab_kernels::Matrix;
use ndarray::Zip;

use crate::estimator::bernoulli::clip;
use crate::estimator::knobs::SIGNAL;
use crate::estimator::{
    Activation, Bias, Estimator, Family, GateContext, GateDraw, Law, Level, Needs, Record, law, room,
};
use gatelab_kernels::{RandomSource, Real, normal_cdf, normal_density, sigmoid};

/// Beyond `±ln 11` the saturating sigmoid `1.2σ(v) − 0.1` is clipped.
const EDGE: f64 = 2.397_895_272_798_370_5;

/// Soft or hard, by a coin.
pub(in crate::estimator) static SEMANTIC_HASHING: Record = Record {
    id: "semantic-hashing",
    name: "Semantic hashing",
    short: "Semantic hashing",
    family: Family::Slope,
    level: Level::Advanced,
    bias: Bias::Biased,
    needs: Needs::SlopesOfSome,
    activation: Activation::Probability,
    forward: r"g = v_1 \mathrm{\ or\ } v_2, \quad v_1 = \min(1, \max(0, 1.2 \sigma(v) - 0.1)), \quad v_2 = \mathbb{1}[v > 0], \quad v = a + n, \quad n \sim \mathcal{N}(0, 1)",
    backward: r"\frac{\partial L}{\partial a} \coloneqq \frac{\partial L}{\partial g} \cdot 1.2 \sigma'(v) \cdot \mathbb{1}[0 < v_1 < 1]",
    test_time: r"\mathbb{1}[a > \theta]",
    summary: "Half of the time the gate is soft and its gradient right, half of the time it is hard and borrows the soft \
              one's gradient. The noise pushes logits away from the middle until both are the same.",
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
    coins: Matrix<R>,
    soft: Matrix<R>,
    wanted: Matrix<bool>,
}

impl<R: Real> SemanticHashing<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self { coins: Matrix::default(), soft: Matrix::default(), wanted: Matrix::default() }
    }
}

impl<R: Real> Estimator<R> for SemanticHashing<R> {
    fn record(&self) -> &'static Record {
        &SEMANTIC_HASHING
    }

    fn draw(&mut self, logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
        noise.normal(room::flat(&mut draw.noise));
        room::fit(&mut self.coins, logits.dim());
        noise.uniform(room::flat(&mut self.coins));
        room::relaxed(&mut draw.gates, logits, &draw.noise, R::one());
        let half = R::from_f64(0.5);
        Zip::from(&mut draw.gates).and(&self.coins).and(logits).and(&draw.noise).for_each(|g, &coin, &a, &n| {
            let hard = if a + n > R::zero() { R::one() } else { R::zero() };
            *g = if coin < half { stretched(*g) } else { hard };
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
        if self.wanted.dim() != logits.dim() {
            self.wanted = Matrix::zeros(logits.dim());
        }
        // Where the soft gate is clipped the gradient is 0 whatever the slope: those experts needn't run.
        let edge = R::from_f64(EDGE);
        Zip::from(&mut self.wanted)
            .and(logits)
            .and(&draw.noise)
            .for_each(|wanted, &a, &n| *wanted = (a + n).abs() < edge);
        context.slopes_of(&self.wanted, out);
        // The slopes of the others are 0.
        room::relaxed(&mut self.soft, logits, &draw.noise, R::one());
        Zip::from(out).and(&self.soft).for_each(|out, &s| *out *= R::from_f64(1.2) * s * (R::one() - s));
    }

    fn activation(&self, logits: &Matrix<R>, _: &GateDraw<R>, value: &mut Matrix<R>, slope: &mut Matrix<R>) {
        let (edge, half) = (R::from_f64(EDGE), R::from_f64(0.5));
        let parts = room::flat(value).chunks_mut(AT_ONCE).zip(room::flat(slope).chunks_mut(AT_ONCE));
        for (logits, (value, slope)) in logits.values().chunks(AT_ONCE).zip(parts) {
            for (out, function) in [(value, R::normal_cdf_inplace as fn(&mut [R])), (slope, R::normal_density_inplace)]
            {
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

    fn law(&self, a: f64) -> Law {
        let soft = law::normal(a, 1.0, &[-EDGE, EDGE], |v| stretched(sigmoid(v)));
        law::half_and_half(soft, law::coin(normal_cdf(a), normal_density(a)))
    }
}

/// `P(g ≠ 0)`: the soft gate opens above `−ln 11`, the hard one above 0.
fn open(a: f64) -> f64 {
    0.5 * (normal_cdf(a + EDGE) + normal_cdf(a))
}
