//! A small network that learns to predict the loss from the relaxed gates: RELAX's control variate.
//!
//! ```text
//! r(z) = w₀ + Σ_k w_k h_k,    h_k = tanh(s_k),    s_k = c_k + Σ_i W_ki z_i
//! ```
//!
//! It learns by gradient descent (Adam) on the estimate's mean square `‖g‖²`, whose mean over draws differs from the estimate's
//! variance by a constant. The estimate contains values of `r` and its gradient `∂r/∂z_i`, so its square's gradient needs the
//! derivatives of `F = γ·r(z) + Σ_i v_i ∂r/∂z_i` with respect to the weights, for given `γ` and `v`. With `e_k = Σ_i W_ki v_i`
//!
//! ```text
//! F      = γ(w₀ + Σ w_k h_k) + Σ w_k (1 − h_k²) e_k
//! ∂F/∂w₀ = γ        ∂F/∂w_k = γ h_k + (1 − h_k²) e_k
//! ∂F/∂s_k = w_k (1 − h_k²)(γ − 2 h_k e_k) = δ_k     ∂F/∂c_k = δ_k     ∂F/∂W_ki = δ_k z_i + w_k (1 − h_k²) v_i
//! ```

use gatelab_kernels::{Adam, AdamUpdate, Purpose, RandomSource, Real, Rng, dot};

use crate::estimator::StateTensor;

/// Hidden units.
const HIDDEN: usize = 10;

/// `r(z)`: its weights, and the state of Adam.
#[derive(Clone, Debug)]
pub(in crate::estimator) struct Surrogate<R> {
    inputs: usize,
    /// `W` [HIDDEN × inputs], then `c`, `w` and `w₀`.
    weights: Vec<R>,
    /// Adam's moving averages of gradient and squared gradient, and the number of updates.
    means: Vec<R>,
    squares: Vec<R>,
    updates: R,
    gradient: Vec<R>,
    hidden: [R; HIDDEN],
}

/// Where the parts of the weights begin.
struct Parts {
    offsets: usize,
    output: usize,
    constant: usize,
}

impl<R: Real> Surrogate<R> {
    /// A network of this many inputs with `r = 0`: `w`, `w₀` and `c` are 0, `W` is uniform in ±1/√inputs from the run's seed.
    pub(in crate::estimator) fn new(inputs: usize, seed: u64) -> Self {
        let zeros = || vec![R::zero(); HIDDEN * inputs + 2 * HIDDEN + 1];
        let mut weights = zeros();
        let incoming = &mut weights[..HIDDEN * inputs];
        Rng::new(seed, Purpose::State, 0).uniform(incoming);
        let reach = R::from_f64(1.0 / (inputs.max(1) as f64).sqrt());
        incoming.iter_mut().for_each(|w| *w = (*w + *w - R::one()) * reach);
        let (means, squares, gradient) = (zeros(), zeros(), zeros());
        Self { inputs, weights, means, squares, updates: R::zero(), gradient, hidden: [R::zero(); HIDDEN] }
    }

    /// Number of inputs.
    pub(in crate::estimator) fn inputs(&self) -> usize {
        self.inputs
    }

    fn parts(&self) -> Parts {
        let offsets = HIDDEN * self.inputs;
        Parts { offsets, output: offsets + HIDDEN, constant: offsets + 2 * HIDDEN }
    }

    /// Multiply-adds of a value with its gradient, or of one term of the weights' gradient, per example.
    pub(in crate::estimator) fn macs(&self) -> usize {
        2 * HIDDEN * (self.inputs + 1)
    }

    fn activate(&mut self, z: &[R]) {
        let parts = self.parts();
        for (k, hidden) in self.hidden.iter_mut().enumerate() {
            let incoming = &self.weights[k * self.inputs..(k + 1) * self.inputs];
            *hidden = dot(incoming, z) + self.weights[parts.offsets + k];
        }
        R::tanh_inplace(&mut self.hidden);
    }

    /// `r(z)`, and `∂r/∂z` in `grad`; both slices of length G.
    pub(in crate::estimator) fn value_and_grad(&mut self, z: &[R], grad: &mut [R]) -> R {
        self.activate(z);
        let parts = self.parts();
        grad.fill(R::zero());
        let mut value = self.weights[parts.constant];
        for (k, &h) in self.hidden.iter().enumerate() {
            let out = self.weights[parts.output + k];
            value += out * h;
            let through = out * (R::one() - h * h);
            let incoming = &self.weights[k * self.inputs..(k + 1) * self.inputs];
            grad.iter_mut().zip(incoming).for_each(|(grad, &w)| *grad += through * w);
        }
        value
    }

    /// Adds the derivatives of `γ·r(z) + Σ_i v_i ∂r/∂z_i` to the gradient.
    pub(in crate::estimator) fn accumulate(&mut self, z: &[R], gamma: R, v: &[R]) {
        self.activate(z);
        let parts = self.parts();
        let two = R::from_f64(2.0);
        self.gradient[parts.constant] += gamma;
        for (k, &h) in self.hidden.iter().enumerate() {
            let block = k * self.inputs..(k + 1) * self.inputs;
            let out = self.weights[parts.output + k];
            let rest = R::one() - h * h;
            let along = dot(&self.weights[block.clone()], v);
            let delta = out * rest * (gamma - two * h * along);
            self.gradient[parts.output + k] += gamma * h + rest * along;
            self.gradient[parts.offsets + k] += delta;
            let through = out * rest;
            for ((gradient, &z), &v) in self.gradient[block].iter_mut().zip(z).zip(v) {
                *gradient += delta * z + through * v;
            }
        }
    }

    /// One step of Adam with `scale` times the gradient accumulated since the last one.
    pub(in crate::estimator) fn update(&mut self, rate: R, scale: R) {
        self.updates += R::one();
        self.gradient.iter_mut().for_each(|g| *g *= scale);
        let Self { weights, gradient, means, squares, .. } = self;
        let update = AdamUpdate { weights, gradient, mean: means, square: squares };
        Adam::default().step(rate, self.updates.as_f64(), update);
        self.gradient.fill(R::zero());
    }

    /// Everything it has learned.
    pub(in crate::estimator) fn visit<'a>(&'a self, visit: &mut dyn FnMut(StateTensor<'a, R>)) {
        visit(StateTensor::vector("surrogate-weights", &self.weights));
        visit(StateTensor::vector("surrogate-gradient-means", &self.means));
        visit(StateTensor::vector("surrogate-gradient-squares", &self.squares));
        visit(StateTensor::vector("surrogate-updates", std::slice::from_ref(&self.updates)));
    }

    /// The same, to be overwritten.
    pub(in crate::estimator) fn visit_mut(&mut self, visit: &mut dyn FnMut(&mut [R])) {
        visit(&mut self.weights);
        visit(&mut self.means);
        visit(&mut self.squares);
        visit(std::slice::from_mut(&mut self.updates));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> Surrogate<f64> {
        let mut network = Surrogate::new(3, 1);
        for (i, w) in network.weights.iter_mut().enumerate() {
            *w = libm::sin(1.0 + 3.7 * i as f64);
        }
        network
    }

    fn value(network: &mut Surrogate<f64>, z: &[f64]) -> (f64, Vec<f64>) {
        let mut slopes = vec![0.0; 3];
        (network.value_and_grad(z, &mut slopes), slopes)
    }

    #[test]
    fn gradients_are_differences() {
        let (mut network, z, h) = (network(), [0.3, -0.8, 0.5], 1e-5);
        let (_, slopes) = value(&mut network, &z);
        for i in 0..3 {
            let mut at = |step: f64| {
                let mut moved = z;
                moved[i] += step;
                value(&mut network, &moved).0
            };
            assert!(((at(h) - at(-h)) / (2.0 * h) - slopes[i]).abs() < 1e-8);
        }
    }

    #[test]
    fn derivatives_with_respect_to_the_weights_are_differences() {
        let (mut network, z, v, gamma, h) = (network(), [0.3, -0.8, 0.5], [0.7, 1.1, -0.4], -1.3, 1e-5);
        network.accumulate(&z, gamma, &v);
        let gradient = network.gradient.clone();
        let objective = |network: &mut Surrogate<f64>| {
            let (value, slopes) = value(network, &z);
            gamma * value + slopes.iter().zip(v).map(|(s, v)| s * v).sum::<f64>()
        };
        for (i, &found) in gradient.iter().enumerate() {
            let at = |step: f64| {
                let mut moved = network.clone();
                moved.weights[i] += step;
                objective(&mut moved)
            };
            let difference = (at(h) - at(-h)) / (2.0 * h);
            assert!((difference - found).abs() < 1e-7, "weight {i}: {found} and {difference}");
        }
    }

    #[test]
    fn starts_at_zero_and_descends() {
        let mut network = Surrogate::<f64>::new(3, 1);
        let z = [0.3, -0.8, 0.5];
        assert!(value(&mut network, &z).0.abs() < 1e-300);
        for _ in 0..400 {
            let (value, _) = value(&mut network, &z);
            network.accumulate(&z, 2.0 * (value - 1.5), &[0.0; 3]);
            network.update(0.01, 1.0);
        }
        assert!((value(&mut network, &z).0 - 1.5).abs() < 1e-2);
    }
}
