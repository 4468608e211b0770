//! The Adam optimizer.

use super::real::Real;

/// Hyperparameters of Adam (Kingma & Ba 2015, “Adam: A Method for Stochastic Optimization”, Algorithm 1).
///
/// ```text
/// m ← β₁m + (1 − β₁)g        m̂ = m/(1 − β₁ᵗ)
/// v ← β₂v + (1 − β₂)g²       v̂ = v/(1 − β₂ᵗ)
/// w ← w − η m̂/(√v̂ + ε)
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// Decay β₁ of the mean gradient, 0 ≤ β₁ < 1.
    pub beta1: f64,
    /// Decay β₂ of the mean squared gradient, 0 ≤ β₂ < 1.
    pub beta2: f64,
    /// ε > 0, which bounds the step where gradients are tiny.
    pub epsilon: f64,
}

impl Default for Adam {
    /// The paper's β₁ = 0.9, β₂ = 0.999, ε = 1e-8.
    fn default() -> Self {
        Self { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 }
    }
}

/// Weights with their gradient and Adam's moving averages, all of one length.
#[derive(Debug)]
pub struct AdamUpdate<'a, R> {
    /// w.
    pub weights: &'a mut [R],
    /// g.
    pub gradient: &'a [R],
    /// m: 0 before the first step.
    pub mean: &'a mut [R],
    /// v: 0 before the first step.
    pub square: &'a mut [R],
}

impl Adam {
    /// One step with learning rate η. `t` is the number of this step, 1 for the first. A weight whose averages would overflow skips
    /// the step: an average that is not finite would stay so for ever.
    ///
    /// # Panics
    /// If the lengths differ or `t` is below 1.
    pub fn step<R: Real>(&self, rate: R, t: f64, update: AdamUpdate<'_, R>) {
        let AdamUpdate { weights, gradient, mean, square } = update;
        let lengths = [weights.len(), gradient.len(), mean.len(), square.len()];
        assert!(lengths.iter().all(|&length| length == lengths[0]), "weights, gradient and averages of one length");
        assert!(t >= 1.0, "steps are counted from 1");
        let correction = |beta: f64| R::from_f64(1.0 - libm::pow(beta, t));
        let (correction1, correction2) = (correction(self.beta1), correction(self.beta2));
        let [beta1, beta2, epsilon] = [self.beta1, self.beta2, self.epsilon].map(R::from_f64);
        for ((w, &g), (m, v)) in weights.iter_mut().zip(gradient).zip(mean.iter_mut().zip(square)) {
            let mean = beta1 * *m + (R::one() - beta1) * g;
            let square = beta2 * *v + (R::one() - beta2) * g * g;
            let weight = *w - rate * (mean / correction1) / ((square / correction2).sqrt() + epsilon);
            if mean.is_finite() && square.is_finite() && weight.is_finite() {
                (*w, *m, *v) = (weight, mean, square);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_is_the_learning_rate_against_the_sign_of_the_gradient() {
        let (mut w, mut m, mut v) = ([1.0_f64, 1.0, 1.0], [0.0; 3], [0.0; 3]);
        let update = AdamUpdate { weights: &mut w, gradient: &[3.0, -0.02, 0.0], mean: &mut m, square: &mut v };
        Adam::default().step(0.1, 1.0, update);
        for (w, expected) in w.iter().zip([0.9, 1.1, 1.0]) {
            assert!((w - expected).abs() < 1e-6, "{w} is not {expected}");
        }
    }

    #[test]
    fn steps_follow_the_published_formulas() {
        let (mut w, mut m, mut v) = ([0.5_f64], [0.0], [0.0]);
        let (mut expected, mut mean, mut square) = (0.5_f64, 0.0, 0.0);
        for t in 1..=20 {
            let g = f64::from(t) * 0.3 - 2.0;
            let update = AdamUpdate { weights: &mut w, gradient: &[g], mean: &mut m, square: &mut v };
            Adam::default().step(0.05, f64::from(t), update);
            mean = 0.9 * mean + 0.1 * g;
            square = 0.999 * square + 0.001 * g * g;
            let (mean, square) = (mean / (1.0 - 0.9_f64.powi(t)), square / (1.0 - 0.999_f64.powi(t)));
            expected -= 0.05 * mean / (square.sqrt() + 1e-8);
            assert!((w[0] - expected).abs() < 1e-12, "step {t}: {} is not {expected}", w[0]);
        }
    }
}
