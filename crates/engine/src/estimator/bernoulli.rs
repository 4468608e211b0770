//! What the estimators of plain Bernoulli gates share: `b ~ Bernoulli(σ(a))`.

use gatelab_kernels::Matrix;
use ndarray::Zip;

use super::{GateDraw, room};
use gatelab_kernels::{RandomSource, Real};

/// `u` uniform, `p = σ(a)`, `b = 1[u < p]`.
///
/// The paper prints the comparison the other way round (Eq. 3), which would fire with probability `1 − σ(a)`; its Theorem 1
/// and the released code need this one.
pub(in crate::estimator) fn draw<R: Real>(logits: &Matrix<R>, noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
    room::sigmoid_of(&mut draw.probability, logits, |a| a);
    toss(noise, draw);
}

/// Throws the coins of the probabilities that are in the draw.
pub(in crate::estimator) fn toss<R: Real>(noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
    noise.uniform(room::flat(&mut draw.noise));
    Zip::from(&mut draw.gates).and(&draw.probability).and(&draw.noise).for_each(|b, &p, &u| *b = coin(u, p));
}

/// `1[u < p]`.
pub(in crate::estimator) fn coin<R: Real>(u: R, p: R) -> R {
    if u < p { R::one() } else { R::zero() }
}

/// Activation of the sparsity control: `p`, with slope `p(1−p)`.
pub(in crate::estimator) fn activation<R: Real>(draw: &GateDraw<R>, value: &mut Matrix<R>, slope: &mut Matrix<R>) {
    Zip::from(value).and(slope).and(&draw.probability).for_each(|v, s, &p| {
        *v = p;
        *s = p * (R::one() - p);
    });
}

/// `1[a > τ]`.
pub(in crate::estimator) fn test_gates<R: Real>(logits: &Matrix<R>, threshold: R, out: &mut Matrix<R>) {
    Zip::from(out).and(logits).for_each(|g, &a| *g = if a > threshold { R::one() } else { R::zero() });
}

/// Standard logistic noise `ℓ` from uniform numbers, turned so that `a + ℓ > 0` exactly where `u < σ(a)`: with the same
/// numbers, the same gates open as those of plain coins.
pub(in crate::estimator) fn logistic<R: Real>(noise: &mut dyn RandomSource<R>, draw: &mut GateDraw<R>) {
    let u = room::flat(&mut draw.noise);
    noise.uniform(u);
    R::logit_inplace(u);
    u.iter_mut().for_each(|u| *u = -*u);
}

/// `max(0, x)`, with NaN kept.
pub(in crate::estimator) fn rectified<R: Real>(x: R) -> R {
    if x < R::zero() { R::zero() } else { x }
}

/// `0..=1`, with NaN kept: a network that has diverged must not look like one with closed gates.
pub(in crate::estimator) fn clip<R: Real>(x: R) -> R {
    if x < R::zero() {
        R::zero()
    } else if x > R::one() {
        R::one()
    } else {
        x
    }
}
