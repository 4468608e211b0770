//! Bernoulli gates, `b ~ Bernoulli(σ(a))`, and functions that several estimators share.

use gatelab_kernels::{Matrix, RandomSource, Real};
use ndarray::Zip;

use super::gate_draw::GateDraw;
use super::scratch;

/// `u` uniform, `p = σ(a)`, `b = 1[u < p]`.
///
/// The paper prints the comparison the other way round (Eq. 3), which would fire with probability `1 − σ(a)`; its Theorem 1
/// and the released code need this one.
pub(in crate::estimator) fn draw<R: Real>(logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
    scratch::sigmoid_into(&mut draw.probability, logits, |a| a);
    sample(noise, draw);
}

/// Samples gates with the probabilities in the draw; stores the uniform numbers in `draw.noise`.
pub(in crate::estimator) fn sample<R: Real>(noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
    noise.uniform(draw.noise.values_mut());
    Zip::from(&mut draw.gates).and(&draw.probability).and(&draw.noise).for_each(|b, &p, &u| *b = hard_gate(u, p));
}

/// `1[u < p]`.
pub(in crate::estimator) fn hard_gate<R: Real>(u: R, p: R) -> R {
    if u < p { R::one() } else { R::zero() }
}

/// Activation for the sparsity control: `p`, with derivative `p(1−p)`.
pub(in crate::estimator) fn activation<R: Real>(draw: &GateDraw<R>, value: &mut Matrix<R>, grad: &mut Matrix<R>) {
    Zip::from(value).and(grad).and(&draw.probability).for_each(|v, s, &p| {
        *v = p;
        *s = p * (R::one() - p);
    });
}

/// `1[a > θ]`, θ the `threshold`.
pub(in crate::estimator) fn test_gates<R: Real>(logits: &Matrix<R>, threshold: R, out: &mut Matrix<R>) {
    Zip::from(out).and(logits).for_each(|g, &a| *g = if a > threshold { R::one() } else { R::zero() });
}

/// Standard logistic noise `ℓ = −logit(u)`, so that `a + ℓ > 0` exactly where `u < σ(a)`: the same uniform numbers open the
/// same gates as in [`draw`].
pub(in crate::estimator) fn logistic<R: Real>(noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
    let u = draw.noise.values_mut();
    noise.uniform(u);
    R::logit_inplace(u);
    u.iter_mut().for_each(|u| *u = -*u);
}

/// `max(0, x)`, with NaN kept.
pub(in crate::estimator) fn rectified<R: Real>(x: R) -> R {
    if x < R::zero() { R::zero() } else { x }
}

/// `min(1, max(0, x))`, with NaN kept: a network that has diverged must not look like one with closed gates.
pub(in crate::estimator) fn clip<R: Real>(x: R) -> R {
    if x < R::zero() {
        R::zero()
    } else if x > R::one() {
        R::one()
    } else {
        x
    }
}
