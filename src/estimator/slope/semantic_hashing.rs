//! Improved semantic hashing: the gate is a clipped noisy sigmoid or its sign, by a fair coin, and the gradient goes through
//! the sigmoid either way (Kaiser & Bengio 2018).

use ndarray::{Array2, Zip};

use crate::estimator::bernoulli::clip;
use crate::estimator::knobs::SIGNAL;
use crate::estimator::{Activation, Bias, Estimator, Family, GateContext, GateDraw, Law, Level, Needs, Record, law};
use crate::numeric::{Noise, Real, normal_cdf, normal_density, sigmoid};

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
    test_time: r"\mathbb{1}[a > \tau]",
    summary: "Half of the time the gate is soft and its gradient right, half of the time it is hard and borrows the soft \
              one's gradient. The noise pushes logits away from the middle until both are the same.",
    source: "Kaiser & Bengio 2018, “Discrete Autoencoders for Sequence Models”",
    knobs: &[],
    tuned: &[("start-rate", 0.037_628), ("gater-rate", 10.0), ("lambda", 0.1)],
    live: &[SIGNAL],
};

/// `1.2σ(v) − 0.1`, clipped to 0..=1.
fn saturating<R: Real>(v: R) -> R {
    clip(R::of(1.2) * sigmoid(v) - R::of(0.1))
}

/// `v₁` or `v₂`.
pub(in crate::estimator) struct SemanticHashing<R> {
    coins: Vec<R>,
    wanted: Array2<bool>,
}

impl<R: Real> SemanticHashing<R> {
    pub(in crate::estimator) fn new() -> Self {
        Self { coins: Vec::new(), wanted: Array2::default((0, 0)) }
    }
}

impl<R: Real> Estimator<R> for SemanticHashing<R> {
    fn record(&self) -> &'static Record {
        &SEMANTIC_HASHING
    }

    fn draw(&mut self, logits: &Array2<R>, noise: &mut dyn Noise<R>, draw: &mut GateDraw<R>) {
        if let Some(n) = draw.noise.as_slice_mut() {
            noise.normal(n);
        }
        self.coins.resize(logits.len(), R::zero());
        noise.uniform(&mut self.coins);
        let half = R::of(0.5);
        for (((g, &n), &a), &coin) in draw.gates.iter_mut().zip(&draw.noise).zip(logits).zip(&self.coins) {
            let v = a + n;
            *g = if coin < half {
                saturating(v)
            } else if v > R::zero() {
                R::one()
            } else {
                R::zero()
            };
        }
    }

    fn logit_gradient(
        &mut self,
        logits: &Array2<R>,
        draw: &GateDraw<R>,
        context: &mut dyn GateContext<R>,
        _: &mut dyn Noise<R>,
        out: &mut Array2<R>,
    ) {
        if self.wanted.dim() != logits.dim() {
            self.wanted = Array2::default(logits.dim());
        }
        // Where the soft gate is clipped the gradient is 0 whatever the slope: those experts needn't run.
        let edge = R::of(EDGE);
        Zip::from(&mut self.wanted)
            .and(logits)
            .and(&draw.noise)
            .for_each(|wanted, &a, &n| *wanted = (a + n).abs() < edge);
        context.slopes_of(&self.wanted, out);
        Zip::from(out).and(&self.wanted).and(logits).and(&draw.noise).for_each(|out, &wanted, &a, &n| {
            if wanted {
                let s = sigmoid(a + n);
                *out *= R::of(1.2) * s * (R::one() - s);
            }
        });
    }

    fn activation(&self, logits: &Array2<R>, _: &GateDraw<R>, value: &mut Array2<R>, slope: &mut Array2<R>) {
        Zip::from(value).and(slope).and(logits).for_each(|value, slope, &a| {
            let a = a.wide();
            *value = R::of(open(a));
            *slope = R::of(0.5 * (normal_density(a + EDGE) + normal_density(a)));
        });
    }

    fn open_probability(&self, logit: R) -> R {
        R::of(open(logit.wide()))
    }

    fn law(&self, a: f64) -> Law {
        let soft = law::normal(a, 1.0, &[-EDGE, EDGE], saturating::<f64>);
        law::half_and_half(soft, law::coin(normal_cdf(a), normal_density(a)))
    }
}

/// `P(g ≠ 0)`: the soft gate opens above `−ln 11`, the hard one above 0.
fn open(a: f64) -> f64 {
    0.5 * (normal_cdf(a + EDGE) + normal_cdf(a))
}
